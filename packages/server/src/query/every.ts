/** The width of a bucket as it is written in a query: `5m`, `1h`, `1d`, `1mo`. */
import { InvalidError } from '../errors.ts'
import { US_PER_DAY, US_PER_HOUR, US_PER_MIN, US_PER_MS, US_PER_S } from '../model/time.ts'

export type EveryUnit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w' | 'mo' | 'y'

export interface Every {
  /** A positive whole number. */
  readonly count: number
  readonly unit: EveryUnit
}

/** Widths of the units on a clock that is never put forward or back; months and years are left out. */
export const UNIT_US = {
  ms: US_PER_MS,
  s: US_PER_S,
  m: US_PER_MIN,
  h: US_PER_HOUR,
  d: US_PER_DAY,
  w: 7 * US_PER_DAY,
} as const

/** Far wider than any range of points, and narrow enough for exact arithmetic. */
const EVERY_US_MAX = 1_000 * 366 * US_PER_DAY

/** @throws {InvalidError} on `every`. */
export function parseEvery(text: string): Every {
  const match = /^(\d+)(ms|s|m|h|d|w|mo|y)$/.exec(text.trim())
  if (!match) {
    throw InvalidError.field(
      'every',
      'give a whole number and a unit of ms, s, m, h, d, w, mo or y, such as 5m or 1d',
    )
  }
  const every = { count: Number(match[1]), unit: match[2] as EveryUnit }
  if (every.count < 1) throw InvalidError.field('every', 'must be at least 1 of its unit')
  if (every.count * widestUs(every.unit) > EVERY_US_MAX) {
    throw InvalidError.field(
      'every',
      'must be at most 1000 years; leave it out for one row over the whole range',
    )
  }
  return every
}

function widestUs(unit: EveryUnit): number {
  if (unit === 'mo') return 31 * US_PER_DAY
  return unit === 'y' ? 366 * US_PER_DAY : UNIT_US[unit]
}
