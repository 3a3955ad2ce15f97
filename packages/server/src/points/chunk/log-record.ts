/**
 * One record of the commit log: the points of one group, as columns.
 *
 * | offset | | |
 * |---|---|---|
 * | 0 | u32 | length of the record, this header included, a multiple of 8 |
 * | 4 | u32 | CRC-32 of everything after it |
 * | 8 | u32 | number of points n |
 * | 12 | u32 | number of texts m |
 * | 16 | f64 × n | times, µs |
 * | … | f64 × n | values; NaN where a text stands |
 * | … | u32 × n | stream numbers |
 * | … | m times | u32 row, u32 byte length, UTF-8 bytes |
 * | … | 0-7 bytes | zeros up to the length |
 *
 * All little-endian. Lengths are multiples of 8, so that columns can be read in place.
 */

import { strict as assert } from 'node:assert'
import { endianness } from 'node:os'
import { crc32 } from 'node:zlib'
import type { PointBatch } from '../../model/point-batch.ts'

assert(endianness() === 'LE', 'columns are written as they lie in memory, which must be little-endian')

const RECORD_HEADER_BYTES = 16
const POINT_BYTES = 20

/** Encodes several batches, one after the other, as the columns of one record. */
export class RecordWriter {
  #bytes = new Uint8Array(256 * 1024)
  #text = new TextEncoder()

  /** The record lies in a buffer that the next call uses again. */
  encode(batches: readonly PointBatch[]): Uint8Array {
    let count = 0
    for (const batch of batches) count += batch.timesUs.length
    const texts = this.#encodeTexts(batches)
    const unpadded =
      RECORD_HEADER_BYTES + count * POINT_BYTES + texts.reduce((sum, text) => sum + 8 + text.bytes.length, 0)
    const length = Math.ceil(unpadded / 8) * 8
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(2 * length)
    const view = new DataView(this.#bytes.buffer)
    const timesUs = new Float64Array(this.#bytes.buffer, RECORD_HEADER_BYTES, count)
    const values = new Float64Array(this.#bytes.buffer, RECORD_HEADER_BYTES + 8 * count, count)
    const streamIds = new Uint32Array(this.#bytes.buffer, RECORD_HEADER_BYTES + 16 * count, count)
    let row = 0
    for (const batch of batches) {
      timesUs.set(batch.timesUs, row)
      values.set(batch.values, row)
      streamIds.set(batch.streamIds, row)
      row += batch.timesUs.length
    }
    let at = RECORD_HEADER_BYTES + POINT_BYTES * count
    for (const text of texts) {
      view.setUint32(at, text.row, true)
      view.setUint32(at + 4, text.bytes.length, true)
      this.#bytes.set(text.bytes, at + 8)
      at += 8 + text.bytes.length
    }
    this.#bytes.fill(0, at, length)
    view.setUint32(0, length, true)
    view.setUint32(8, count, true)
    view.setUint32(12, texts.length, true)
    view.setUint32(4, crc32(this.#bytes.subarray(8, length)), true)
    return this.#bytes.subarray(0, length)
  }

  #encodeTexts(batches: readonly PointBatch[]): { row: number; bytes: Uint8Array }[] {
    const texts = []
    let firstRow = 0
    for (const batch of batches) {
      for (const [row, text] of batch.texts ?? [])
        texts.push({ row: firstRow + row, bytes: this.#text.encode(text) })
      firstRow += batch.timesUs.length
    }
    return texts
  }
}

/**
 * Reads the whole record at `offset`; `bytes` starts at a multiple of 8 in its buffer.
 * @returns undefined when no whole, undamaged record stands there.
 */
export function decodeRecord(
  bytes: Uint8Array,
  offset: number,
): { batch: PointBatch; nextOffset: number } | undefined {
  if (bytes.length - offset < RECORD_HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset)
  const length = view.getUint32(0, true)
  if (length < RECORD_HEADER_BYTES || length % 8 !== 0 || length > bytes.length - offset) return undefined
  if (crc32(bytes.subarray(offset + 8, offset + length)) !== view.getUint32(4, true)) return undefined
  const count = view.getUint32(8, true)
  const columnsAt = bytes.byteOffset + offset + RECORD_HEADER_BYTES
  const batch = {
    timesUs: new Float64Array(bytes.buffer, columnsAt, count),
    values: new Float64Array(bytes.buffer, columnsAt + 8 * count, count),
    streamIds: new Uint32Array(bytes.buffer, columnsAt + 16 * count, count),
  }
  const textCount = view.getUint32(12, true)
  const nextOffset = offset + length
  if (textCount === 0) return { batch, nextOffset }
  const texts = new Map<number, string>()
  const decoder = new TextDecoder()
  let at = RECORD_HEADER_BYTES + POINT_BYTES * count
  for (let i = 0; i < textCount; i++) {
    const byteLength = view.getUint32(at + 4, true)
    const start = offset + at + 8
    texts.set(view.getUint32(at, true), decoder.decode(bytes.subarray(start, start + byteLength)))
    at += 8 + byteLength
  }
  return { batch: { ...batch, texts }, nextOffset }
}
