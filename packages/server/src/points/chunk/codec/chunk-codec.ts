/**
 * A run of points of one stream, ascending in time, to bytes and back without loss: every finite float64
 * and every integer microsecond time. The bytes are described in `docs/internals/chunk-format.md`.
 */
import { strict as assert } from 'node:assert'
import { crc32 } from 'node:zlib'
import { UnavailableError } from '../../../errors.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { decodeTimes, encodeTimes } from './time-codec.ts'
import { decodeValues, type EncodeOptions, encodeValues } from './value-codec.ts'

const VERSION = 1
/** Version, CRC-32 of what follows, count. */
const HEADER_BYTES = 7

/** The most points of one chunk; positions in it are 16 bits wide. */
export const CHUNK_POINTS_MAX = 65_535
/** A point of the worst kind takes 8 bytes of time and 8 of value, and its share of the blocks' widths. */
const POINT_BYTES_MAX = 18

const writer = new ByteWriter()
const reader = new ByteReader()

/** Encodes `timesUs[from … to)` with their values; the first time is not in the bytes. */
export function encodeChunk(
  timesUs: Float64Array,
  values: Float64Array,
  { from = 0, to = timesUs.length, ...options }: { from?: number; to?: number } & EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const count = to - from
  assert(count >= 1 && count <= CHUNK_POINTS_MAX, `a chunk of ${count} points`)
  writer.reset(64 + count * POINT_BYTES_MAX)
  writer.u8(VERSION)
  writer.u32(0)
  writer.u16(count)
  encodeTimes(writer, timesUs, from, to)
  encodeValues(writer, values, from, to, options)
  const bytes = writer.take()
  new DataView(bytes.buffer).setUint32(1, crc32(bytes.subarray(5)), true)
  return bytes
}

/** Number of points in encoded bytes. */
export function chunkCount(bytes: Uint8Array): number {
  return bytes[5] | (bytes[6] << 8)
}

/**
 * Decodes into the given columns, which have room for `chunkCount(bytes)` points.
 * @returns the number of points.
 * @throws {UnavailableError} the bytes are damaged, or of a version that this program does not know.
 */
export function decodeChunk(
  bytes: Uint8Array,
  startUs: number,
  into: { timesUs: Float64Array; values: Float64Array },
): number {
  reader.reset(bytes)
  const version = reader.u8()
  const checksum = reader.u32()
  if (bytes.length < HEADER_BYTES || crc32(bytes.subarray(5)) !== checksum) {
    throw new UnavailableError('A stored chunk is damaged; restore the data folder from a backup')
  }
  const count = reader.u16()
  const isKnown =
    version === VERSION &&
    decodeTimes(reader, startUs, into.timesUs, count) &&
    decodeValues(reader, into.values, count) &&
    reader.isWhole
  if (!isKnown)
    throw new UnavailableError('A stored chunk was written by a newer version of Sonde; use that one')
  return count
}
