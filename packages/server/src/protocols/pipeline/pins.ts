/** Values of pins as boards write and read them. */
import { INTEGER_PIN_COUNT, isPinValue, PINS } from '../../model/pins.ts'
import { RefusedRequest } from './errors.ts'

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
    given.push({ pin, value: pin < INTEGER_PIN_COUNT ? readInteger(pin, text) : readText(pin, text) })
  }
  return given
}

/** The value counts, not how many digits it is written with. */
function readInteger(pin: number, text: string): number {
  const value = Number(text)
  if (!/^[0-9]+$/.test(text) || !isPinValue(pin, value)) throw RefusedRequest.integer(PINS[pin])
  return value
}

function readText(pin: number, text: string): string {
  if (!isPinValue(pin, text)) throw RefusedRequest.text(PINS[pin])
  return text
}

/** What a pin can show of a value, which may have come by another door. */
export function addToRecord(record: PinRecord, { pin, value }: PinValue): void {
  const name = PINS[pin]
  if (pin >= INTEGER_PIN_COUNT) record.str_virtual_pin[name] = String(value)
  else if (typeof value === 'number') record.int_virtual_pin[name] = value
}
