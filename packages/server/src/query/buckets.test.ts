import { describe, expect, it } from 'vitest'
import { formatIsoUs, parseIsoUs, US_PER_HOUR, US_PER_MIN } from '../model/time.ts'
import { bucketSlices, bucketStarts, estimateBucketCount } from './buckets.ts'
import { parseEvery } from './every.ts'

const us = (text: string) => parseIsoUs(text) ?? Number.NaN

function starts(every: string, timeZone: string, from: string, to: string): string[] {
  const range = { fromUs: us(from), toUs: us(to) }
  return Array.from(bucketStarts(range, { every: parseEvery(every), timeZone }), formatIsoUs)
}

function hours(every: string, timeZone: string, from: string, to: string): number[] {
  const startsUs = starts(every, timeZone, from, to).map(us)
  return startsUs.slice(1).map((startUs, i) => (startUs - startsUs[i]) / US_PER_HOUR)
}

describe('buckets', () => {
  it('are so many seconds since the epoch in UTC', () => {
    expect(starts('5m', 'UTC', '2024-05-01T10:07:00Z', '2024-05-01T10:15:00.000001Z')).toEqual([
      '2024-05-01T10:05:00Z',
      '2024-05-01T10:10:00Z',
      '2024-05-01T10:15:00Z',
    ])
    expect(starts('7h', 'UTC', '1969-12-31T23:00:00Z', '1970-01-01T08:00:00Z')).toEqual([
      '1969-12-31T17:00:00Z',
      '1970-01-01T00:00:00Z',
      '1970-01-01T07:00:00Z',
    ])
  })

  it('leave out the one that starts where the range ends', () => {
    expect(starts('1h', 'UTC', '2024-05-01T10:00:00Z', '2024-05-01T11:00:00Z')).toEqual([
      '2024-05-01T10:00:00Z',
    ])
  })

  it('start weeks on Monday', () => {
    expect(starts('1w', 'UTC', '2024-05-01T00:00:00Z', '2024-05-14T00:00:00Z')).toEqual([
      '2024-04-29T00:00:00Z',
      '2024-05-06T00:00:00Z',
      '2024-05-13T00:00:00Z',
    ])
    expect(starts('1w', 'Europe/Madrid', '2024-03-30T00:00:00Z', '2024-04-02T00:00:00Z')).toEqual([
      '2024-03-24T23:00:00Z',
      '2024-03-31T22:00:00Z',
    ])
  })

  it('follow months and years of the calendar', () => {
    expect(starts('1mo', 'UTC', '2024-01-31T00:00:00Z', '2024-04-01T00:00:00Z')).toEqual([
      '2024-01-01T00:00:00Z',
      '2024-02-01T00:00:00Z',
      '2024-03-01T00:00:00Z',
    ])
    expect(starts('3mo', 'America/New_York', '2024-02-01T00:00:00Z', '2024-07-01T00:00:00Z')).toEqual([
      '2024-01-01T05:00:00Z',
      '2024-04-01T04:00:00Z',
    ])
    expect(starts('1y', 'UTC', '1969-06-01T00:00:00Z', '1971-01-01T00:00:00.000001Z')).toEqual([
      '1969-01-01T00:00:00Z',
      '1970-01-01T00:00:00Z',
      '1971-01-01T00:00:00Z',
    ])
    expect(starts('10y', 'UTC', '2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z')).toEqual([
      '2020-01-01T00:00:00Z',
    ])
  })

  it('give days 23 and 25 hours when the clock changes', () => {
    expect(hours('1d', 'Europe/Madrid', '2024-03-30T12:00:00Z', '2024-04-02T12:00:00Z')).toEqual([24, 23, 24])
    expect(hours('1d', 'Europe/Madrid', '2024-10-26T12:00:00Z', '2024-10-29T12:00:00Z')).toEqual([24, 25, 24])
    expect(hours('1d', 'America/New_York', '2024-03-09T12:00:00Z', '2024-03-12T12:00:00Z')).toEqual([
      24, 23, 24,
    ])
    expect(hours('1d', 'America/New_York', '2024-11-02T12:00:00Z', '2024-11-05T12:00:00Z')).toEqual([
      24, 25, 24,
    ])
    expect(hours('1d', 'Australia/Lord_Howe', '2024-10-05T00:00:00Z', '2024-10-08T00:00:00Z')).toEqual([
      24, 23.5, 24,
    ])
    expect(hours('1d', 'Australia/Lord_Howe', '2024-04-06T00:00:00Z', '2024-04-09T00:00:00Z')).toEqual([
      24, 24.5, 24,
    ])
  })

  it('start the day of a zone at its midnight', () => {
    expect(starts('1d', 'Asia/Kathmandu', '2024-05-01T00:00:00Z', '2024-05-02T00:00:00Z')).toEqual([
      '2024-04-30T18:15:00Z',
      '2024-05-01T18:15:00Z',
    ])
    // The clock skips midnight, goes back over it, and skips a whole day.
    expect(starts('1d', 'America/Sao_Paulo', '2018-11-03T12:00:00Z', '2018-11-05T12:00:00Z')).toEqual([
      '2018-11-03T03:00:00Z',
      '2018-11-04T03:00:00Z',
      '2018-11-05T02:00:00Z',
    ])
    expect(starts('1d', 'America/St_Johns', '2010-11-06T12:00:00Z', '2010-11-08T12:00:00Z')).toEqual([
      '2010-11-06T02:30:00Z',
      '2010-11-07T02:30:00Z',
      '2010-11-08T03:30:00Z',
    ])
    expect(starts('1d', 'Pacific/Apia', '2011-12-29T12:00:00Z', '2012-01-01T00:00:00Z')).toEqual([
      '2011-12-29T10:00:00Z',
      '2011-12-30T10:00:00Z',
      '2011-12-31T10:00:00Z',
    ])
  })

  it('start hours of a zone at its full hours', () => {
    expect(starts('1h', 'Asia/Kathmandu', '2024-05-01T00:00:00Z', '2024-05-01T01:00:00Z')).toEqual([
      '2024-04-30T23:15:00Z',
      '2024-05-01T00:15:00Z',
    ])
    expect(starts('6h', 'Europe/Madrid', '2024-03-30T23:00:00Z', '2024-03-31T22:00:00Z')).toEqual([
      '2024-03-30T23:00:00Z',
      '2024-03-31T04:00:00Z',
      '2024-03-31T10:00:00Z',
      '2024-03-31T16:00:00Z',
    ])
  })

  it('give a repeated hour buckets of its own unless they are wider', () => {
    const day = ['2024-10-26T22:00:00Z', '2024-10-27T23:00:00Z'] as const
    expect(hours('1h', 'Europe/Madrid', ...day)).toEqual(Array(24).fill(1))
    expect(hours('30m', 'Europe/Madrid', ...day)).toEqual(Array(49).fill(0.5))
    expect(hours('2h', 'Europe/Madrid', ...day)).toEqual([2, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2])
    expect(hours('1h', 'Australia/Lord_Howe', '2024-04-06T13:00:00Z', '2024-04-06T17:30:00Z')).toEqual([
      1, 1.5, 1,
    ])
  })

  it('cut an hour short that the clock skips in part', () => {
    expect(hours('1h', 'Australia/Lord_Howe', '2024-10-05T13:30:00Z', '2024-10-05T17:00:01Z')).toEqual([
      1, 1, 0.5, 1,
    ])
    expect(hours('2h', 'America/New_York', '2024-03-10T05:00:00Z', '2024-03-10T12:00:00Z')).toEqual([2, 1, 2])
  })

  it('find the start of a bucket on the other side of a change of the clock', () => {
    expect(starts('1d', 'Europe/Madrid', '2024-10-27T12:00:00Z', '2024-10-27T12:00:01Z')).toEqual([
      '2024-10-26T22:00:00Z',
    ])
    expect(starts('1y', 'Europe/Madrid', '2024-12-31T22:59:59Z', '2024-12-31T23:00:00Z')).toEqual([
      '2023-12-31T23:00:00Z',
    ])
    // In the second pass of 23:01 to 24:00, after a minute of the next day.
    expect(starts('1d', 'America/St_Johns', '2010-11-07T03:00:00Z', '2010-11-07T03:01:00Z')).toEqual([
      '2010-11-07T02:30:00Z',
    ])
  })

  it('find the start of a day whose last hour is repeated', () => {
    // The clock shows 24:00 and goes back to 23:00, which is no new day.
    const start = ['2018-02-17T02:00:00Z']
    expect(starts('1d', 'America/Sao_Paulo', '2018-02-18T01:59:59Z', '2018-02-18T02:00:00Z')).toEqual(start)
    expect(starts('1d', 'America/Sao_Paulo', '2018-02-18T02:30:00Z', '2018-02-18T02:30:01Z')).toEqual(start)
  })

  it('are exact far from the epoch', () => {
    for (const timeUs of [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 8_999_999_999_999_999]) {
      const rule = { every: parseEvery('1ms'), timeZone: 'UTC' }
      const [startUs] = bucketStarts({ fromUs: timeUs, toUs: timeUs + 1 }, rule)
      const restUs = BigInt(timeUs) % 1_000n
      expect(BigInt(startUs)).toBe(BigInt(timeUs) - (restUs < 0n ? restUs + 1_000n : restUs))
    }
  })

  it('come in slices with the first and last edge cut to the range', () => {
    const range = { fromUs: us('2024-05-01T10:07:00Z'), toUs: us('2024-05-01T10:21:00Z') }
    const rule = { every: parseEvery('5m'), timeZone: 'UTC' }
    const edge = (minute: number) => us('2024-05-01T10:00:00Z') + minute * US_PER_MIN
    expect([...bucketSlices(range, rule, 3)]).toEqual([
      {
        startsUs: Float64Array.of(edge(5), edge(10), edge(15)),
        edgesUs: Float64Array.of(edge(7), edge(10), edge(15), edge(20)),
      },
      { startsUs: Float64Array.of(edge(20)), edgesUs: Float64Array.of(edge(20), edge(21)) },
    ])
    expect([...bucketSlices({ fromUs: 5, toUs: 5 }, rule, 3)]).toEqual([])
  })

  it('are counted without being found', () => {
    const count = (every: string, timeZone: string, from: string, to: string) =>
      estimateBucketCount({ fromUs: us(from), toUs: us(to) }, { every: parseEvery(every), timeZone })
    expect(count('1ms', 'UTC', '2024-01-01', '2025-01-01')).toBe(366 * 86_400_000)
    expect(count('1d', 'Europe/Madrid', '2024-01-01', '2025-01-01')).toBe(367)
    expect(count('1mo', 'UTC', '2024-01-31', '2024-03-01')).toBe(2)
    expect(count('1h', 'UTC', '2024-01-01', '2024-01-01')).toBe(0)
  })
})
