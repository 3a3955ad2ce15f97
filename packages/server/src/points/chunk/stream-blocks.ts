/**
 * What is kept of each stream beside its points, so that opening the store reads no chunks: first time, last
 * time and last value, in rows of neighbouring streams. Changes are collected and saved in one go.
 */
import type { PointValue } from '../../model/point-batch.ts'
import type { ChunkDatabase, ChunkReadings } from './chunk-database.ts'
import { BLOCK_STREAMS, blockOf } from './pack.ts'

/** A stream that has points. */
export interface StreamFacts {
  readonly firstUs: number
  readonly lastUs: number
  readonly last: PointValue
}

/** Columns of a block: first times, last times, last values, each of `BLOCK_STREAMS` numbers, NaN for none. */
const COLUMNS = 3

/** Calls back with every stream that has points. */
export function forEachStream(
  database: Pick<ChunkReadings, 'lastTexts' | 'streamBlocks'>,
  visit: (streamId: number, facts: StreamFacts) => void,
): void {
  const texts = new Map(database.lastTexts().map(({ streamId, text }) => [streamId, text]))
  for (const { block, states } of database.streamBlocks()) {
    const columns = columnsOf(states)
    for (let slot = 0; slot < BLOCK_STREAMS; slot++) {
      const streamId = block * BLOCK_STREAMS + slot
      const [firstUs, lastUs, last] = [0, 1, 2].map((column) => columns[column * BLOCK_STREAMS + slot])
      if (!Number.isNaN(firstUs)) visit(streamId, { firstUs, lastUs, last: texts.get(streamId) ?? last })
    }
  }
}

export class StreamBlocks {
  #database: ChunkDatabase
  /** Blocks that have changed, or were looked at. */
  #blocks = new Map<number, Float64Array>()
  #texts = new Map<number, string | undefined>()

  /** For one transaction. */
  constructor(database: ChunkDatabase) {
    this.#database = database
  }

  /** Takes newer points of a stream into account; of equal last times the new value holds. */
  extend(streamId: number, { firstUs, lastUs, last }: StreamFacts): void {
    const columns = this.#columns(streamId)
    const slot = streamId % BLOCK_STREAMS
    if (!(columns[slot] <= firstUs)) columns[slot] = firstUs
    if (columns[BLOCK_STREAMS + slot] > lastUs) return
    columns[BLOCK_STREAMS + slot] = lastUs
    this.#setLast(streamId, last)
  }

  /** Sets what is known of a stream, or that it has no points any more. */
  set(streamId: number, facts: StreamFacts | undefined): void {
    const columns = this.#columns(streamId)
    const slot = streamId % BLOCK_STREAMS
    columns[slot] = facts?.firstUs ?? Number.NaN
    columns[BLOCK_STREAMS + slot] = facts?.lastUs ?? Number.NaN
    this.#setLast(streamId, facts?.last ?? Number.NaN)
  }

  save(): void {
    for (const [block, columns] of this.#blocks) {
      this.#database.putStreamBlock(block, new Uint8Array(columns.buffer))
    }
    for (const [streamId, text] of this.#texts) {
      if (text === undefined) this.#database.deleteLastText(streamId)
      else this.#database.putLastText(streamId, text)
    }
  }

  #setLast(streamId: number, last: PointValue): void {
    const isText = typeof last === 'string'
    const columns = this.#columns(streamId)
    const at = 2 * BLOCK_STREAMS + (streamId % BLOCK_STREAMS)
    // A value that is NaN belongs to a text, so that most streams need no look at the texts.
    if (isText || Number.isNaN(columns[at])) this.#texts.set(streamId, isText ? last : undefined)
    columns[at] = isText ? Number.NaN : last
  }

  #columns(streamId: number): Float64Array {
    const block = blockOf(streamId)
    let columns = this.#blocks.get(block)
    if (columns === undefined) {
      const stored = this.#database.streamBlock(block)
      columns = stored ? columnsOf(stored) : new Float64Array(COLUMNS * BLOCK_STREAMS).fill(Number.NaN)
      this.#blocks.set(block, columns)
    }
    return columns
  }
}

/** A copy, since the bytes need not begin where a column may. */
function columnsOf(states: Uint8Array): Float64Array {
  return new Float64Array(Uint8Array.from(states).buffer)
}
