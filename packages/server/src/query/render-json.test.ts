import { describe, expect, it } from 'vitest'
import { renderAnswer } from './answer-format.ts'
import { BLOCK_BYTES } from './byte-writer.ts'
import { ask, collect, type PointRow, type Query, storeWith, stream } from './query.fixture.ts'

async function render(points: readonly PointRow[], query: Query): Promise<string> {
  return Buffer.concat(
    await collect(renderAnswer(await ask(await storeWith(points), query), 'json')),
  ).toString()
}

const POINTS: PointRow[] = [
  [1, '2024-05-01T10:00:00Z', 21.5],
  [1, '2024-05-01T10:00:00.0005Z', -0],
  [1, '2024-05-01T10:00:01Z', 'say "hi"\n'],
]

describe('JSON', () => {
  it('has times in milliseconds and values as columns', async () => {
    expect(await render(POINTS, { streams: [stream(1)] })).toBe(
      '{"results":[{"stream":"s--1","device":"Device 1","variable":"variable1","project":"Project 1",' +
        '"times":[1714557600000,1714557600000.5,1714557601000],"values":[21.5,-0,"say \\"hi\\"\\n"]}]}',
    )
  })

  it('has a result without rows for a stream without points', async () => {
    expect(await render(POINTS, { streams: [stream(2), stream(1)], end: '2024-05-01T10:00:00.0001Z' })).toBe(
      '{"results":[{"stream":"s--2","device":"Device 1","variable":"variable1","project":"Project 1",' +
        '"times":[],"values":[]},{"stream":"s--1","device":"Device 1","variable":"variable1",' +
        '"project":"Project 1","times":[1714557600000],"values":[21.5]}]}',
    )
  })

  it('ends well wherever a block of bytes is full', async () => {
    const points = Array.from({ length: 1_000 }, (_, i): PointRow => [i + 1, '2024-05-01T10:00:00Z', i])
    const store = await storeWith(points)
    const renderSeries = async (count: number) => {
      const streams = Array.from({ length: count }, (_, i) => stream(i + 1))
      return collect(renderAnswer(await ask(store, { streams, agg: 'mean' }), 'json'))
    }
    const lengthOf = async (count: number) => Buffer.concat(await renderSeries(count)).length
    const perSeries = (await lengthOf(300)) - (await lengthOf(299))
    const fullAt = Math.floor(BLOCK_BYTES / perSeries)
    for (let count = fullAt - 8; count <= fullAt + 8; count++) {
      const { results } = JSON.parse(Buffer.concat(await renderSeries(count)).toString())
      expect(results.length).toBe(count)
    }
  })

  it('has several aggregates by name, and nothing that streams do not share', async () => {
    const streams = [stream(1), stream(2, { project: 2, device: 2, variable: 2 })]
    expect(await render(POINTS, { streams, by: 'none', every: '1d', agg: 'mean,delta,last' })).toBe(
      '{"results":[{"times":[1714521600000],"values":{"mean":[10.75],"delta":[null],' +
        '"last":["say \\"hi\\"\\n"]}}]}',
    )
  })

  it('has the times of first and last values over a whole range', async () => {
    const query = { streams: [stream(1)], start: '2024-05-01' }
    expect(await render(POINTS, { ...query, agg: 'first,max,last', by: 'variable' })).toBe(
      '{"results":[{"stream":"s--1","device":"Device 1","variable":"variable1","project":"Project 1",' +
        '"times":[1714521600000],"values":{"first":[21.5],"max":[21.5],"last":["say \\"hi\\"\\n"]},' +
        '"value_times":{"first":[1714557600000],"last":[1714557601000]}}]}',
    )
    expect(await render(POINTS, { ...query, agg: 'last' })).toContain(
      '"times":[1714557601000],"values":["say \\"hi\\"\\n"]}',
    )
  })

  it('has null for a sum beyond all numbers', async () => {
    const points: PointRow[] = [
      [1, 0, 1.7e308],
      [1, 1, 1.7e308],
    ]
    expect(await render(points, { streams: [stream(1)], agg: 'sum' })).toContain(
      '"times":[0],"values":[null]',
    )
  })

  it('is whole without streams', async () => {
    expect(await render([], { streams: [] })).toBe('{"results":[]}')
  })
})
