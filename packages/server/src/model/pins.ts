/** Virtual pins of pipelines: eight for whole numbers and four for texts. A pin is known by its position. */

export const INTEGER_PIN_COUNT = 8
const TEXT_PIN_COUNT = 4
export const PIN_INTEGER_MAX = 9_999
export const PIN_CHARS_MAX = 128

/** `ivp1` … `ivp8`, `svp1` … `svp4`. */
export const PINS: readonly string[] = [
  ...Array.from({ length: INTEGER_PIN_COUNT }, (_, i) => `ivp${i + 1}`),
  ...Array.from({ length: TEXT_PIN_COUNT }, (_, i) => `svp${i + 1}`),
]

/** Whether a value may be written to a pin. */
export function isPinValue(pin: number, value: unknown): boolean {
  if (pin < INTEGER_PIN_COUNT) {
    return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= PIN_INTEGER_MAX
  }
  return typeof value === 'string' && value !== '' && !hasMoreCharacters(value, PIN_CHARS_MAX)
}

/** In code points, as the boards' manual counts. */
export function countCharacters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

function hasMoreCharacters(text: string, charsMax: number): boolean {
  return text.length > charsMax && countCharacters(text) > charsMax
}
