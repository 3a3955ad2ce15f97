import { describe, expect, it } from 'vitest'
import { renderAnswer } from './answer-format.ts'
import { ask, collect, type PointRow, type Query, storeWith, stream } from './query.fixture.ts'

async function render(points: readonly PointRow[], query: Query): Promise<string> {
  const answer = await ask(await storeWith(points), query)
  return Buffer.concat(await collect(renderAnswer(answer, 'ndjson'))).toString()
}

const POINTS: PointRow[] = [
  [1, '2024-05-01T10:00:00Z', 21.5],
  [1, '2024-05-01T10:00:01Z', '=1\n"'],
]

describe('ndjson', () => {
  it('has an object per line', async () => {
    expect(await render(POINTS, { streams: [stream(1)] })).toBe(
      '{"time":"2024-05-01T10:00:00Z","device":"Device 1","variable":"variable1","stream":"s--1","value":21.5}\n' +
        '{"time":"2024-05-01T10:00:01Z","device":"Device 1","variable":"variable1","stream":"s--1",' +
        '"value":"=1\\n\\""}\n',
    )
  })

  it('has a key per aggregate, and null for what there is not', async () => {
    const streams = [stream(1), stream(2, { device: 2 })]
    expect(await render(POINTS, { streams, by: 'none', every: '1s', agg: 'count,max' })).toBe(
      '{"time":"2024-05-01T10:00:00Z","device":null,"variable":"variable1","stream":null,"count":1,"max":21.5}\n' +
        '{"time":"2024-05-01T10:00:01Z","device":null,"variable":"variable1","stream":null,"count":1,"max":null}\n',
    )
  })

  it('has the times of first and last values over a whole range', async () => {
    expect(await render(POINTS, { streams: [stream(1)], agg: 'first,count', start: '2024-05-01' })).toBe(
      '{"time":"2024-05-01T00:00:00Z","device":"Device 1","variable":"variable1","stream":"s--1",' +
        '"first":21.5,"first_time":"2024-05-01T10:00:00Z","count":2}\n',
    )
  })

  it('has no bytes at all without rows', async () => {
    expect(await render([], { streams: [stream(1)] })).toBe('')
  })
})
