/** The bytes on disk are a promise to later versions: these are the examples of `docs/internals/chunk-format.md`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PointBatchBuilder } from '../../model/point-batch.ts'
import { decodeChunk, encodeChunk } from './codec/chunk-codec.ts'
import { decodeRecord, RecordWriter } from './log-record.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../../../../docs/internals/chunk-format.md'), 'utf8')
const MIDNIGHT_US = Date.UTC(2026, 0, 1) * 1_000

/** The bytes of the code block that follows a sentence of the page; what stands behind two blanks is a remark. */
function exampleAfter(sentence: string): Uint8Array<ArrayBuffer> {
  const [, block] = PAGE.slice(PAGE.indexOf(sentence)).split('```')
  const bytes = block.split('\n').flatMap((line) => line.split('  ')[0].match(/\b[0-9a-f]{2}\b/g) ?? [])
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16))
}

describe('bytes on disk', () => {
  it.each<[sentence: string, timesUs: number[], values: number[]]>([
    ['20, 20.1, 20.2 and 20.4, measured', [0, 10, 20, 40], [20, 20.1, 20.2, 20.4]],
    ['And 0.1 + 0.2, which is no short decimal', [0, 1], [0.1 + 0.2, Math.PI]],
  ])('of a chunk are those of the example "%s"', (sentence, seconds, list) => {
    const bytes = exampleAfter(sentence)
    const timesUs = Float64Array.from(seconds, (second) => MIDNIGHT_US + second * 1_000_000)
    const values = Float64Array.from(list)
    expect([...encodeChunk(timesUs, values)]).toEqual([...bytes])
    const into = { timesUs: new Float64Array(list.length), values: new Float64Array(list.length) }
    expect(decodeChunk(bytes, MIDNIGHT_US, into)).toBe(list.length)
    expect(into).toEqual({ timesUs, values })
  })

  it('of a log record are those of the example', () => {
    const bytes = exampleAfter('stream 1 has the number 21.5')
    const builder = new PointBatchBuilder()
    builder.add(1, MIDNIGHT_US, 21.5)
    builder.add(2, MIDNIGHT_US + 10_000_000, 'open')
    const batch = builder.take()
    expect([...new RecordWriter().encode([batch])]).toEqual([...bytes])
    expect(decodeRecord(bytes, 0)?.batch).toEqual(batch)
  })
})
