/**
 * Times as people type them into a query: ISO 8601 in all its lengths, `2017/12/04 2:13 pm`, `4 Dec 2017`,
 * `Mon, 04 Dec 2017 02:13:00 GMT`, or seconds since 1970. A time without a zone is read off the clock on the
 * wall; one without a date is today's.
 */
import { parseIsoUs, US_PER_DAY, US_PER_S } from '../../model/time.ts'
import type { ZoneClock } from '../../model/zone-clock.ts'

export interface TimeContext {
  readonly zone: ZoneClock
  readonly nowUs: number
  /** Which of the two moments is meant of an hour that the clock shows twice. */
  readonly pass: 'first' | 'second'
}

const CHARS_MAX = 100
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const MONTH = `(${MONTHS.join('|')})[a-z]*`
const TIME = /(?<![\d:])(\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(am|pm)?|\s*(am|pm))(?![\d:])/
const ZONE = /(?:\b(?:utc|gmt)|(?<=\d)\s*z)(?![a-z])|(?<=\d)\s*([+-]\d{2}):?(\d{2})?$/
const EPOCH_S = /^\d{9,10}(?:\.\d{1,6})?$/

/** Microseconds since 1970, or undefined for what is no time. */
export function parseLenientTime(text: string, context: TimeContext): number | undefined {
  if (text.length > CHARS_MAX) return undefined
  if (EPOCH_S.test(text.trim())) return Math.round(Number(text) * US_PER_S)
  const iso = isoOf(text.trim().toLowerCase(), context)
  return iso === undefined ? undefined : parseIsoUs(iso, (localUs) => instantUs(localUs, context))
}

function instantUs(localUs: number, { zone, pass }: TimeContext): number {
  const { firstUs, secondUs } = zone.momentsUs(localUs)
  return pass === 'second' ? (secondUs ?? firstUs) : firstUs
}

/** The text in the one form that all of them can be brought to. */
function isoOf(text: string, context: TimeContext): string | undefined {
  const compact = text.replace(
    /^(\d{4})(\d{2})(\d{2})(?:[t ]?(\d{2})(\d{2})(\d{2})?)?(?!\d)/,
    (_, year, month, day, hour, minute, second = '00') =>
      `${year}-${month}-${day}${hour === undefined ? '' : ` ${hour}:${minute}:${second}`}`,
  )
  const zone = ZONE.exec(compact)
  const isZoned = zone !== null && TIME.test(compact)
  const unzoned = isZoned ? compact.replace(ZONE, '') : compact
  const time = TIME.exec(unzoned)
  const dateText = (time === null ? unzoned : unzoned.replace(TIME, ' ')).replace(/[t,]\s*$|,/g, ' ').trim()
  const date = dateText === '' && time !== null ? todayOf(context) : dateOf(dateText, context)
  const clock = time === null ? '00:00:00' : clockOf(time)
  if (date === undefined || clock === undefined) return undefined
  return `${date}T${clock}${isZoned ? offsetOf(zone) : ''}`
}

function clockOf([, hourText, minute = '00', second = '00', fraction, half1, half2]: RegExpExecArray) {
  const half = half1 ?? half2
  const hour = Number(hourText)
  if (half !== undefined && (hour < 1 || hour > 12)) return undefined
  const hours = half === undefined ? hour : (hour % 12) + (half === 'pm' ? 12 : 0)
  return `${two(hours)}:${minute}:${second}${fraction === undefined ? '' : `.${fraction}`}`
}

function offsetOf([, hours, minutes = '00']: RegExpExecArray): string {
  return hours === undefined ? 'Z' : `${hours}:${minutes}`
}

function dateOf(text: string, context: TimeContext): string | undefined {
  const bare = text.replace(/^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?\s+/, '')
  const yearFirst = /^(\d{4})[-/. ](\d{1,2})(?:[-/. ](\d{1,2}))?$/.exec(bare)
  if (yearFirst) return isoDate(yearFirst[1], yearFirst[2], yearFirst[3])
  const monthFirst = /^(\d{1,2})([/-])(\d{1,2})\2(\d{4})$/.exec(bare)
  if (monthFirst) {
    const [, a, , b, year] = monthFirst
    return Number(a) > 12 ? isoDate(year, b, a) : isoDate(year, a, b)
  }
  const dayFirst = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(bare)
  if (dayFirst) return isoDate(dayFirst[3], dayFirst[2], dayFirst[1])
  const named =
    new RegExp(`^(?<day>\\d{1,2})(?:st|nd|rd|th)?[-. ]+${MONTH}\\.?(?:[-. ]+(?<year>\\d{4}))?$`).exec(bare) ??
    new RegExp(`^${MONTH}\\.?\\s+(?<day>\\d{1,2})(?:st|nd|rd|th)?(?:\\s+(?<year>\\d{4}))?$`).exec(bare)
  if (named) {
    const month = MONTHS.findIndex((name) => named.includes(name)) + 1
    return isoDate(named.groups?.year ?? todayOf(context).slice(0, 4), String(month), named.groups?.day)
  }
  return /^\d{4}$/.test(bare) ? isoDate(bare, '1', '1') : undefined
}

function isoDate(year: string, month: string, day = '1'): string {
  return `${year}-${two(Number(month))}-${two(Number(day))}`
}

function todayOf({ zone, nowUs }: TimeContext): string {
  const localUs = nowUs + zone.at(nowUs).offsetUs
  const midnightUs = Math.floor(localUs / US_PER_DAY) * US_PER_DAY
  return new Date(midnightUs / 1_000).toISOString().slice(0, 10)
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
