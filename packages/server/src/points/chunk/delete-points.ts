/** Deletes a range of points from chunks and texts, inside a transaction that the caller has begun. */
import type { TimeRange } from '../point-store.ts'
import type { ChunkDatabase, ChunkSummary } from './chunk-database.ts'
import { clustersOf, decodeClusters, decodeOne } from './clusters.ts'
import { partOf } from './parts.ts'
import { EMPTY_RUN, lowerBound, type Run, sliceTimes } from './run.ts'
import { type StreamFacts, stateRow } from './stream-states.ts'
import { writeRun } from './write-chunks.ts'

/** What a stream has left; undefined when nothing is. */
export type Remains = StreamFacts | undefined

/** Removes the points of one stream in a range. Chunks that the range cuts are rewritten. */
export function deletePoints(
  database: ChunkDatabase,
  { streamId, range, touched }: { streamId: number; range: TimeRange; touched: Set<number> },
): { deletedCount: number; remains: Remains } {
  const { partUs } = database.meta()
  const firstPart = partOf(range.fromUs, partUs)
  const lastPart = partOf(range.toUs - 1, partUs)
  let deletedCount = 0
  for (const { part } of database.parts()) {
    if (part < firstPart || part > lastPart) continue
    const run = partRun(database, part, streamId)
    const count = lowerBound(run.timesUs, range.toUs) - lowerBound(run.timesUs, range.fromUs)
    if (count === 0) continue
    deletedCount += count
    touched.add(part)
    database.setMerged(part, 'no')
    database.addPointCount(-database.deleteTexts(part, streamId, range))
    for (const chunk of database.chunks(part, streamId)) {
      if (chunk.stopUs < range.fromUs || chunk.startUs >= range.toUs) continue
      cutChunk(database, { part, streamId, chunk, range })
    }
  }
  return { deletedCount, remains: updateRemains(database, streamId) }
}

/** Finds out what a stream still has, and keeps that. */
export function updateRemains(database: ChunkDatabase, streamId: number): Remains {
  const parts = database.parts().map(({ part }) => part)
  const oldest = firstRun(database, parts, streamId)
  if (oldest.timesUs.length === 0) {
    database.deleteStream(streamId)
    return undefined
  }
  const newest = firstRun(database, parts.reverse(), streamId)
  const row = newest.timesUs.length - 1
  const last = newest.texts?.get(row) ?? newest.values[row] + 0 // A latest value does not tell -0 from 0.
  const remains = { firstUs: oldest.timesUs[0], lastUs: newest.timesUs[row], last }
  database.putStream(stateRow(streamId, remains))
  return remains
}

function firstRun(database: ChunkDatabase, parts: readonly number[], streamId: number): Run {
  for (const part of parts) {
    const run = partRun(database, part, streamId)
    if (run.timesUs.length > 0) return run
  }
  return EMPTY_RUN
}

function partRun(database: ChunkDatabase, part: number, streamId: number): Run {
  const clusters = clustersOf(database.chunks(part, streamId), database.texts(part, streamId))
  return decodeClusters(database, clusters)
}

interface Cut {
  readonly part: number
  readonly streamId: number
  readonly chunk: ChunkSummary
  readonly range: TimeRange
}

function cutChunk(database: ChunkDatabase, { part, streamId, chunk, range }: Cut): void {
  const { partUs } = database.meta()
  const points = decodeOne(database, chunk)
  database.deleteChunk(part, streamId, chunk)
  const before = sliceTimes(points, Number.NEGATIVE_INFINITY, range.fromUs)
  const after = sliceTimes(points, range.toUs, Number.POSITIVE_INFINITY)
  // The pieces keep the number of the write that they came from, and so their place among equal times.
  for (const piece of [before, after]) {
    writeRun({ database, partUs, seq: chunk.seq, touched: new Set() }, streamId, piece)
  }
  const kept = before.timesUs.length + after.timesUs.length
  database.addPointCount(kept - chunk.count)
}
