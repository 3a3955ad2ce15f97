/** Deletes a range of points from chunks and texts, inside a transaction that the caller has begun. */
import { ALL_TIME, type TimeRange } from '../point-store.ts'
import type { ChunkDatabase } from './chunk-database.ts'
import { ChunkReader } from './chunk-reader.ts'
import { decodeChunk } from './codec/chunk-codec.ts'
import { partOf } from './parts.ts'
import { sliceTimes } from './run.ts'
import { type StreamFacts, stateRow } from './stream-states.ts'
import type { SummaryCache } from './summary-cache.ts'
import { type WriteContext, writeRun } from './write-chunks.ts'

export interface DeleteContext {
  readonly database: ChunkDatabase
  readonly summaries: SummaryCache
  readonly partUs: number
  readonly parts: ReadonlySet<number>
}

/** What a stream has left; undefined when nothing is. */
export type Remains = StreamFacts | undefined

/** Removes the points of one stream in a range. Chunks that the range cuts are rewritten. */
export function deletePoints(
  { database, summaries, partUs, parts }: DeleteContext,
  streamId: number,
  range: TimeRange,
): { deletedCount: number; remains: Remains } {
  const sortedParts = [...parts].sort((a, b) => a - b)
  const reader = new ChunkReader({ database, summaries, partUs, parts: sortedParts, heads: [] })
  const deletedCount = reader.read(streamId, range).timesUs.length
  if (deletedCount > 0) {
    const firstPart = partOf(range.fromUs, partUs)
    const lastPart = partOf(range.toUs - 1, partUs)
    for (const part of parts) {
      if (part < firstPart || part > lastPart) continue
      database.addPointCount(-database.deleteTexts(part, streamId, range))
      cutChunks({ database, partUs, parts: new Set(parts), touched: new Set() }, part, streamId, range)
      summaries.forget(part)
    }
  }
  const remains = remainsOf(reader, streamId)
  if (remains) database.putStream(stateRow(streamId, remains))
  else database.deleteStream(streamId)
  return { deletedCount, remains }
}

function remainsOf(reader: ChunkReader, streamId: number): Remains {
  const oldest = reader.read(streamId, { ...ALL_TIME, limit: 1 })
  const newest = reader.read(streamId, { ...ALL_TIME, limit: 1, keep: 'newest' })
  if (newest.timesUs.length === 0) return undefined
  const last = newest.texts?.get(0) ?? newest.values[0]
  return { firstUs: oldest.timesUs[0], lastUs: newest.timesUs[0], last }
}

function cutChunks(
  context: Omit<WriteContext, 'seq'>,
  part: number,
  streamId: number,
  range: TimeRange,
): void {
  const { database } = context
  for (const chunk of database.chunks(part, streamId)) {
    if (chunk.stopUs < range.fromUs || chunk.startUs >= range.toUs) continue
    const points = { timesUs: new Float64Array(chunk.count), values: new Float64Array(chunk.count) }
    decodeChunk(database.chunkData(chunk.dataId), chunk.startUs, points)
    database.deleteChunk(part, streamId, chunk)
    const before = sliceTimes(points, Number.NEGATIVE_INFINITY, range.fromUs)
    const after = sliceTimes(points, range.toUs, Number.POSITIVE_INFINITY)
    // The pieces keep the number of the write that they came from, and so their place among equal times.
    for (const piece of [before, after]) writeRun({ ...context, seq: chunk.seq }, streamId, piece)
    const kept = before.timesUs.length + after.timesUs.length
    database.addPointCount(kept - chunk.count)
  }
}
