/** Numbers and booleans of line protocol in every form: the slow way, for what the parser does not read by itself. */

export interface LineNumber {
  readonly value: number
  /** An integer of over 53 bits that no float64 is equal to; `value` is the nearest one. */
  readonly isRounded: boolean
}

const TRUE_WORDS: ReadonlySet<string> = new Set(['t', 'T', 'true', 'True', 'TRUE'])
const FALSE_WORDS: ReadonlySet<string> = new Set(['f', 'F', 'false', 'False', 'FALSE'])

const FLOAT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const INTEGER = /^([+-]?)(\d+)([iu])$/
/** Of 2^64 - 1; more would take long to read and is out of range anyway. */
const INTEGER_DIGITS_MAX = 20
const QUOTED_CHARS_MAX = 40

const RANGES = {
  i: { least: -(2n ** 63n), most: 2n ** 63n - 1n },
  u: { least: 0n, most: 2n ** 64n - 1n },
} as const

/** A field value that is no text; a string is the reason why it is no number or boolean either. */
export function parseLineNumber(token: string): LineNumber | string {
  if (TRUE_WORDS.has(token)) return { value: 1, isRounded: false }
  if (FALSE_WORDS.has(token)) return { value: 0, isRounded: false }
  if (FLOAT.test(token)) {
    const value = Number(token)
    return Number.isFinite(value) ? { value, isRounded: false } : `${quoted(token)} is too large for a number`
  }
  const match = INTEGER.exec(token)
  if (match === null) return `${quoted(token)} is no value; a text has quotation marks around it`
  const [, sign, written, suffix] = match
  const digits = written.replace(/^0+/, '') || '0'
  const range = RANGES[suffix === 'u' ? 'u' : 'i']
  const exact = digits.length > INTEGER_DIGITS_MAX ? undefined : BigInt(sign === '-' ? `-${digits}` : digits)
  if (exact === undefined || exact < range.least || exact > range.most) {
    return `${quoted(token)} is outside of 64 bits`
  }
  const value = Number(exact)
  return { value, isRounded: BigInt(value) !== exact }
}

function quoted(token: string): string {
  return JSON.stringify(token.length <= QUOTED_CHARS_MAX ? token : `${token.slice(0, QUOTED_CHARS_MAX)}…`)
}
