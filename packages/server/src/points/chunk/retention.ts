/** Retention: slices of time that are old enough go as a whole, chunks, texts and all. */
import type { ChunkDatabase } from './chunk-database.ts'
import { inChange } from './in-change.ts'

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
    const streamIds = Uint32Array.from(database.streamsFrom(endUs))
    const parts = database.parts().map((row) => row.part)
    const firstsUs = Float64Array.from(streamIds, (streamId) => firstUs(database, parts, streamId))
    for (const [i, streamId] of streamIds.entries()) {
      if (Number.isNaN(firstsUs[i])) database.deleteStream(streamId)
      else database.setStreamFirst(streamId, firstsUs[i])
    }
    return { streamIds, firstsUs }
  })
}

function firstUs(database: ChunkDatabase, parts: readonly number[], streamId: number): number {
  for (const part of parts) {
    const timeUs = database.firstUs(part, streamId)
    if (timeUs !== null) return timeUs
  }
  return Number.NaN
}
