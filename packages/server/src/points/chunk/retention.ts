/** Retention: slices of time that are old enough go as a whole, chunks, texts and all. */
import type { ChunkDatabase } from './chunk-database.ts'
import { inChange } from './in-change.ts'
import { blockOf } from './pack.ts'
import { forEachStream, StreamBlocks, type StreamFacts } from './stream-blocks.ts'

/** What became of the streams that had points in what was dropped. */
export interface DroppedSlice {
  readonly streamIds: Uint32Array
  /** Time of the oldest point that each has left; NaN when none is. */
  readonly firstsUs: Float64Array
}

/** Slices that lie before `beforeUs` altogether, ascending. */
export function expiredParts(database: ChunkDatabase, beforeUs: number): number[] {
  const { partUs } = database.meta()
  return database
    .parts()
    .map(({ part }) => part)
    .filter((part) => (part + 1) * partUs <= beforeUs)
}

/** Drops one slice, in one transaction. Nothing may be in a head that belongs there. */
export function dropPart(database: ChunkDatabase, part: number): DroppedSlice {
  const endUs = (part + 1) * database.meta().partUs
  return inChange(database, () => {
    database.addPointCount(-database.dropPart(part))
    const affected: [streamId: number, facts: StreamFacts][] = []
    forEachStream(database, (streamId, facts) => {
      if (facts.firstUs < endUs) affected.push([streamId, facts])
    })
    const parts = database.parts().map((row) => row.part)
    const finder = new FirstTimes(database, parts)
    const streams = new StreamBlocks(database)
    const firstsUs = Float64Array.from(affected, ([streamId, facts]) => {
      const firstUs = finder.find(streamId)
      streams.set(streamId, Number.isNaN(firstUs) ? undefined : { ...facts, firstUs })
      return firstUs
    })
    streams.save()
    return { streamIds: Uint32Array.from(affected, ([streamId]) => streamId), firstsUs }
  })
}

/** Finds first times of streams, which come in the order of their blocks. */
class FirstTimes {
  #database: ChunkDatabase
  #parts: readonly number[]
  #loaded: { part: number; block: ReturnType<ChunkDatabase['block']> }[] = []
  #number = -1

  constructor(database: ChunkDatabase, parts: readonly number[]) {
    this.#database = database
    this.#parts = parts
  }

  find(streamId: number): number {
    if (blockOf(streamId) !== this.#number) {
      this.#number = blockOf(streamId)
      this.#loaded = []
    }
    for (const [i, part] of this.#parts.entries()) {
      this.#loaded[i] ??= { part, block: this.#database.block(part, this.#number) }
      const { block } = this.#loaded[i]
      const times = block.hasTexts(streamId)
        ? this.#database.texts(part, streamId).map((row) => row.timeUs)
        : []
      if (block.to(streamId) > block.from(streamId)) times.push(block.startUs(block.from(streamId)))
      if (times.length > 0) return times.reduce((least, timeUs) => Math.min(least, timeUs))
    }
    return Number.NaN
  }
}
