/** Deletes a range of points from chunks and texts, inside a transaction that the caller has begun. */
import type { TimeRange } from '../point-store.ts'
import type { ChunkDatabase } from './chunk-database.ts'
import { clustersOf, decodeClusters, decodeOne } from './clusters.ts'
import { BLOCK_STREAMS, blockOf } from './pack.ts'
import { partOf } from './parts.ts'
import { EMPTY_RUN, lowerBound, type Run, sliceTimes } from './run.ts'
import type { StreamFacts } from './stream-blocks.ts'
import type { StoredChunk } from './summary-block.ts'
import { ChunkWriter } from './write-chunks.ts'

export interface PointsToDelete {
  readonly streamIds: ReadonlySet<number>
  readonly range: TimeRange
  /** Slices that were changed are added. */
  readonly touched: Set<number>
}

/** Answers how many points there were. Chunks that the range cuts are rewritten. */
export function deletePoints(database: ChunkDatabase, { streamIds, range, touched }: PointsToDelete): number {
  const { partUs } = database.meta()
  const [firstPart, lastPart] = [partOf(range.fromUs, partUs), partOf(range.toUs - 1, partUs)]
  const blocks = Map.groupBy(streamIds, blockOf)
  let deletedCount = 0
  for (const { part } of database.parts()) {
    if (part < firstPart || part > lastPart) continue
    for (const [block, streams] of blocks) {
      deletedCount += deleteFromBlock(database, { part, block, streamIds: new Set(streams), range, touched })
    }
  }
  return deletedCount
}

interface BlockCut extends PointsToDelete {
  readonly part: number
  readonly block: number
}

function deleteFromBlock(database: ChunkDatabase, cut: BlockCut): number {
  const { part, block, streamIds, range, touched } = cut
  const summaries = database.block(part, block)
  let deletedCount = 0
  for (const streamId of streamIds) {
    const { timesUs } = decodeClusters(
      database,
      clustersOf(summaries.chunks(streamId), database.texts(part, streamId)),
    )
    deletedCount += lowerBound(timesUs, range.toUs) - lowerBound(timesUs, range.fromUs)
  }
  if (deletedCount === 0) return 0
  const { partUs } = database.meta()
  const writer = new ChunkWriter(database, { partUs, touched })
  for (let streamId = summaries.firstStream; streamId < summaries.firstStream + BLOCK_STREAMS; streamId++) {
    const chunks = summaries.chunks(streamId)
    if (streamIds.has(streamId)) {
      database.addPointCount(-database.deleteTexts(part, streamId, range))
      cutChunks(database, { streamId, chunks, range, writer })
    } else {
      for (const chunk of chunks) writer.copy(part, streamId, chunk)
    }
  }
  writer.finish()
  for (const id of summaries.packIds) database.deletePack(id)
  database.forgetPiece()
  database.setMerged(part, 'no')
  touched.add(part)
  return deletedCount
}

interface ChunkCut {
  readonly streamId: number
  readonly chunks: readonly StoredChunk[]
  readonly range: TimeRange
  readonly writer: ChunkWriter
}

/** Writes what is left of chunks. Each piece keeps the number of its write, and so its place among equal times. */
function cutChunks(database: ChunkDatabase, { streamId, chunks, range, writer }: ChunkCut): void {
  const pieces: { seq: number; run: Run }[] = []
  for (const chunk of chunks) {
    const run = decodeOne(database, chunk)
    const before = sliceTimes(run, Number.NEGATIVE_INFINITY, range.fromUs)
    const after = sliceTimes(run, range.toUs, Number.POSITIVE_INFINITY)
    for (const piece of [before, after]) {
      if (piece.timesUs.length > 0) pieces.push({ seq: chunk.seq, run: piece })
    }
    database.addPointCount(before.timesUs.length + after.timesUs.length - chunk.count)
  }
  pieces.sort((a, b) => a.run.timesUs[0] - b.run.timesUs[0] || a.seq - b.seq)
  for (const { seq, run } of pieces) writer.write(streamId, seq, run)
}

/** What a stream has left; undefined when nothing is. */
export type Remains = StreamFacts | undefined

/** Finds out from chunks and texts. */
export function remainsOf(database: ChunkDatabase, streamId: number): Remains {
  const parts = database.parts().map(({ part }) => part)
  const oldest = firstRun(database, parts, streamId)
  if (oldest.timesUs.length === 0) return undefined
  const newest = firstRun(database, parts.reverse(), streamId)
  const row = newest.timesUs.length - 1
  const last = newest.texts?.get(row) ?? newest.values[row] + 0 // A latest value does not tell -0 from 0.
  return { firstUs: oldest.timesUs[0], lastUs: newest.timesUs[row], last }
}

function firstRun(database: ChunkDatabase, parts: readonly number[], streamId: number): Run {
  for (const part of parts) {
    const chunks = database.block(part, blockOf(streamId)).chunks(streamId)
    const run = decodeClusters(database, clustersOf(chunks, database.texts(part, streamId)))
    if (run.timesUs.length > 0) return run
  }
  return EMPTY_RUN
}
