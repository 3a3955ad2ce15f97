/**
 * What all slugs share: `<letter>--<term>[--<term>…]`, each term groups of four hexadecimal digits joined by
 * `-`. A text may leave out zeros and whole groups on the left and use capitals; what is written is always
 * padded and lower case. Ids have up to 64 bits, more than a number holds, so inside they go in two halves.
 */
import { SlugError } from '../errors.ts'

/** What a caller may name an object by: its number, or its slug with or without letter and padding. */
export type SlugId = number | bigint | string

/** An id as `high` × 2^48 + `low`: 48 bits in `low` and all else in `high`, which is negative for a negative id. */
export interface WideId {
  readonly high: number
  readonly low: number
}

/** A device, or its data block when `block` is not 0; the two halves of the 64 bits. */
export interface DeviceTerm {
  readonly block: number
  readonly device: number
}

const LOW_BITS = 48
const LOW_SIZE = 2 ** LOW_BITS
const LOW_TOP_DIGIT = LOW_SIZE / 16
const DASH = 0x2d

/**
 * Reads a term such as `00d2`, `0000-00D2` or `0xd2`; undefined when it is not hexadecimal. Groups after the
 * first must be whole: nobody can tell whether `1-2` means 12 or 10002.
 */
export function parseTerm(term: string): WideId | undefined {
  let high = 0
  let low = 0
  let digitCount = 0
  let isFirstGroup = true
  // Digit by digit, since a pattern runs out of stack, and throws, on a text of many megabytes.
  for (let at = hasPrefix(term) ? 2 : 0; at < term.length; at++) {
    const code = term.charCodeAt(at)
    if (code === DASH) {
      if (!isWholeGroup(digitCount, isFirstGroup)) return undefined
      isFirstGroup = false
      digitCount = 0
      continue
    }
    const digit = hexDigit(code)
    if (digit === undefined) return undefined
    const carried = Math.floor(low / LOW_TOP_DIGIT)
    high = high * 16 + carried
    low = (low - carried * LOW_TOP_DIGIT) * 16 + digit
    digitCount++
  }
  return isWholeGroup(digitCount, isFirstGroup) ? { high, low } : undefined
}

function hasPrefix(term: string): boolean {
  return term.startsWith('0x') || term.startsWith('0X')
}

function isWholeGroup(digitCount: number, isFirstGroup: boolean): boolean {
  return digitCount > 0 && (isFirstGroup || digitCount % 4 === 0)
}

function hexDigit(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lowerCase = code | 0x20
  return lowerCase >= 0x61 && lowerCase <= 0x66 ? lowerCase - 0x57 : undefined
}

/** Whether an id is at least 0 and has no more than so many bits, 1 to 64. */
export function fits({ high, low }: WideId, bits: number): boolean {
  return bits <= LOW_BITS ? high === 0 && low < 2 ** bits : high >= 0 && high < 2 ** (bits - LOW_BITS)
}

/** @throws {SlugError} the term is not hexadecimal. */
export function readTerm(term: string): WideId {
  const id = parseTerm(term)
  if (!id) throw new SlugError(`Expected HEX number. Got ${term}`)
  return id
}

/** Splits a whole number of any size; undefined when the value is no such number. */
export function splitNumber(value: unknown): WideId | undefined {
  if (typeof value === 'bigint') return { high: Number(value >> 48n), low: Number(BigInt.asUintN(48, value)) }
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined
  const high = Math.floor(value / LOW_SIZE)
  return { high, low: value - high * LOW_SIZE }
}

/**
 * Reads the id of a slug with one term: a number, or a text with or without `<letter>--`.
 * @throws {SlugError} another letter, not hexadecimal, or neither number nor text. The range is unchecked.
 */
export function readId(id: unknown, { name, letter }: { name: string; letter: string }): WideId {
  if (typeof id === 'string') {
    const [before, term] = splitLetter(id)
    if (before !== undefined && before !== letter)
      throw new SlugError(`${name}: must start with a "${letter}"`)
    return readTerm(term)
  }
  const number = splitNumber(id)
  if (!number) throw new SlugError(`${name}: must be an int or str`)
  return number
}

/** What stands before the first `--`, if there is one, and the rest. */
export function splitLetter(text: string): [letter: string | undefined, rest: string] {
  const at = text.indexOf('--')
  return at === -1 ? [undefined, text] : [text.slice(0, at), text.slice(at + 2)]
}

/**
 * A double beyond 2^53 may stand for a neighbour of the id that was meant, so only a bigint will do there.
 * @throws {SlugError} such a number.
 */
export function requireExact(name: string, id: unknown): void {
  if (typeof id === 'number' && !Number.isSafeInteger(id)) {
    throw new SlugError(`${name}: an id beyond 2^53 must be a bigint or a text`)
  }
}

/**
 * Writes an id as so many groups, 1 to 3: `formatTerm(210, 2)` is `0000-00d2`.
 * @throws {SlugError} not a whole number of that many groups; cut to fit it would name another object.
 */
export function formatTerm(id: number, groupCount: number): string {
  const digitCount = 4 * groupCount
  if (!Number.isInteger(id) || id < 0 || id >= 16 ** digitCount) {
    throw new SlugError(`Expected a whole number from 0 and less than 16^${digitCount}. Got ${id}`)
  }
  const digits = id.toString(16).padStart(digitCount, '0')
  let term = digits.slice(0, 4)
  for (let at = 4; at < digitCount; at += 4) term += `-${digits.slice(at, at + 4)}`
  return term
}

/** Writes the four groups of a device or data block. */
export function formatDeviceTerm({ block, device }: DeviceTerm): string {
  return `${formatTerm(block, 1)}-${formatTerm(device, 3)}`
}
