import { describe, expect, it } from 'vitest'
import { PointBatchBuilder } from '../../model/point-batch.ts'
import { decodeRecord, RecordWriter } from './log-record.ts'

function batch(...rows: [streamId: number, timeUs: number, value: number | string][]) {
  const builder = new PointBatchBuilder()
  for (const row of rows) builder.add(...row)
  return builder.take()
}

function encode(...batches: ReturnType<typeof batch>[]): Uint8Array {
  return new RecordWriter().encode(batches).slice()
}

describe('log record', () => {
  it('gives several batches back as one', () => {
    const bytes = encode(batch([1, 10, 1.5], [2, 20, 'on']), batch([3, -30, -0], [1, 2 ** 53, 'ü'.repeat(9)]))
    const record = decodeRecord(bytes, 0)
    expect(record?.nextOffset).toBe(bytes.length)
    expect(bytes.length % 8).toBe(0)
    expect(record?.batch).toEqual({
      streamIds: Uint32Array.of(1, 2, 3, 1),
      timesUs: Float64Array.of(10, 20, -30, 2 ** 53),
      values: Float64Array.of(1.5, Number.NaN, -0, Number.NaN),
      texts: new Map([
        [1, 'on'],
        [3, 'ü'.repeat(9)],
      ]),
    })
  })

  it('is not found where a byte is missing or wrong', () => {
    const bytes = encode(batch([1, 10, 1.5], [2, 20, 'on']))
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeRecord(bytes.slice(0, length), 0)).toBeUndefined()
    }
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice()
      flipped[at] ^= 1
      expect(decodeRecord(flipped, 0)).toBeUndefined()
    }
  })

  it('is not found in zeros, as a file system may leave them behind a torn write', () => {
    expect(decodeRecord(new Uint8Array(64), 0)).toBeUndefined()
  })
})
