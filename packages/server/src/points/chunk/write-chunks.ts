/** Turns runs of points into packs of chunks, inside a transaction that the caller has begun. */
import type { ChunkDatabase } from './chunk-database.ts'
import { encodeChunk } from './codec/chunk-codec.ts'
import { blockOf, type ChunkSummary, PackBuilder } from './pack.ts'
import { forEachPart } from './parts.ts'
import { type Run, sliceRows } from './run.ts'
import type { StoredChunk } from './summary-block.ts'

/** Longer runs are cut into chunks of equal length up to this many points: fewer decode to no purpose. */
export const CHUNK_POINTS = 2_048

export interface ChunkWriterOptions {
  readonly partUs: number
  /** Slices that are written to are added. */
  readonly touched: Set<number>
  /** For chunks that are written once and read often. */
  readonly isThorough?: boolean
}

export class ChunkWriter {
  #database: ChunkDatabase
  #options: ChunkWriterOptions
  #block = 0
  /** By slice; all of the same block. */
  #builders = new Map<number, PackBuilder>()

  constructor(database: ChunkDatabase, options: ChunkWriterOptions) {
    this.#database = database
    this.#options = options
  }

  /**
   * Writes a run of one stream, slice by slice; texts and numbers go to their own tables. Of points with equal
   * times the one with the higher `seq` holds. Streams come in ascending order, the points of each as well.
   */
  write(streamId: number, seq: number, run: Run): void {
    forEachPart(run.timesUs, this.#options.partUs, (part, from, to) => {
      const rows = sliceRows(run, from, to)
      const numbers = rows.texts ? this.#writeTexts(part, streamId, seq, rows) : rows
      if (numbers.timesUs.length > 0) this.#writeNumbers(part, streamId, seq, numbers)
    })
  }

  /** Writes a chunk as it is. */
  copy(part: number, streamId: number, chunk: StoredChunk): void {
    this.#add(part, streamId, chunk, this.#database.chunkData(chunk))
  }

  /** To be called at the end. */
  finish(): void {
    for (const [part, builder] of this.#builders) this.#insert(part, builder)
    this.#builders.clear()
  }

  #writeNumbers(part: number, streamId: number, seq: number, { timesUs, values }: Run): void {
    const count = timesUs.length
    const chunkCount = Math.ceil(count / CHUNK_POINTS)
    for (let i = 0; i < chunkCount; i++) {
      const from = Math.floor((i * count) / chunkCount)
      const to = Math.floor(((i + 1) * count) / chunkCount)
      const bytes = encodeChunk(timesUs, values, { from, to, thorough: this.#options.isThorough ?? false })
      this.#add(part, streamId, { ...summarise(timesUs, values, from, to), seq }, bytes)
    }
  }

  /** Writes the texts of a run and returns its numbers. */
  #writeTexts(part: number, streamId: number, seq: number, run: Run): Run {
    for (const [row, text] of run.texts ?? []) {
      this.#database.insertText(part, streamId, { timeUs: run.timesUs[row], seq, text })
    }
    this.#options.touched.add(part)
    const isNumber = (_: number, row: number) => !run.texts?.has(row)
    return { timesUs: run.timesUs.filter(isNumber), values: run.values.filter(isNumber) }
  }

  #add(part: number, streamId: number, summary: ChunkSummary, bytes: Uint8Array): void {
    if (blockOf(streamId) !== this.#block) {
      this.finish()
      this.#block = blockOf(streamId)
    }
    const builder = this.#builders.get(part) ?? new PackBuilder()
    this.#builders.set(part, builder)
    builder.add(streamId, summary, bytes)
    if (builder.isFull) this.#insert(part, builder)
  }

  #insert(part: number, builder: PackBuilder): void {
    if (builder.isEmpty) return
    this.#database.insertPack(part, this.#block, builder.take())
    this.#options.touched.add(part)
  }
}

export function summarise(
  timesUs: Float64Array,
  values: Float64Array,
  from: number,
  to: number,
): Omit<ChunkSummary, 'seq'> {
  let min = values[from]
  let max = min
  let sum = 0
  for (let i = from; i < to; i++) {
    const value = values[i]
    if (value < min) min = value
    if (value > max) max = value
    sum += value
  }
  // Summaries do not tell -0 from 0.
  return {
    startUs: timesUs[from],
    stopUs: timesUs[to - 1],
    count: to - from,
    min: min + 0,
    max: max + 0,
    sum,
    first: values[from] + 0,
    last: values[to - 1] + 0,
  }
}
