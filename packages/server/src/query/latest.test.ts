import { describe, expect, it } from 'vitest'
import { latestSeries, readLatest } from './latest.ts'
import { collect, storeWith, stream } from './query.fixture.ts'
import { gatherStreams } from './stream-groups.ts'

describe('latest points', () => {
  it('are those with the greatest time, in the order of the streams', async () => {
    const store = await storeWith([
      [1, 20, 2.5],
      [1, 10, 1.5],
      [2, 30, 'on'],
    ])
    const [first, second, empty] = [stream(1), stream(2), stream(3)]
    expect(await readLatest(store, [second, empty, first])).toEqual([
      { stream: second, timeUs: 30, value: 'on' },
      { stream: first, timeUs: 20, value: 2.5 },
    ])
  })

  it('stand for groups of streams, those of the later stream at equal times', async () => {
    const store = await storeWith([
      [1, 10, 1],
      [2, 10, 'on'],
      [3, 20, 3],
      [4, 5, 'off'],
      [5, 7, 5],
    ])
    const devices = [1, 1, 2, 2, 4, 3].map((device, i) => stream([1, 2, 3, 4, 6, 5][i], { device }))
    const [{ ends, rows }] = await collect(latestSeries(store, gatherStreams(devices, 'device')))
    expect({ ends: [...ends], timesUs: [...rows.timesUs] }).toEqual({
      ends: [1, 2, 2, 3],
      timesUs: [10, 20, 7],
    })
    const [{ values, texts }] = rows.columns
    expect([[...values], [...(texts ?? [])]]).toEqual([[Number.NaN, 3, 5], [[0, 'on']]])
  })

  it('are found of more streams than one call takes', async () => {
    const streams = Array.from({ length: 20_001 }, (_, i) => stream(i + 1))
    const store = await storeWith(streams.map(({ id }) => [id, id, -id] as const))
    const points = await readLatest(store, streams)
    expect(points.map(({ stream, timeUs, value }) => [stream.id, timeUs, value])).toEqual(
      streams.map(({ id }) => [id, id, -id]),
    )
  })
})
