/**
 * Bounds of a range, read as leniently as old clients write them: `2019-09-11 12:%`, `2019/09/11 12-15-00`,
 * `20190911121500`. A bound is a moment, not a pattern; a wildcard is only so much punctuation.
 */

/** Eight digits, or fourteen; a `T` may stand before the time. */
const COMPACT = /^\s*(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2}))?(?!\d)/
const YEAR = /^\s*(\d{4}|\d{2})(?!\d)/
/** What stands between two fields, and the field. A number too long for its field is out of its range. */
const NEXT_FIELD = /(?:[!-/:-@[-`{-~\s]+|T)(\d+)/y
const FRACTION = /\.(\d+)/y

/** Month, day, hour, minute, second. Day 31 is taken in every month: it lies between its last day and the next. */
const LEAST = [1, 1, 0, 0, 0]
const MOST = [12, 31, 23, 59, 59]
const FIELD_COUNT = 1 + LEAST.length

/**
 * The bound as text that compares with a row's `YYYY-MM-DD HH:MM:SS`, perhaps with a fraction behind it.
 * Missing fields are the first of their kind; reading stops, without complaint, at what does not fit.
 * @returns undefined when there is no date or a field is out of its range (month 13, hour 25).
 */
export function parseLenientDateTime(text: string): string | undefined {
  const start = COMPACT.exec(text) ?? YEAR.exec(text)
  if (!start) return undefined
  const [year, ...rest] = start.slice(1).filter((field) => field !== undefined)
  let end = start[0].length
  while (1 + rest.length < FIELD_COUNT) {
    NEXT_FIELD.lastIndex = end
    const next = NEXT_FIELD.exec(text)
    if (!next) break
    rest.push(next[1])
    end = NEXT_FIELD.lastIndex
  }
  const numbers = LEAST.map((least, index) => (index < rest.length ? Number(rest[index]) : least))
  if (numbers.some((number, index) => number < LEAST[index] || number > MOST[index])) return undefined
  const [month, day, hour, minute, second] = numbers.map((number) => String(number).padStart(2, '0'))
  const fraction = 1 + rest.length === FIELD_COUNT ? readFraction(text, end) : ''
  return `${fullYear(year)}-${month}-${day} ${hour}:${minute}:${second}${fraction}`
}

/** Two digits mean 1970 … 2069. */
function fullYear(year: string): string {
  if (year.length === 4) return year
  return `${Number(year) >= 70 ? '19' : '20'}${year}`
}

/** To the microsecond; zeros at the end go, because `12:00:00.0` must not sort behind `12:00:00`. */
function readFraction(text: string, at: number): string {
  FRACTION.lastIndex = at
  const digits = FRACTION.exec(text)?.[1].slice(0, 6).replace(/0+$/, '') ?? ''
  return digits === '' ? '' : `.${digits}`
}
