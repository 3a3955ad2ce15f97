/**
 * Chunk summaries in memory, as columns, in blocks of neighbouring streams of one slice. Reads find their
 * chunks here, and wide aggregates are answered from here alone. Blocks are loaded when first asked for,
 * and dropped when their slice has changed or when memory is needed.
 */
import type { NumberSummary } from '../aggregate-cells.ts'
import type { ChunkReadings, ChunkSummary, TextRow } from './chunk-database.ts'

/** Streams of one block: few enough that loading one for a single stream costs little. */
const BLOCK_STREAMS = 128
const COLUMNS = 10
/** What a block takes beside its columns. */
const BLOCK_BYTES = 2_048

export class SummaryBlock {
  readonly startsUs: Float64Array
  readonly seqs: Float64Array
  readonly stopsUs: Float64Array
  readonly counts: Float64Array
  readonly mins: Float64Array
  readonly maxs: Float64Array
  readonly sums: Float64Array
  readonly firsts: Float64Array
  readonly lasts: Float64Array
  readonly dataIds: Float64Array
  readonly rowCount: number
  #firstStream: number
  /** Row where each stream of the block begins, and where the last one ends. */
  #offsets = new Uint32Array(BLOCK_STREAMS + 1)
  #hasTexts = new Uint8Array(BLOCK_STREAMS)
  #isPlain = new Uint8Array(BLOCK_STREAMS).fill(1)

  /** `rows` are those of `ChunkReadings.summaryRows`, by stream and start. */
  constructor(firstStream: number, rows: readonly (readonly number[])[], textStreams: readonly number[]) {
    const column = (index: number) => Float64Array.from(rows, (row) => row[index])
    this.#firstStream = firstStream
    this.rowCount = rows.length
    this.startsUs = column(1)
    this.seqs = column(2)
    this.stopsUs = column(3)
    this.counts = column(4)
    this.mins = column(5)
    this.maxs = column(6)
    this.sums = column(7)
    this.firsts = column(8)
    this.lasts = column(9)
    this.dataIds = column(10)
    for (const [row, [streamId]] of rows.entries()) {
      const slot = streamId - firstStream
      this.#offsets[slot + 1]++
      // The first chunk to overlap any before it overlaps the one just before it.
      const isSameStream = row > 0 && rows[row - 1][0] === streamId
      if (isSameStream && this.startsUs[row] <= this.stopsUs[row - 1]) this.#isPlain[slot] = 0
    }
    for (let slot = 0; slot < BLOCK_STREAMS; slot++) this.#offsets[slot + 1] += this.#offsets[slot]
    for (const streamId of textStreams) {
      this.#hasTexts[streamId - firstStream] = 1
      this.#isPlain[streamId - firstStream] = 0
    }
  }

  get bytes(): number {
    return BLOCK_BYTES + this.rowCount * COLUMNS * Float64Array.BYTES_PER_ELEMENT
  }

  /** Row of the stream's first chunk. */
  from(streamId: number): number {
    return this.#offsets[streamId - this.#firstStream]
  }

  /** Row behind the stream's last chunk. */
  to(streamId: number): number {
    return this.#offsets[streamId - this.#firstStream + 1]
  }

  /** Whether each chunk of the stream stands alone: none overlaps another, and there are no texts. */
  isPlain(streamId: number): boolean {
    return this.#isPlain[streamId - this.#firstStream] === 1
  }

  hasTexts(streamId: number): boolean {
    return this.#hasTexts[streamId - this.#firstStream] === 1
  }

  chunk(row: number): ChunkSummary {
    return {
      dataId: this.dataIds[row],
      seq: this.seqs[row],
      startUs: this.startsUs[row],
      stopUs: this.stopsUs[row],
      count: this.counts[row],
      min: this.mins[row],
      max: this.maxs[row],
      sum: this.sums[row],
      first: this.firsts[row],
      last: this.lasts[row],
    }
  }

  summary(row: number): NumberSummary {
    return {
      count: this.counts[row],
      sum: this.sums[row],
      min: this.mins[row],
      max: this.maxs[row],
      firstUs: this.startsUs[row],
      first: this.firsts[row],
      lastUs: this.stopsUs[row],
      last: this.lasts[row],
    }
  }

  /** All chunks of a stream, by start. */
  chunks(streamId: number): ChunkSummary[] {
    const from = this.from(streamId)
    return Array.from({ length: this.to(streamId) - from }, (_, i) => this.chunk(from + i))
  }
}

export class SummaryCache {
  #database: ChunkReadings
  #bytesMax: number
  /** By slice, then by number of the block; the slice used last stands last. */
  #slices = new Map<number, Map<number, SummaryBlock>>()
  #bytes = 0
  #parts: readonly number[] = []
  #changeCount = -1

  constructor(database: ChunkReadings, bytesMax: number) {
    this.#database = database
    this.#bytesMax = bytesMax
  }

  /** Slices that have chunks or texts, ascending. */
  get parts(): readonly number[] {
    return this.#parts
  }

  /** To be called at the beginning of every read, within its snapshot: drops what has changed since the last. */
  refresh(changeCount: number): void {
    if (changeCount === this.#changeCount) return
    const changedAt = new Map(this.#database.parts().map((row) => [row.part, row.changedAt]))
    this.#parts = [...changedAt.keys()]
    for (const part of this.#slices.keys()) {
      const isSame = (changedAt.get(part) ?? Number.POSITIVE_INFINITY) <= this.#changeCount
      if (!isSame) this.#forget(part)
    }
    this.#changeCount = changeCount
  }

  /** The block that a stream's chunks of a slice are in. */
  block(part: number, streamId: number): SummaryBlock {
    const number = Math.floor(streamId / BLOCK_STREAMS)
    return this.#slices.get(part)?.get(number) ?? this.#load(part, number)
  }

  texts(part: number, streamId: number): readonly TextRow[] {
    return this.block(part, streamId).hasTexts(streamId) ? this.#database.texts(part, streamId) : []
  }

  #forget(part: number): void {
    for (const block of this.#slices.get(part)?.values() ?? []) this.#bytes -= block.bytes
    this.#slices.delete(part)
  }

  #load(part: number, number: number): SummaryBlock {
    const streams = { from: number * BLOCK_STREAMS, to: (number + 1) * BLOCK_STREAMS }
    const rows = this.#database.summaryRows(part, streams)
    const block = new SummaryBlock(streams.from, rows, this.#database.textStreams(part, streams))
    const slice = this.#slices.get(part) ?? new Map<number, SummaryBlock>()
    // The slice is the newest now; slices that nobody has asked for lately go first.
    this.#slices.delete(part)
    this.#slices.set(part, slice)
    slice.set(number, block)
    this.#bytes += block.bytes
    for (const [oldest] of this.#slices) {
      if (this.#bytes <= this.#bytesMax || oldest === part) break
      this.#forget(oldest)
    }
    if (this.#bytes > this.#bytesMax) this.#keepOnly(part, number, block)
    return block
  }

  /** One slice alone is over the bound: all of its blocks but the newest go. */
  #keepOnly(part: number, number: number, block: SummaryBlock): void {
    this.#slices.set(part, new Map([[number, block]]))
    this.#bytes = block.bytes
  }
}
