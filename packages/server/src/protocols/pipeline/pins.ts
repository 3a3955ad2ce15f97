/** Virtual pins: eight for whole numbers and four for texts. */
import { RefusedRequest } from './errors.ts'

export const INTEGER_PIN_COUNT = 8
const TEXT_PIN_COUNT = 4
const INTEGER_MAX = 9_999
const TEXT_CHARS_MAX = 128

/** A pin is known by its position here: the numbers first. */
export const PINS: readonly string[] = [
  ...Array.from({ length: INTEGER_PIN_COUNT }, (_, i) => `ivp${i + 1}`),
  ...Array.from({ length: TEXT_PIN_COUNT }, (_, i) => `svp${i + 1}`),
]

export interface PinValue {
  /** Position in `PINS`. */
  readonly pin: number
  readonly value: number | string
}

/** As boards read it: both maps are always there. */
export interface PinRecord {
  readonly int_virtual_pin: Record<string, number>
  readonly str_virtual_pin: Record<string, string>
}

/**
 * The pins that a request gives, in order; one without a value counts as not given.
 * @throws {RefusedRequest} the first value that is out of bounds.
 */
export function readPins(parameters: Readonly<Record<string, string | undefined>>): PinValue[] {
  const given: PinValue[] = []
  for (let pin = 0; pin < PINS.length; pin++) {
    const text = parameters[PINS[pin]]
    if (text === undefined || text === '') continue
    const value = pin < INTEGER_PIN_COUNT ? readInteger(text) : readText(text)
    if (value === undefined) {
      throw pin < INTEGER_PIN_COUNT ? RefusedRequest.integer(PINS[pin]) : RefusedRequest.text(PINS[pin])
    }
    given.push({ pin, value })
  }
  return given
}

/** The value counts, not how many digits it is written with. */
function readInteger(text: string): number | undefined {
  const value = Number(text)
  return /^[0-9]+$/.test(text) && value <= INTEGER_MAX ? value : undefined
}

function readText(text: string): string | undefined {
  return hasMoreCharacters(text, TEXT_CHARS_MAX) ? undefined : text
}

/** Counts code points, as the boards' manual does. */
export function countCharacters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

function hasMoreCharacters(text: string, charsMax: number): boolean {
  return text.length > charsMax && countCharacters(text) > charsMax
}

/** What a pin can show of a value, which may have come by another door. */
export function addToRecord(record: PinRecord, { pin, value }: PinValue): void {
  const name = PINS[pin]
  if (pin >= INTEGER_PIN_COUNT) record.str_virtual_pin[name] = String(value)
  else if (typeof value === 'number') record.int_virtual_pin[name] = value
}
