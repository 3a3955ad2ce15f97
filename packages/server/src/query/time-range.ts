/** When a query starts and ends, from what its caller wrote. */
import type { Temporal } from 'temporal-polyfill'
import { InvalidError } from '../errors.ts'
import { temporal } from '../model/temporal.ts'
import { parseIsoUs, TIME_US_MAX, TIME_US_MIN, US_PER_MS } from '../model/time.ts'
import { type EveryUnit, UNIT_US } from './every.ts'
import { zoneClock } from './zone-clock.ts'

export interface TimeContext {
  /** What to call the parameter in an error. */
  readonly field: string
  readonly nowUs: number
  /** IANA name: the zone of date-times without one, and of days, weeks, months and years back from now. */
  readonly timeZone: string
}

/**
 * Reads one end of a range:
 *
 * - ISO 8601, in `timeZone` when the text names no zone itself
 * - milliseconds since the epoch, with a fraction down to the microsecond
 * - `now`, or a span back from it such as `-24h`. Hours and shorter are so many seconds; days and longer
 *   go back on the calendar, so that `-1d` is the same time on yesterday's clock.
 * @throws {InvalidError} on the field: no such time, or one outside the years 1 to 9999.
 */
export function parseTimeUs(text: string, context: TimeContext): number {
  const trimmed = text.trim()
  const timeUs =
    parseRelativeUs(trimmed, context) ?? parseEpochMs(trimmed) ?? parseZonedIsoUs(trimmed, context.timeZone)
  if (timeUs === undefined) {
    throw InvalidError.field(
      context.field,
      'give ISO 8601 (2024-05-01T00:00:00Z), milliseconds since 1970, now, or a span back from now such as ' +
        '-24h (units ms, s, m, h, d, w, mo, y)',
    )
  }
  if (!(timeUs >= TIME_US_MIN && timeUs <= TIME_US_MAX)) {
    throw InvalidError.field(context.field, 'lies outside of the years 1 to 9999; numbers count milliseconds')
  }
  return timeUs
}

function parseRelativeUs(text: string, { nowUs, timeZone }: TimeContext): number | undefined {
  if (text === 'now') return nowUs
  const match = /^-(\d+)(ms|s|m|h|d|w|mo|y)$/.exec(text)
  if (!match) return undefined
  const count = Number(match[1])
  const unit = match[2] as EveryUnit
  switch (unit) {
    case 'ms':
    case 's':
    case 'm':
    case 'h':
      return nowUs - count * UNIT_US[unit]
    case 'd':
      return backOnCalendarUs({ nowUs, timeZone, back: { days: count } })
    case 'w':
      return backOnCalendarUs({ nowUs, timeZone, back: { weeks: count } })
    case 'mo':
      return backOnCalendarUs({ nowUs, timeZone, back: { months: count } })
    case 'y':
      return backOnCalendarUs({ nowUs, timeZone, back: { years: count } })
  }
}

interface CalendarStep {
  readonly nowUs: number
  readonly timeZone: string
  readonly back: Temporal.DurationLike
}

/** Minus infinity where the calendar has no such day, which is outside of any accepted range. */
function backOnCalendarUs({ nowUs, timeZone, back }: CalendarStep): number {
  const now = temporal()
    .Instant.fromEpochNanoseconds(BigInt(nowUs) * 1_000n)
    .toZonedDateTimeISO(timeZone)
  try {
    return Number(now.subtract(back).epochNanoseconds / 1_000n)
  } catch (error) {
    if (error instanceof RangeError) return Number.NEGATIVE_INFINITY
    throw error
  }
}

function parseEpochMs(text: string): number | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!match) return undefined
  const [, sign, wholeMs, fraction = ''] = match
  const sizeUs = Number(wholeMs) * US_PER_MS + Number(fraction.slice(0, 3).padEnd(3, '0'))
  return sign === '-' ? -sizeUs : sizeUs
}

function parseZonedIsoUs(text: string, timeZone: string): number | undefined {
  return parseIsoUs(text, (localUs) => zoneClock(timeZone).firstInstantUs(localUs))
}
