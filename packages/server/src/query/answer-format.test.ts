import { describe, expect, it } from 'vitest'
import { ANSWER_FORMATS, parseFormat, renderAnswer } from './answer-format.ts'
import { BLOCK_BYTES } from './byte-writer.ts'
import { ask, type PointRow, storeWith, stream } from './query.fixture.ts'

const FORMATS = Object.keys(ANSWER_FORMATS).map(parseFormat)

describe('format', () => {
  it('is JSON unless another one is named', () => {
    expect([undefined, '', 'csv', 'ndjson'].map(parseFormat)).toEqual(['json', 'json', 'csv', 'ndjson'])
    expect(() => parseFormat('xml')).toThrow(/^format: must be one of json, csv, ndjson/)
    expect(() => parseFormat('toString')).toThrow(/^format: /)
  })

  it.each(FORMATS)('%s comes in blocks, between which other work has its turn', async (format) => {
    const points = Array.from({ length: 30_000 }, (_, i): PointRow => [1, i * 1_000_000, i / 4])
    const answer = await ask(await storeWith(points), { streams: [stream(1)] })
    const sizes: number[] = []
    let turns = 0
    let immediate = setImmediate(countTurn)
    function countTurn() {
      turns++
      immediate = setImmediate(countTurn)
    }
    // A clock by which each look at it comes a second later.
    let nowMs = 0
    const blocks = renderAnswer(answer, format, () => (nowMs += 1_000))
    for await (const block of blocks) sizes.push(block.length)
    clearImmediate(immediate)
    expect(sizes.length).toBeGreaterThan(5)
    for (const size of sizes.slice(0, -1)) {
      expect(size).toBeGreaterThanOrEqual(BLOCK_BYTES)
      expect(size).toBeLessThan(BLOCK_BYTES + 4_096)
    }
    expect(turns).toBeGreaterThanOrEqual(sizes.length - 1)
  })

  it.each(FORMATS)('%s is cut into blocks over many short series as well', async (format) => {
    const streams = Array.from({ length: 3_000 }, (_, i) => stream(i + 1, { device: i + 1 }))
    const store = await storeWith(streams.map(({ id }) => [id, id, id] as const))
    const sizes: number[] = []
    for await (const block of renderAnswer(await ask(store, { streams, agg: 'last' }), format)) {
      sizes.push(block.length)
    }
    expect(sizes.length).toBeGreaterThan(1)
    expect(Math.max(...sizes)).toBeLessThan(BLOCK_BYTES + 400)
  })

  it('is cut into blocks over series without rows', async () => {
    const streams = Array.from({ length: 2_000 }, (_, i) => stream(i + 1))
    let blockCount = 0
    for await (const _ of renderAnswer(await ask(await storeWith([]), { streams }), 'json')) blockCount++
    expect(blockCount).toBeGreaterThan(2)
  })
})
