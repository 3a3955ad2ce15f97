import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIsoUs, US_PER_DAY, US_PER_HOUR } from '../model/time.ts'
import { type AggregateName, parseAggregates } from './aggregate-names.ts'
import { bucketStarts } from './buckets.ts'
import { parseEvery } from './every.ts'
import { type PointRow, rowsOf, storeWith, stream } from './query.fixture.ts'

const STREAMS = [stream(1), stream(2, { variable: 2 }), stream(3, { device: 2 })]
const GROUPINGS = {
  stream: [[1], [2], [3]],
  device: [[1, 2], [3]],
  variable: [[1, 3], [2]],
  none: [[1, 2, 3]],
}

/** Around the night in which clocks go back in Madrid. */
const FROM_US = Date.UTC(2024, 9, 26) * 1_000
const TO_US = FROM_US + 3 * US_PER_DAY

// Small whole numbers, so that sums do not depend on their order.
const numbers = fc.integer({ min: 0, max: 20 })
const numbersAndTexts = fc.oneof({ weight: 4, arbitrary: numbers }, fc.constantFrom('on', 'off'))

const queries = fc.record({
  every: fc.constantFrom('20m', '1h', '5h', '1d', '2d', '1w', '1mo'),
  timeZone: fc.constantFrom('UTC', 'Europe/Madrid', 'Asia/Kathmandu'),
  by: fc.constantFrom(...(Object.keys(GROUPINGS) as (keyof typeof GROUPINGS)[])),
  startUs: fc.integer({ min: FROM_US, max: FROM_US + US_PER_DAY }),
  endUs: fc.integer({ min: FROM_US + US_PER_DAY + US_PER_HOUR, max: TO_US }),
})

function pointsOf(values: fc.Arbitrary<number | string>): fc.Arbitrary<PointRow[]> {
  const times = fc.integer({ min: FROM_US, max: TO_US - 1 })
  return fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 3 }), times, values), {
    maxLength: 60,
    // No two at one time: which of them would be first in a group is up to the order of the streams.
    selector: ([, timeUs]) => timeUs,
  })
}

interface Bucket {
  readonly fromUs: number
  readonly toUs: number
}

/** One aggregate of some streams, straight from its definition. */
function expected(aggregate: AggregateName, points: readonly PointRow[], { fromUs, toUs }: Bucket) {
  const inside = points.filter(([, timeUs]) => Number(timeUs) >= fromUs && Number(timeUs) < toUs)
  const values = inside.map(([, , value]) => value)
  const numbers = values.filter((value) => typeof value === 'number')
  const sum = numbers.reduce((total, value) => total + value, 0)
  switch (aggregate) {
    case 'count':
      return values.length
    case 'first':
      return values[0]
    case 'last':
      return values[values.length - 1]
    case 'mean':
      return numbers.length === 0 ? null : sum / numbers.length
    case 'sum':
      return numbers.length === 0 ? null : sum
    case 'min':
      return numbers.length === 0 ? null : Math.min(...numbers)
    case 'max':
      return numbers.length === 0 ? null : Math.max(...numbers)
    case 'delta':
    case 'increase': {
      let total = 0
      for (const streamId of new Set(inside.map(([id]) => id))) {
        const ofStream = points.filter(([id]) => id === streamId)
        const earlier = ofStream
          .filter(([, timeUs]) => Number(timeUs) < fromUs)
          .map(([, , value]) => Number(value))
        const steps = [
          ...earlier.slice(-1),
          ...inside.filter(([id]) => id === streamId).map(([, , v]) => Number(v)),
        ]
        for (let i = 1; i < steps.length; i++) {
          const hasReset = aggregate === 'increase' && steps[i] < steps[i - 1]
          total += hasReset ? steps[i] : steps[i] - steps[i - 1]
        }
      }
      return total
    }
  }
}

function itFollowsFromThePoints(title: string, agg: string, values: fc.Arbitrary<number | string>): void {
  it(title, async () => {
    await fc.assert(
      fc.asyncProperty(pointsOf(values), queries, async (points, { every, timeZone, by, startUs, endUs }) => {
        const store = await storeWith(points)
        const range = { start: String(startUs / 1_000), end: String(endUs / 1_000) }
        const query = { streams: STREAMS, agg, by, ...range }
        const ascending = points.toSorted((a, b) => Number(a[1]) - Number(b[1]))
        const expectedRows = (startsUs: readonly number[]) =>
          GROUPINGS[by].map((group) => {
            const ofGroup = ascending.filter(([id]) => group.includes(id))
            return startsUs.flatMap((bucketUs, index) => {
              const bucket = { fromUs: Math.max(bucketUs, startUs), toUs: startsUs[index + 1] ?? endUs }
              const row = parseAggregates(agg).map((aggregate) => expected(aggregate, ofGroup, bucket))
              return expected('count', ofGroup, bucket) === 0 ? [] : [[formatIsoUs(bucketUs), ...row]]
            })
          })

        const rule = { every: parseEvery(every), timeZone }
        const startsUs = [...bucketStarts({ fromUs: startUs, toUs: endUs }, rule)]
        expect(await rowsOf(store, { ...query, every, tz: timeZone })).toEqual(expectedRows(startsUs))
        const wholeRange = (await rowsOf(store, query)).map((rows) =>
          // Times beside first and last are for tests of their own.
          rows.map((row) => row.filter((cell, i) => i === 0 || !String(cell).endsWith('Z'))),
        )
        expect(wholeRange).toEqual(expectedRows([startUs]))
      }),
      { numRuns: 150 },
    )
  })
}

describe('aggregates', () => {
  itFollowsFromThePoints(
    'of numbers are what follows from the raw points',
    'mean,min,max,sum,count,first,last,delta,increase',
    numbers,
  )
  itFollowsFromThePoints(
    'of numbers and texts are what follows from the raw points',
    'count,last,mean,first,sum,max,min',
    numbersAndTexts,
  )
})
