/**
 * Date and time patterns such as `D MMM YYYY HH:mm:ss`. Names of months are English always, whatever the
 * language of the machine.
 */
import { InvalidError } from '../errors.ts'
import { US_PER_HOUR, US_PER_MIN, US_PER_MS, US_PER_S } from '../model/time.ts'

/** Microseconds as if the wall clock were UTC; undefined when a text does not fit or there is no such date. */
export type WallTimePattern = (text: string) => number | undefined

/** What a token matches, under the name of what it says; every name may be there once. */
const TOKENS: Readonly<Record<string, string>> = {
  YYYY: '(?<year>\\d{4})',
  YY: '(?<shortYear>\\d{2})',
  MMM: '(?<monthName>[A-Za-z]{3})',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  DD: '(?<day>\\d{2})',
  D: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  hh: '(?<hour>\\d{2})',
  h: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  A: '(?<half>[AaPp][Mm])',
  a: '(?<half>[AaPp][Mm])',
}
const PIECES = /\[[^\]]*\]|YYYY|YY|MMM|MM|M|DD|D|HH|H|hh|h|mm|ss|S+|A|a|./gsu
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
/** Years of two digits lie in 1970 to 2069. */
const SHORT_YEAR_PIVOT = 70
const PATTERN_CHARS_MAX = 100

/**
 * Compiles a pattern of the tokens above, an `S` for each digit of a fraction of a second, `[letters]` that
 * stand for themselves, and anything else that is no letter. A blank matches one or more.
 * @throws {InvalidError} on `time_format`: an unknown letter, a part given twice, or no whole date.
 */
export function compileTimePattern(pattern: string): WallTimePattern {
  if (pattern.length > PATTERN_CHARS_MAX) {
    throw InvalidError.field('time_format', `is longer than ${PATTERN_CHARS_MAX} characters`)
  }
  const source = withSingleBlanks(pattern).replace(PIECES, (piece) => matcherOf(piece, pattern))
  checkParts(source, pattern)
  const expression = new RegExp(`^${source}$`)
  return (text) => {
    const parts = expression.exec(withSingleBlanks(text))?.groups
    return parts === undefined ? undefined : wallTimeUs(parts)
  }
}

/** The expression has no `\s+`, since several of them could take for ever on a long run of blanks. */
function withSingleBlanks(text: string): string {
  return text.replace(/\s+/g, ' ')
}

function matcherOf(piece: string, pattern: string): string {
  if (Object.hasOwn(TOKENS, piece)) return TOKENS[piece]
  if (piece[0] === 'S') return `(?<fraction>\\d{${piece.length}})`
  if (piece.length > 1 && piece[0] === '[') return literal(piece.slice(1, -1))
  if (/\p{L}/u.test(piece)) {
    throw InvalidError.field(
      'time_format',
      `"${piece}" in "${pattern}" stands for nothing. Give iso, s, ms, us, ns, or a pattern such as ` +
        'D MMM YYYY HH:mm:ss, with [letters] that stand for themselves in brackets',
    )
  }
  return literal(piece)
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

function checkParts(source: string, pattern: string): void {
  const names = Array.from(source.matchAll(/\(\?<(\w+)>/g), ([, name]) => name)
  const repeated = names.find((name, i) => names.indexOf(name) !== i)
  if (repeated !== undefined) {
    throw InvalidError.field('time_format', `"${pattern}" says the ${repeated} twice`)
  }
  const choices = [['year', 'shortYear'], ['month', 'monthName'], ['day']]
  if (choices.some((choice) => names.filter((name) => choice.includes(name)).length !== 1)) {
    throw InvalidError.field(
      'time_format',
      `"${pattern}" is no whole date; it takes one of YYYY and YY, one of MMM, MM and M, and one of DD and D`,
    )
  }
  if (names.includes('half') && !names.includes('hour')) {
    throw InvalidError.field('time_format', `"${pattern}" has a half of the day and no hour`)
  }
}

function wallTimeUs(parts: Readonly<Record<string, string | undefined>>): number | undefined {
  const hour = hourOf(parts)
  const minute = Number(parts.minute ?? 0)
  const second = Number(parts.second ?? 0)
  const dayUs = dateUs({ year: yearOf(parts), month: monthOf(parts), day: Number(parts.day) })
  if (dayUs === undefined || hour === undefined || hour > 23 || minute > 59 || second > 59) return undefined
  const fractionUs = Number((parts.fraction ?? '').padEnd(6, '0').slice(0, 6))
  return dayUs + hour * US_PER_HOUR + minute * US_PER_MIN + second * US_PER_S + fractionUs
}

function yearOf({ year, shortYear }: Readonly<Record<string, string | undefined>>): number {
  if (year !== undefined) return Number(year)
  return Number(shortYear) + (Number(shortYear) < SHORT_YEAR_PIVOT ? 2000 : 1900)
}

/** From 1; 0 for a name that is none. */
function monthOf({ month, monthName }: Readonly<Record<string, string | undefined>>): number {
  return monthName === undefined ? Number(month) : MONTHS.indexOf(monthName.toLowerCase()) + 1
}

function hourOf({ hour = '0', half }: Readonly<Record<string, string | undefined>>): number | undefined {
  if (half === undefined) return Number(hour)
  if (Number(hour) < 1 || Number(hour) > 12) return undefined
  return (Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)
}

/** Midnight; undefined when there is no such day. */
function dateUs({ year, month, day }: { year: number; month: number; day: number }): number | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const isReal = year > 0 && month >= 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isReal ? date.getTime() * US_PER_MS : undefined
}
