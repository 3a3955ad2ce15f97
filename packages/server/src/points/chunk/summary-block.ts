/** The summaries of all chunks that a block of streams has in one slice of time, as columns. */
import type { NumberSummary } from '../aggregate-cells.ts'
import { BLOCK_STREAMS, type ChunkSummary, PACK_COLUMNS, type PackColumns } from './pack.ts'

/** A chunk, and where its bytes are. */
export interface StoredChunk extends ChunkSummary {
  /** Bytes from the beginning of all pieces, as if they followed one another. */
  readonly position: number
  readonly length: number
}

/** A pack as it is read; the positions of its columns count from the beginning of all pieces. */
export interface StoredPack {
  readonly id: number
  readonly columns: PackColumns
}

/** What a block takes beside its columns. */
const BLOCK_BYTES = 2_048

export class SummaryBlock {
  readonly firstStream: number
  readonly packIds: readonly number[]
  #columns: PackColumns
  /** Row where each stream of the block begins, and where the last one ends. */
  #offsets = new Uint32Array(BLOCK_STREAMS + 1)
  #hasTexts = new Uint8Array(BLOCK_STREAMS)
  #isPlain = new Uint8Array(BLOCK_STREAMS).fill(1)

  constructor(firstStream: number, packs: readonly StoredPack[], textStreams: readonly number[]) {
    this.firstStream = firstStream
    this.packIds = packs.map(({ id }) => id)
    this.#columns = joined(packs.map(({ columns }) => columns))
    const { streamSlots, startsUs, stopsUs } = this.#columns
    for (let row = 0; row < streamSlots.length; row++) {
      const slot = streamSlots[row]
      this.#offsets[slot + 1]++
      // The first chunk to overlap any before it overlaps the one just before it.
      const isSameStream = row > 0 && streamSlots[row - 1] === slot
      if (isSameStream && startsUs[row] <= stopsUs[row - 1]) this.#isPlain[slot] = 0
    }
    for (let slot = 0; slot < BLOCK_STREAMS; slot++) this.#offsets[slot + 1] += this.#offsets[slot]
    for (const streamId of textStreams) {
      this.#hasTexts[streamId - firstStream] = 1
      this.#isPlain[streamId - firstStream] = 0
    }
  }

  get bytes(): number {
    return BLOCK_BYTES + this.chunkCount * PACK_COLUMNS.length * Float64Array.BYTES_PER_ELEMENT
  }

  get chunkCount(): number {
    return this.#columns.startsUs.length
  }

  /** Row of the stream's first chunk. */
  from(streamId: number): number {
    return this.#offsets[streamId - this.firstStream]
  }

  /** Row behind the stream's last chunk. */
  to(streamId: number): number {
    return this.#offsets[streamId - this.firstStream + 1]
  }

  /** Whether each chunk of the stream stands alone: none overlaps another, and there are no texts. */
  isPlain(streamId: number): boolean {
    return this.#isPlain[streamId - this.firstStream] === 1
  }

  hasTexts(streamId: number): boolean {
    return this.#hasTexts[streamId - this.firstStream] === 1
  }

  startUs(row: number): number {
    return this.#columns.startsUs[row]
  }

  stopUs(row: number): number {
    return this.#columns.stopsUs[row]
  }

  count(row: number): number {
    return this.#columns.counts[row]
  }

  chunk(row: number): StoredChunk {
    const columns = this.#columns
    return {
      seq: columns.seqs[row],
      startUs: columns.startsUs[row],
      stopUs: columns.stopsUs[row],
      count: columns.counts[row],
      min: columns.mins[row],
      max: columns.maxs[row],
      sum: columns.sums[row],
      first: columns.firsts[row],
      last: columns.lasts[row],
      position: columns.positions[row],
      length: columns.lengths[row],
    }
  }

  summary(row: number): NumberSummary {
    const columns = this.#columns
    return {
      count: columns.counts[row],
      sum: columns.sums[row],
      min: columns.mins[row],
      max: columns.maxs[row],
      firstUs: columns.startsUs[row],
      first: columns.firsts[row],
      lastUs: columns.stopsUs[row],
      last: columns.lasts[row],
    }
  }

  /** All chunks of a stream, by start. */
  chunks(streamId: number): StoredChunk[] {
    const from = this.from(streamId)
    return Array.from({ length: this.to(streamId) - from }, (_, i) => this.chunk(from + i))
  }
}

/** The rows of all packs by stream, start and number of the write; a single pack has them so already. */
function joined(packs: readonly PackColumns[]): PackColumns {
  if (packs.length === 1) return packs[0]
  const all = Object.fromEntries(
    PACK_COLUMNS.map((name) => [name, concat(packs.map((pack) => pack[name]))]),
  ) as PackColumns
  const { streamSlots, startsUs, seqs } = all
  const order = Uint32Array.from(streamSlots, (_, row) => row).sort(
    (a, b) => streamSlots[a] - streamSlots[b] || startsUs[a] - startsUs[b] || seqs[a] - seqs[b],
  )
  const inOrder = (column: Float64Array) => Float64Array.from(order, (row) => column[row])
  return Object.fromEntries(PACK_COLUMNS.map((name) => [name, inOrder(all[name])])) as PackColumns
}

function concat(columns: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(columns.reduce((sum, column) => sum + column.length, 0))
  let at = 0
  for (const column of columns) {
    all.set(column, at)
    at += column.length
  }
  return all
}
