/**
 * Cuts time into buckets.
 *
 * One rule for all units: a bucket starts when the wall clock of the zone first reaches a whole multiple of
 * the width, counted from 1970 (weeks from a Monday). In UTC that is so many seconds since the epoch; in a
 * zone hours start at its full hours, `6h` at 0, 6, 12 and 18 o'clock, and a day has 23 or 25 hours when
 * the clock is put forward or back. An hour that the clock repeats is one of its own for buckets of at most
 * that width; wider ones grow by it.
 */
import { US_PER_DAY, US_PER_MS } from '../model/time.ts'
import type { OffsetSpan, ZoneClock } from '../model/zone-clock.ts'
import type { TimeRange } from '../points/point-store.ts'
import { type Every, UNIT_US } from './every.ts'
import { zoneClock } from './zone-clock.ts'

export interface BucketRule {
  readonly every: Every
  /** IANA name. */
  readonly timeZone: string
}

/** Neighbouring buckets that cover a range. */
export interface Buckets {
  /** Where each bucket starts by its rule; the first may start before the range. */
  readonly startsUs: Float64Array
  /** One more than buckets, cut to the range: what to ask the points store for. */
  readonly edgesUs: Float64Array
}

/** Buckets of a wall clock, numbered along the time that it shows. */
interface LocalGrid {
  /** At least so wide. */
  readonly widthUs: number
  numberOf(localUs: number): number
  startUs(number: number): number
}

/** About how many buckets cover a range: exact but for a repeated or skipped hour. */
export function estimateBucketCount(range: TimeRange, rule: BucketRule): number {
  if (range.toUs <= range.fromUs) return 0
  const clock = zoneClock(rule.timeZone)
  const grid = localGrid(rule.every)
  const [first, last] = [range.fromUs, range.toUs - 1].map((timeUs) =>
    grid.numberOf(timeUs + clock.at(timeUs).offsetUs),
  )
  return Math.max(1, last - first + 1)
}

/** The buckets that cover a range, at most `bucketsMax` at a time, found as they are taken. */
export function* bucketSlices(range: TimeRange, rule: BucketRule, bucketsMax: number): Generator<Buckets> {
  if (range.toUs <= range.fromUs) return
  let startsUs: number[] = []
  let edgesUs: number[] = [range.fromUs]
  for (const startUs of bucketStarts(range, rule)) {
    if (startsUs.length > 0) edgesUs.push(startUs)
    if (startsUs.length === bucketsMax) {
      yield { startsUs: Float64Array.from(startsUs), edgesUs: Float64Array.from(edgesUs) }
      startsUs = []
      edgesUs = [startUs]
    }
    startsUs.push(startUs)
  }
  edgesUs.push(range.toUs)
  yield { startsUs: Float64Array.from(startsUs), edgesUs: Float64Array.from(edgesUs) }
}

/** Starts of the buckets that hold any of a range which is not empty, ascending. */
export function* bucketStarts(range: TimeRange, rule: BucketRule): Generator<number> {
  const clock = zoneClock(rule.timeZone)
  const grid = localGrid(rule.every)
  let { startUs, span, number } = firstStart(range.fromUs, clock, grid)
  while (startUs < range.toUs) {
    yield startUs
    // The next bucket starts in this span, or where the clock changes, or later in one of the next spans.
    startUs = grid.startUs(number + 1) - span.offsetUs
    number++
    while (startUs >= span.toUs) {
      if (span.toUs >= range.toUs) return
      span = clock.after(span)
      const reached = numberReached(span, grid)
      number = grid.numberOf(span.fromUs + span.offsetUs)
      startUs = span.fromUs
      if (number <= reached) {
        number = reached + 1
        startUs = grid.startUs(number) - span.offsetUs
      }
    }
  }
}

/** The bucket that holds a time: its start, its number, and the span in which it starts. */
function firstStart(timeUs: number, clock: ZoneClock, grid: LocalGrid) {
  let span = clock.at(timeUs)
  let lastUs = timeUs
  while (grid.numberOf(lastUs + span.offsetUs) <= numberReached(span, grid)) {
    lastUs = span.fromUs - 1
    span = clock.before(span)
  }
  const number = grid.numberOf(lastUs + span.offsetUs)
  return { startUs: Math.max(span.fromUs, grid.startUs(number) - span.offsetUs), span, number }
}

/** The bucket that was going on when a span began; a later number starts a new one. */
function numberReached(span: OffsetSpan, grid: LocalGrid): number {
  if (span.fromUs === Number.NEGATIVE_INFINITY) return Number.NEGATIVE_INFINITY
  const repeatedUs = span.previousOffsetUs - span.offsetUs
  if (repeatedUs >= grid.widthUs) return Number.NEGATIVE_INFINITY
  return grid.numberOf(span.fromUs - 1 + span.previousOffsetUs)
}

function localGrid({ count, unit }: Every): LocalGrid {
  switch (unit) {
    case 'ms':
    case 's':
    case 'm':
    case 'h':
    case 'd':
      return evenGrid(count * UNIT_US[unit], 0)
    case 'w':
      // The epoch was a Thursday, three days into its week.
      return evenGrid(count * UNIT_US.w, -3 * US_PER_DAY)
    case 'mo':
      return monthGrid(count)
    case 'y':
      return monthGrid(12 * count)
  }
}

function evenGrid(widthUs: number, originUs: number): LocalGrid {
  return {
    widthUs,
    // Exact for all safe integers: a quotient is never rounded up to the next whole number.
    numberOf: (localUs) => Math.floor((localUs - originUs) / widthUs),
    startUs: (number) => originUs + number * widthUs,
  }
}

function monthGrid(monthCount: number): LocalGrid {
  return {
    widthUs: monthCount * 28 * US_PER_DAY,
    numberOf(localUs) {
      const date = new Date(Math.floor(localUs / US_PER_MS))
      return Math.floor(((date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()) / monthCount)
    },
    startUs: (number) => Date.UTC(1970, number * monthCount, 1) * US_PER_MS,
  }
}
