import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { US_PER_DAY, US_PER_HOUR } from '../model/time.ts'
import { type BucketRule, bucketSlices, bucketStarts, estimateBucketCount } from './buckets.ts'
import type { Every } from './every.ts'

const ZONES = [
  'UTC',
  'Europe/Madrid',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Pacific/Apia',
  'Africa/Casablanca',
]

/** Widths that put at most a few hundred buckets into the ranges below. */
const everies = fc.oneof(
  fc.record<Every>({ count: fc.integer({ min: 10, max: 400 }), unit: fc.constant('m') }),
  fc.record<Every>({ count: fc.integer({ min: 1, max: 30 }), unit: fc.constant('h') }),
  fc.record<Every>({ count: fc.integer({ min: 1, max: 9 }), unit: fc.constantFrom('d', 'w') }),
  fc.record<Every>({ count: fc.integer({ min: 1, max: 14 }), unit: fc.constantFrom('mo', 'y') }),
)
const rules = fc.record<BucketRule>({ every: everies, timeZone: fc.constantFrom(...ZONES) })
const year = (year: number) => Date.UTC(year, 0, 1) * 1_000
const ranges = fc
  .tuple(fc.integer({ min: year(1880), max: year(2060) }), fc.integer({ min: 1, max: 3 * US_PER_DAY }))
  .map(([fromUs, widthUs]) => ({ fromUs, toUs: fromUs + widthUs }))

describe('buckets', () => {
  it('tile the range without gap or overlap, however they are sliced', () => {
    fc.assert(
      fc.property(ranges, rules, fc.integer({ min: 1, max: 50 }), (range, rule, bucketsMax) => {
        const slices = [...bucketSlices(range, rule, bucketsMax)]
        let endUs = range.fromUs
        for (const [index, { startsUs, edgesUs }] of slices.entries()) {
          expect(edgesUs[0]).toBe(endUs)
          expect(edgesUs.length).toBe(startsUs.length + 1)
          expect(startsUs.length).toBeLessThanOrEqual(bucketsMax)
          if (index < slices.length - 1) expect(startsUs.length).toBe(bucketsMax)
          for (let i = 0; i < startsUs.length; i++) {
            expect(edgesUs[i + 1]).toBeGreaterThan(edgesUs[i])
            if (index + i > 0) expect(startsUs[i]).toBe(edgesUs[i])
          }
          endUs = edgesUs[edgesUs.length - 1]
        }
        expect(endUs).toBe(range.toUs)
        expect(slices[0].startsUs[0]).toBeLessThanOrEqual(range.fromUs)
      }),
      { numRuns: 300 },
    )
  })

  it('start at the same times whatever the range', () => {
    fc.assert(
      fc.property(ranges, rules, fc.double({ min: 0, max: 1, noNaN: true }), (range, rule, share) => {
        const middleUs = range.fromUs + Math.floor((range.toUs - range.fromUs) * share)
        const all = [...bucketStarts(range, rule)]
        const later = [...bucketStarts({ fromUs: middleUs, toUs: range.toUs + 1 }, rule)]
        const lastBefore = all.findLastIndex((startUs) => startUs <= middleUs)
        expect(later.filter((startUs) => startUs < range.toUs)).toEqual(
          middleUs < range.toUs ? all.slice(lastBefore) : [all[lastBefore]],
        )
      }),
      { numRuns: 300 },
    )
  })

  it('are about as many as estimated', () => {
    fc.assert(
      fc.property(ranges, rules, (range, rule) => {
        const count = [...bucketStarts(range, rule)].length
        // A clock goes back by three hours at most here, or skips a day.
        const slack = 1 + Math.ceil(US_PER_DAY / narrowestUs(rule.every))
        expect(Math.abs(count - estimateBucketCount(range, rule))).toBeLessThanOrEqual(slack)
      }),
      { numRuns: 200 },
    )
  })

  it('start days where the calendar does', () => {
    const days = fc.record({
      timeZone: fc.constantFrom(...ZONES),
      fromMs: fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2060, 0) }),
    })
    fc.assert(
      fc.property(days, ({ timeZone, fromMs }) => {
        const from = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(timeZone)
        const expected = [0, 1, 2, 3].map(
          (count) => from.toPlainDate().add({ days: count }).toZonedDateTime({ timeZone }).epochMilliseconds,
        )
        const range = { fromUs: fromMs * 1_000, toUs: expected[3] * 1_000 + 1 }
        const starts = Array.from(
          bucketStarts(range, { every: { count: 1, unit: 'd' }, timeZone }),
          (startUs) => startUs / 1_000,
        )
        // Two days that the clock skipped as a whole would have one start.
        expect(starts).toEqual([...new Set(expected)])
      }),
      { numRuns: 300 },
    )
  })
})

function narrowestUs({ count, unit }: Every): number {
  if (unit === 'm') return count * 60e6
  return unit === 'h' ? count * US_PER_HOUR : count * US_PER_DAY
}
