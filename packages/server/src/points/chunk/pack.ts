/**
 * A pack: the chunks of neighbouring streams in one slice of time, kept together so that a database row holds
 * many of them. Their summaries are columns of one blob; their bytes follow one another and are cut into
 * pieces of one size. `docs/internals/chunk-format.md` describes the bytes.
 */
import { strict as assert } from 'node:assert'
import { crc32 } from 'node:zlib'
import { UnavailableError } from '../../errors.ts'
import { ByteReader, ByteWriter } from './codec/bytes.ts'
import { decodeValues, encodeValues } from './codec/value-codec.ts'

/** Streams of one block: a pack has chunks of one block only. */
export const BLOCK_STREAMS = 128

/**
 * Two whole overflow pages of the database, and as much as SQLite then leaves in the row's own page, where
 * eight such rests fill it: pieces of this size waste next to nothing.
 */
export const PIECE_BYTES = 17_379

/** A pack with more chunks, or more bytes, is closed and another one begun. */
const PACK_CHUNKS_MAX = 4_096
const PACK_BYTES_MAX = 4 * 1024 * 1024

const VERSION = 1
/** Version, CRC-32 of what follows, number of chunks. */
const HEADER_BYTES = 7
/** A value of the worst kind takes 8 bytes, and its share of the blocks' widths. */
const VALUE_BYTES_MAX = 9
const COLUMN_BYTES_MAX = 32

/** In the order in which they are written. All are numbers that a float64 holds exactly. */
export const PACK_COLUMNS = [
  'streamSlots',
  'startsUs',
  'stopsUs',
  'seqs',
  'counts',
  'mins',
  'maxs',
  'sums',
  'firsts',
  'lasts',
  'positions',
  'lengths',
] as const

/** An entry per chunk. Slots count streams from the block's first; positions are bytes of the pack. */
export type PackColumns = Readonly<Record<(typeof PACK_COLUMNS)[number], Float64Array>>

export interface ChunkSummary {
  /** Of points with equal times the one with the higher number holds. */
  readonly seq: number
  readonly startUs: number
  readonly stopUs: number
  readonly count: number
  readonly min: number
  readonly max: number
  readonly sum: number
  readonly first: number
  readonly last: number
}

/** What is stored of a pack. */
export interface Pack {
  readonly pointCount: number
  readonly summaries: Uint8Array
  readonly data: Uint8Array
}

export function blockOf(streamId: number): number {
  return Math.floor(streamId / BLOCK_STREAMS)
}

const writer = new ByteWriter()
const reader = new ByteReader()

export class PackBuilder {
  #rows: number[][] = []
  #data = new Uint8Array(64 * 1024)
  #bytes = 0
  #pointCount = 0

  get isEmpty(): boolean {
    return this.#rows.length === 0
  }

  get isFull(): boolean {
    return this.#rows.length >= PACK_CHUNKS_MAX || this.#bytes >= PACK_BYTES_MAX
  }

  /** Chunks come by stream, those of one stream by start. */
  add(streamId: number, chunk: ChunkSummary, bytes: Uint8Array): void {
    const { startUs, stopUs, seq, count, min, max, sum, first, last } = chunk
    const slot = streamId % BLOCK_STREAMS
    this.#rows.push([
      slot,
      startUs,
      stopUs,
      seq,
      count,
      min,
      max,
      sum,
      first,
      last,
      this.#bytes,
      bytes.length,
    ])
    if (this.#bytes + bytes.length > this.#data.length) {
      const from = this.#data
      this.#data = new Uint8Array(2 * (this.#bytes + bytes.length))
      this.#data.set(from)
    }
    this.#data.set(bytes, this.#bytes)
    this.#bytes += bytes.length
    this.#pointCount += count
  }

  /** The pack so far; the builder starts again from nothing, and the data is valid until it is added to. */
  take(): Pack {
    const pack = {
      pointCount: this.#pointCount,
      summaries: encodeSummaries(this.#rows),
      data: this.#data.subarray(0, this.#bytes),
    }
    this.#rows = []
    this.#bytes = 0
    this.#pointCount = 0
    return pack
  }
}

function encodeSummaries(rows: readonly (readonly number[])[]): Uint8Array {
  const count = rows.length
  assert(count > 0, 'a pack without chunks')
  writer.reset(HEADER_BYTES + PACK_COLUMNS.length * (COLUMN_BYTES_MAX + count * VALUE_BYTES_MAX))
  writer.u8(VERSION)
  writer.u32(0)
  writer.u16(count)
  const column = new Float64Array(count)
  for (let i = 0; i < PACK_COLUMNS.length; i++) {
    for (let row = 0; row < count; row++) column[row] = rows[row][i]
    encodeValues(writer, column, 0, count)
  }
  const bytes = writer.take()
  new DataView(bytes.buffer).setUint32(1, crc32(bytes.subarray(5)), true)
  return bytes
}

/** @throws {UnavailableError} the bytes are damaged, or of a version that this program does not know. */
export function decodeSummaries(bytes: Uint8Array): PackColumns {
  reader.reset(bytes)
  const version = reader.u8()
  const checksum = reader.u32()
  if (bytes.length < HEADER_BYTES || crc32(bytes.subarray(5)) !== checksum) {
    throw new UnavailableError(
      'The summaries of stored chunks are damaged; restore the data folder from a backup',
    )
  }
  const count = reader.u16()
  const columns = PACK_COLUMNS.map((name) => [name, new Float64Array(count)] as const)
  const isKnown = version === VERSION && columns.every(([, column]) => decodeValues(reader, column, count))
  if (!isKnown || !reader.isWhole) {
    throw new UnavailableError('Stored chunks were written by a newer version of Sonde; use that one')
  }
  return Object.fromEntries(columns) as PackColumns
}
