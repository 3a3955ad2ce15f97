import { describe, expect, it } from 'vitest'
import { readLatest } from './latest.ts'
import { storeWith, stream } from './query.fixture.ts'

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

  it('are found of more streams than one call takes', async () => {
    const streams = Array.from({ length: 20_001 }, (_, i) => stream(i + 1))
    const store = await storeWith(streams.map(({ id }) => [id, id, -id] as const))
    const points = await readLatest(store, streams)
    expect(points.map(({ stream, timeUs, value }) => [stream.id, timeUs, value])).toEqual(
      streams.map(({ id }) => [id, id, -id]),
    )
  })
})
