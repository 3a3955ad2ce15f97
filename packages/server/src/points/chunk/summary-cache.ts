/**
 * Chunk summaries in memory, in blocks of neighbouring streams of one slice. Reads find their chunks here,
 * and wide aggregates are answered from here alone. Blocks are loaded when first asked for, and dropped when
 * their slice has changed or when memory is needed.
 */
import type { ChunkReadings, TextRow } from './chunk-database.ts'
import { blockOf } from './pack.ts'
import type { SummaryBlock } from './summary-block.ts'

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
    const number = blockOf(streamId)
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
    const block = this.#database.block(part, number)
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
