/**
 * Decimal numbers as exact text, the way a decimal(15,5) column keeps them: five digits after the point,
 * at most ten before it. Nothing passes through binary floating point.
 */
import { InvalidError } from '../../errors.ts'

const FRACTION_DIGITS = 5
const DIGITS_MAX = 15
const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?$/

/**
 * `-8.382` becomes `-8.38200`. Digits beyond the fifth are rounded half up, away from zero; zero has no sign.
 * @throws {InvalidError} not a sign, digits and a fraction, or too large; the message names the cause.
 */
export function exactDecimal(text: string): string {
  const match = NUMBER.exec(text)
  if (!match) throw new InvalidError('it is not a decimal number')
  const [, sign, whole, fraction = ''] = match
  const kept = BigInt(whole + fraction.slice(0, FRACTION_DIGITS).padEnd(FRACTION_DIGITS, '0'))
  const scaled = fraction.charAt(FRACTION_DIGITS) >= '5' ? kept + 1n : kept
  const digits = scaled.toString().padStart(FRACTION_DIGITS + 1, '0')
  if (digits.length > DIGITS_MAX) {
    throw new InvalidError(`it has more than ${DIGITS_MAX - FRACTION_DIGITS} digits before the point`)
  }
  const minus = sign === '-' && scaled !== 0n ? '-' : ''
  return `${minus}${digits.slice(0, -FRACTION_DIGITS)}.${digits.slice(-FRACTION_DIGITS)}`
}
