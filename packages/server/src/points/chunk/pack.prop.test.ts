import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_STREAMS, type ChunkSummary, decodeSummaries, PackBuilder } from './pack.ts'

const time = fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 })
const value = fc.double({ noNaN: true, noDefaultInfinity: true })
const chunk = fc.record({
  seq: fc.nat({ max: 2 ** 40 }),
  startUs: time,
  stopUs: time,
  count: fc.integer({ min: 1, max: 65_535 }),
  min: value,
  max: value,
  sum: value,
  first: value,
  last: value,
})
const rows = fc.array(fc.tuple(fc.nat({ max: BLOCK_STREAMS - 1 }), chunk, fc.uint8Array()), {
  minLength: 1,
  maxLength: 300,
})

function build(chunks: readonly (readonly [number, ChunkSummary, Uint8Array])[]) {
  const builder = new PackBuilder()
  for (const [streamId, summary, bytes] of chunks) builder.add(streamId, summary, bytes)
  return builder.take()
}

describe('pack', () => {
  it('gives back every summary bit for bit, and where the bytes of its chunk are', () => {
    fc.assert(
      fc.property(rows, (chunks) => {
        const { summaries, data, pointCount } = build(chunks)
        const columns = decodeSummaries(summaries)
        for (const [row, [slot, summary, bytes]] of chunks.entries()) {
          const { seq, startUs, stopUs, count, min, max, sum, first, last } = summary
          expect(columns.streamSlots[row]).toBe(slot)
          expect([columns.startsUs[row], columns.stopsUs[row]]).toEqual([startUs, stopUs])
          expect([columns.seqs[row], columns.counts[row]]).toEqual([seq, count])
          expect([columns.mins[row], columns.maxs[row], columns.sums[row]]).toEqual([min, max, sum])
          expect([columns.firsts[row], columns.lasts[row]]).toEqual([first, last])
          const position = columns.positions[row]
          expect([...data.subarray(position, position + columns.lengths[row])]).toEqual([...bytes])
        }
        expect(columns.streamSlots.length).toBe(chunks.length)
        expect(pointCount).toBe(chunks.reduce((sum, [, { count }]) => sum + count, 0))
      }),
      { numRuns: 100 },
    )
  })

  it('notices any changed byte of the summaries', () => {
    const place = fc.record({ at: fc.nat(), flip: fc.integer({ min: 1, max: 255 }) })
    fc.assert(
      fc.property(rows, place, (chunks, { at, flip }) => {
        const summaries = Uint8Array.from(build(chunks).summaries)
        summaries[at % summaries.length] ^= flip
        expect(() => decodeSummaries(summaries)).toThrow(/damaged|newer version/)
      }),
      { numRuns: 200 },
    )
  })

  it('begins again from nothing once it was taken', () => {
    const summary: ChunkSummary = {
      seq: 1,
      startUs: 5,
      stopUs: 6,
      count: 2,
      min: 0,
      max: 1,
      sum: 1,
      first: 0,
      last: 1,
    }
    const builder = new PackBuilder()
    builder.add(3, summary, Uint8Array.of(1, 2))
    expect(builder.take().data).toEqual(Uint8Array.of(1, 2))
    expect(builder.isEmpty).toBe(true)
    builder.add(4, summary, Uint8Array.of(7))
    const pack = builder.take()
    expect(pack.data).toEqual(Uint8Array.of(7))
    expect(decodeSummaries(pack.summaries).streamSlots).toEqual(Float64Array.of(4))
  })
})
