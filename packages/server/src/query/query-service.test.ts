import { describe, expect, it } from 'vitest'
import { TooLargeError } from '../errors.ts'
import { US_PER_HOUR, US_PER_S } from '../model/time.ts'
import { ALL_TIME } from '../points/point-store.ts'
import { ask, collect, type PointRow, rowsOf, seriesOf, storeWith, stream, toUs } from './query.fixture.ts'
import { seriesOfLot } from './query-answer.ts'
import { QueryService } from './query-service.ts'

/** `at(10, 30)` is half past ten on the day of all tests here. */
function at(hour: number, minute = 0): string {
  return `2024-05-01T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00Z`
}

const EVERY_AGGREGATE = 'mean,min,max,sum,count,first,last,delta,increase'

describe('raw points', () => {
  const streams = [stream(1), stream(2, { variable: 2 })]
  const points: PointRow[] = [
    [1, at(10), 1.5],
    [1, at(11), 'off'],
    [1, at(12), -0],
    [2, at(11), 7],
  ]

  it('are all points of each stream, under its names', async () => {
    expect(await seriesOf(await ask(await storeWith(points), { streams }))).toEqual([
      {
        labels: { stream: 's--1', device: 'Device 1', variable: 'variable1', project: 'Project 1' },
        rows: [
          [at(10), 1.5],
          [at(11), 'off'],
          [at(12), -0],
        ],
      },
      {
        labels: { stream: 's--2', device: 'Device 1', variable: 'variable2', project: 'Project 1' },
        rows: [[at(11), 7]],
      },
    ])
  })

  it('begin at the start and stop before the end', async () => {
    const rows = await rowsOf(await storeWith(points), { streams, start: at(10), end: at(11) })
    expect(rows).toEqual([[[at(10), 1.5]], []])
  })

  it('are the oldest ones of each stream up to the limit', async () => {
    const rows = await rowsOf(await storeWith(points), { streams, limit: '2' })
    expect(rows).toEqual([
      [
        [at(10), 1.5],
        [at(11), 'off'],
      ],
      [[at(11), 7]],
    ])
  })

  it('are none in years that no point can have', async () => {
    const store = await storeWith(points)
    expect(await rowsOf(store, { streams, start: '9000-01-01' })).toEqual([[], []])
    expect(await rowsOf(store, { streams, end: '0002-01-01' })).toEqual([[], []])
    expect(await rowsOf(store, { streams, end: '9999-01-01', limit: '1' })).toEqual([
      [[at(10), 1.5]],
      [[at(11), 7]],
    ])
  })

  it('are read through pages', async () => {
    const rows = Array.from({ length: 12_000 }, (_, i): PointRow => [1, i * US_PER_S, i])
    const [found] = await rowsOf(await storeWith(rows), { streams: [stream(1)] })
    expect(found.map(([, value]) => value)).toEqual(rows.map(([, , value]) => value))
  })

  it('are read no further than they are taken', async () => {
    const store = await storeWith([[1, at(10), 1]])
    const { series } = await ask(store, { streams: [stream(1), stream(2)] })
    for await (const lot of series) {
      const [{ labels, pages }] = seriesOfLot(lot)
      for await (const _ of pages()) expect(labels.stream).toBe('s--1')
      break
    }
    expect(await collect(series)).toEqual([])
  })
})

describe('one row for the whole range', () => {
  const points: PointRow[] = [
    [1, at(10), 4],
    [1, at(11), 1],
    [1, at(12), 2],
    [1, at(13), 9],
  ]
  const streams = [stream(1)]
  const range = { start: at(9), end: at(13) }

  it('has the time of the start, or of the first point when there is none', async () => {
    const store = await storeWith(points)
    expect(await rowsOf(store, { streams, agg: 'mean', ...range })).toEqual([[[at(9), 7 / 3]]])
    expect(await rowsOf(store, { streams, agg: 'mean' })).toEqual([[[at(10), 4]]])
    expect(await rowsOf(store, { streams, agg: 'sum', end: at(12) })).toEqual([[[at(10), 5]]])
  })

  it('has the time of the point when it is the first or last value', async () => {
    const store = await storeWith(points)
    expect(await rowsOf(store, { streams, agg: 'first', ...range })).toEqual([[[at(10), 4]]])
    expect(await rowsOf(store, { streams, agg: 'last', ...range })).toEqual([[[at(12), 2]]])
  })

  it('has several aggregates side by side, first and last with their times', async () => {
    const store = await storeWith(points)
    expect(await rowsOf(store, { streams, agg: 'min,max,count,last,first', ...range })).toEqual([
      [[at(9), 1, 4, 3, 2, at(12), 4, at(10)]],
    ])
  })

  it('compares with the last point before the start, or else with the first in the range', async () => {
    const store = await storeWith(points)
    const changes = { streams, agg: 'delta,increase' }
    expect(await rowsOf(store, { ...changes, start: at(11) })).toEqual([[[at(11), 5, 9]]])
    expect(await rowsOf(store, { ...changes })).toEqual([[[at(10), 5, 9]]])
    expect(await rowsOf(store, { ...changes, start: at(13) })).toEqual([[[at(13), 7, 7]]])
    expect(await rowsOf(store, { ...changes, end: at(11) })).toEqual([[[at(10), 0, 0]]])
  })

  it('is left out where there is no point', async () => {
    const store = await storeWith(points)
    expect(await rowsOf(store, { streams: [stream(2), stream(1)], agg: 'count' })).toEqual([
      [],
      [[at(10), 4]],
    ])
    expect(await rowsOf(store, { streams, agg: 'count', start: '9000-01-01' })).toEqual([[]])
  })
})

describe('rows by bucket', () => {
  const points: PointRow[] = [
    [1, at(10, 10), 1],
    [1, at(10, 50), 3],
    [1, at(12, 0), 10],
    [1, at(12, 30), 4],
  ]
  const streams = [stream(1)]

  it('have the start of their bucket for a time, and leave empty buckets out', async () => {
    const store = await storeWith(points)
    expect(await rowsOf(store, { streams, every: '1h', agg: EVERY_AGGREGATE })).toEqual([
      [
        [at(10), 2, 1, 3, 4, 2, 1, 3, 2, 2],
        [at(12), 7, 4, 10, 14, 2, 10, 4, 1, 11],
      ],
    ])
  })

  it('are means when nothing else is asked for', async () => {
    const store = await storeWith(points)
    expect(await rowsOf(store, { streams, every: '1d', tz: 'Europe/Madrid' })).toEqual([
      [['2024-04-30T22:00:00Z', 4.5]],
    ])
  })

  it('only count points inside of the range, under the natural start of the bucket', async () => {
    const store = await storeWith(points)
    const range = { start: at(10, 30), end: at(12, 30) }
    expect(await rowsOf(store, { streams, every: '1h', agg: 'sum,count', ...range })).toEqual([
      [
        [at(10), 3, 1],
        [at(12), 10, 1],
      ],
    ])
  })

  it('leave out what lies before a start without an end, and after an end without a start', async () => {
    const store = await storeWith(points)
    expect(await rowsOf(store, { streams, every: '1h', agg: 'sum', start: at(10, 30) })).toEqual([
      [
        [at(10), 3],
        [at(12), 14],
      ],
    ])
    expect(await rowsOf(store, { streams, every: '1h', agg: 'sum', end: at(12, 10) })).toEqual([
      [
        [at(10), 4],
        [at(12), 10],
      ],
    ])
  })

  it('have the time of the bucket for first and last as well', async () => {
    const store = await storeWith(points)
    expect(await rowsOf(store, { streams, every: '1h', agg: 'last' })).toEqual([
      [
        [at(10), 3],
        [at(12), 4],
      ],
    ])
  })

  it('compare with the last value before the bucket, however long ago', async () => {
    const store = await storeWith(points)
    const start = at(12)
    expect(await rowsOf(store, { streams, every: '15m', agg: 'delta', start, end: at(13) })).toEqual([
      [
        [at(12), 7],
        [at(12, 30), -6],
      ],
    ])
    expect(await rowsOf(store, { streams, every: '15m', agg: 'increase', start, end: at(13) })).toEqual([
      [
        [at(12), 7],
        [at(12, 30), 4],
      ],
    ])
  })

  it('follow the days of a zone', async () => {
    const rows = Array.from(
      { length: 72 },
      (_, hour): PointRow => [1, toUs('2024-03-30T00:30:00Z') + hour * US_PER_HOUR, 1],
    )
    const range = { start: '2024-03-30', end: '2024-04-02', tz: 'Europe/Madrid' }
    expect(await rowsOf(await storeWith(rows), { streams, every: '1d', agg: 'count', ...range })).toEqual([
      [
        ['2024-03-29T23:00:00Z', 23],
        ['2024-03-30T23:00:00Z', 23],
        ['2024-03-31T22:00:00Z', 24],
      ],
    ])
  })

  it('are the oldest ones up to the limit', async () => {
    const store = await storeWith(points)
    expect(await rowsOf(store, { streams, every: '10m', agg: 'max', limit: '2' })).toEqual([
      [
        [at(10, 10), 1],
        [at(10, 50), 3],
      ],
    ])
  })

  it('are those of each stream, also when not all streams fit into one call to the store', async () => {
    const many = [1, 2, 3, 4, 5].map((id) => stream(id))
    const store = await storeWith(
      many.flatMap(({ id }): PointRow[] => [
        [id, 0, id],
        [id, 6_999 * US_PER_S, 10 * id],
      ]),
    )
    const query = { streams: many, every: '1s', agg: 'sum,delta' }
    expect(await rowsOf(store, query)).toEqual(
      many.map(({ id }) => [
        ['1970-01-01T00:00:00Z', id, 0],
        ['1970-01-01T01:56:39Z', 10 * id, 9 * id],
      ]),
    )
    expect(await rowsOf(store, { ...query, by: 'none' })).toEqual([
      [
        ['1970-01-01T00:00:00Z', 15, 0],
        ['1970-01-01T01:56:39Z', 150, 135],
      ],
    ])
  })

  it('are found slice by slice when there are more than one call to the store takes', async () => {
    const rows: PointRow[] = Array.from({ length: 300 }, (_, i) => [1, i * 1_000 * US_PER_S, i % 7])
    const store = await storeWith(rows)
    const query = { every: '1s', agg: 'sum,delta,increase' }
    const [found] = await rowsOf(store, { ...query, streams, queryCellsMax: 1e6 })
    expect(found.length).toBe(300)
    const steps = rows.map(([, , value], i) => Number(value) - (i === 0 ? 0 : Number(rows[i - 1][2])))
    expect(found.map(([, sum, delta, increase]) => [sum, delta, increase])).toEqual(
      rows.map(([, , value], i) => [value, steps[i], steps[i] < 0 ? value : steps[i]]),
    )
  })
})

describe('texts', () => {
  const streams = [stream(1)]

  it('have a count, a first and a last value, and nothing else', async () => {
    const store = await storeWith([
      [1, at(10), 'on'],
      [1, at(11), 'off'],
    ])
    expect(await rowsOf(store, { streams, every: '1d', agg: EVERY_AGGREGATE })).toEqual([
      [['2024-05-01T00:00:00Z', null, null, null, null, 2, 'on', 'off', null, null]],
    ])
    expect(await rowsOf(store, { streams, agg: 'last' })).toEqual([[[at(11), 'off']]])
  })

  it('are counted among numbers, which keep their aggregates', async () => {
    const store = await storeWith([
      [1, at(10), 2],
      [1, at(10, 20), 4],
      [1, at(10, 40), 'error'],
      [1, at(11), 5],
    ])
    expect(await rowsOf(store, { streams, every: '1h', agg: EVERY_AGGREGATE })).toEqual([
      [
        [at(10), 3, 2, 4, 6, 3, 2, 'error', null, 2],
        [at(11), 5, 5, 5, 5, 1, 5, 5, 0, 1],
      ],
    ])
  })
})

describe('grouped streams', () => {
  const streams = [
    stream(1, { device: 1, variable: 1 }),
    stream(2, { device: 1, variable: 2 }),
    stream(3, { device: 2, variable: 1 }),
  ]
  const points: PointRow[] = [
    [1, at(10), 1],
    [1, at(11), 5],
    [2, at(10), 100],
    [2, at(11), 90],
    [3, at(9), 7],
    [3, at(11), 9],
  ]

  it('make one series of several', async () => {
    const store = await storeWith(points)
    const query = { streams, agg: 'sum,count,first,last', start: at(10) }
    expect(await seriesOf(await ask(store, { ...query, by: 'device' }))).toEqual([
      {
        labels: { stream: undefined, device: 'Device 1', variable: undefined, project: 'Project 1' },
        rows: [[at(10), 196, 4, 1, at(10), 90, at(11)]],
      },
      {
        labels: { stream: 's--3', device: 'Device 2', variable: 'variable1', project: 'Project 1' },
        rows: [[at(10), 9, 1, 9, at(11), 9, at(11)]],
      },
    ])
    expect(await rowsOf(store, { ...query, by: 'variable', agg: 'max' })).toEqual([
      [[at(10), 9]],
      [[at(10), 100]],
    ])
    expect(await rowsOf(store, { ...query, by: 'none', agg: 'count' })).toEqual([[[at(10), 5]]])
  })

  it('sum the changes of each stream', async () => {
    const store = await storeWith(points)
    const query = { streams, agg: 'delta,increase', every: '1h' }
    expect(await rowsOf(store, { ...query, by: 'none', start: at(10), end: at(12) })).toEqual([
      [
        [at(10), 0, 0],
        [at(11), 4 - 10 + 2, 4 + 90 + 2],
      ],
    ])
    expect(await rowsOf(store, { ...query, by: 'device', start: at(11), end: at(12) })).toEqual([
      [[at(11), -6, 94]],
      [[at(11), 2, 2]],
    ])
  })
})

describe('empty buckets', () => {
  const streams = [stream(1), stream(2)]
  const points: PointRow[] = [
    [1, at(10), 1],
    [1, at(13), 4],
    [2, at(11), 'on'],
  ]

  it('are null, with a count of 0, from the first point of all streams to the last', async () => {
    const store = await storeWith(points)
    const query = { streams, every: '1h', agg: 'mean,sum,count,last,delta', fill: 'null' }
    expect(await rowsOf(store, query)).toEqual([
      [
        [at(10), 1, 1, 1, 1, 0],
        [at(11), null, null, 0, null, null],
        [at(12), null, null, 0, null, null],
        [at(13), 4, 4, 1, 4, 3],
      ],
      [
        [at(10), null, null, 0, null, null],
        [at(11), null, null, 1, 'on', null],
        [at(12), null, null, 0, null, null],
        [at(13), null, null, 0, null, null],
      ],
    ])
  })

  it('cover the range that is asked for', async () => {
    const store = await storeWith(points)
    const query = { streams: [stream(1)], every: '1h', agg: 'max', fill: 'null' }
    expect(await rowsOf(store, { ...query, start: at(12), end: at(15) })).toEqual([
      [
        [at(12), null],
        [at(13), 4],
        [at(14), null],
      ],
    ])
    expect(await rowsOf(store, { ...query, start: at(8), end: at(10) })).toEqual([
      [
        [at(8), null],
        [at(9), null],
      ],
    ])
    expect(await rowsOf(store, { ...query, start: at(12) })).toEqual([
      [
        [at(12), null],
        [at(13), 4],
      ],
    ])
    expect((await rowsOf(store, { ...query, end: at(15) }))[0].map(([time]) => time)).toEqual(
      [10, 11, 12, 13, 14].map((hour) => at(hour)),
    )
    expect((await rowsOf(store, { ...query, start: at(9) }))[0].map(([time]) => time)).toEqual(
      [9, 10, 11, 12, 13].map((hour) => at(hour)),
    )
    expect(await rowsOf(store, { ...query, streams: [stream(3)] })).toEqual([[]])
  })

  it('repeat the value before, or lie on a line', async () => {
    const store = await storeWith(points)
    const query = { streams, every: '1h', agg: 'last,count', start: at(10), end: at(14) }
    expect(await rowsOf(store, { ...query, fill: 'previous' })).toEqual([
      [
        [at(10), 1, 1],
        [at(11), 1, 0],
        [at(12), 1, 0],
        [at(13), 4, 1],
      ],
      [
        [at(10), null, 0],
        [at(11), 'on', 1],
        [at(12), 'on', 0],
        [at(13), 'on', 0],
      ],
    ])
    const [numbers] = await rowsOf(store, { ...query, fill: 'linear' })
    expect(numbers.map(([, value]) => value)).toEqual([1, 2, 3, 4])
  })

  it('count towards the limit', async () => {
    const store = await storeWith(points)
    const query = { streams: [stream(1)], every: '1h', agg: 'max', fill: 'linear', limit: '2' }
    expect(await rowsOf(store, query)).toEqual([
      [
        [at(10), 1],
        [at(11), 2],
      ],
    ])
  })

  it('are filled over more buckets than one call to the store has', async () => {
    const store = await storeWith([
      [1, 0, 1],
      [1, 100_000 * US_PER_S, 100_001],
    ])
    const query = { streams: [stream(1)], every: '1s', agg: 'mean' }
    const [rows] = await rowsOf(store, { ...query, fill: 'linear' })
    expect(rows.length).toBe(100_001)
    expect(rows.every(([, value], i) => Math.abs(Number(value) - i - 1) < 1e-6)).toBe(true)
    const [cut] = await rowsOf(store, { ...query, fill: 'previous', limit: '70000' })
    expect(cut.length).toBe(70_000)
    expect(cut.every(([, value]) => value === 1)).toBe(true)
  })
})

describe('a query that asks for too much', () => {
  const points: PointRow[] = [
    [1, at(10), 1],
    [2, at(11), 2],
  ]
  const streams = [stream(1), stream(2)]
  const range = { start: '1970-01-01', end: '2070-01-01' }

  it('is refused before the first row, with the remedy', async () => {
    const store = await storeWith(points)
    const query = { streams, every: '1m', queryCellsMax: 100 }
    const refused = (parameters: object) => expect(ask(store, { ...query, ...parameters })).rejects
    await refused({}).toThrow(TooLargeError)
    await refused({}).toThrow(/about 61 buckets for each of 2 series; .* 100 .* a wider `every`/)
    await refused({ by: 'none', agg: 'delta' }).toThrow(TooLargeError)
    await refused({ fill: 'null', every: '1y', ...range }).toThrow(/100 buckets for each of 2 series/)
    expect(await rowsOf(store, { ...query, by: 'none' })).toHaveLength(1)
  })

  it('is refused when a line would have to be drawn over too many buckets', async () => {
    const query = { streams: [stream(1)], every: '1m', ...range, queryCellsMax: 1e9 }
    const store = await storeWith(points)
    await expect(ask(store, { ...query, fill: 'linear' })).rejects.toThrow(
      /fill=linear takes at most 1000000/,
    )
    expect((await ask(store, { ...query, fill: 'null' })).columns).toHaveLength(1)
  })

  it('is none for a wide range with few points in it', async () => {
    const store = await storeWith(points)
    expect(await rowsOf(store, { streams, every: '1m', ...range, queryCellsMax: 1_000 })).toEqual([
      [[at(10), 1]],
      [[at(11), 2]],
    ])
  })
})

describe('query service', () => {
  it('answers a query without streams', async () => {
    const store = await storeWith([])
    for (const query of [{}, { agg: 'mean' }, { every: '1h' }, { every: '1h', fill: 'null' }]) {
      expect(await rowsOf(store, { streams: [], ...query })).toEqual([])
    }
  })

  it('gives latest points and raw points to those who write answers of their own', async () => {
    const store = await storeWith([
      [1, 10, 1],
      [1, 20, 2],
    ])
    const service = new QueryService(store, { queryCellsMax: 10 })
    expect(await service.latest([stream(1)])).toEqual([{ stream: stream(1), timeUs: 20, value: 2 }])
    const pages = await collect(service.points({ streamId: 1, ...ALL_TIME }))
    expect(pages).toEqual([{ timesUs: Float64Array.of(10, 20), values: Float64Array.of(1, 2) }])
  })
})
