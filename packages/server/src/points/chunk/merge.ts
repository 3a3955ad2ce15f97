/**
 * Merging: what several flushes left of a stream in a finished slice becomes a few large chunks, in which
 * nothing overlaps and every time occurs once. The work comes in steps of a few milliseconds, each a
 * transaction of its own, so that other work runs in between and a crash loses nothing.
 */
import { ALL_TIME } from '../point-store.ts'
import type { ChunkDatabase, StreamChunks } from './chunk-database.ts'
import { ChunkReader } from './chunk-reader.ts'
import type { SummaryCache } from './summary-cache.ts'
import { CHUNK_POINTS, writeRun } from './write-chunks.ts'

export interface MergeContext {
  readonly database: ChunkDatabase
  readonly summaries: SummaryCache
  readonly partUs: number
}

const STEP_STREAMS_MAX = 64
/** Points that one step rewrites, but for a single stream that has more. */
const STEP_POINTS_MAX = 30_000

/**
 * Merges some streams of a slice, those that follow `afterStream`.
 * @returns the last stream looked at, or undefined when there are no more.
 */
export function mergeStep(context: MergeContext, part: number, afterStream: number): number | undefined {
  const streams = context.database.nextStreams(part, afterStream, STEP_STREAMS_MAX)
  let last: number | undefined
  let pointCount = 0
  context.database.begin()
  try {
    for (const stream of streams) {
      if (pointCount > 0 && pointCount + stream.pointCount > STEP_POINTS_MAX) break
      last = stream.streamId
      if (!needsMerge(context, part, stream)) continue
      pointCount += stream.pointCount
      mergeStream(context, part, stream.streamId)
    }
    context.database.commit()
  } catch (error) {
    context.database.rollback()
    context.summaries.forget(part)
    throw error
  }
  return last
}

/** Whether fewer chunks would do, or some of them overlap. */
function needsMerge({ database }: MergeContext, part: number, stream: StreamChunks): boolean {
  return (
    stream.chunkCount > Math.ceil(stream.pointCount / CHUNK_POINTS) || database.isDirty(part, stream.streamId)
  )
}

function mergeStream({ database, summaries, partUs }: MergeContext, part: number, streamId: number): void {
  const reader = new ChunkReader({ database, summaries, partUs, parts: [part], heads: [] })
  const range = { fromUs: part * partUs, toUs: (part + 1) * partUs }
  const run = reader.read(streamId, range)
  const chunks = database.chunks(part, streamId)
  for (const chunk of chunks) database.deleteChunk(part, streamId, chunk)
  const textCount = database.deleteTexts(part, streamId, ALL_TIME)
  database.clearDirty(part, streamId)
  // Later flushes have higher numbers, and so go on standing over what is written here.
  const seq = Math.max(...chunks.map((chunk) => chunk.seq))
  // Seen as touched already: a merge is not something that needs merging.
  writeRun(
    { database, partUs, seq, parts: new Set([part]), touched: new Set([part]), thorough: true },
    streamId,
    run,
  )
  const pointCount = chunks.reduce((sum, chunk) => sum + chunk.count, textCount)
  database.addPointCount(run.timesUs.length - pointCount)
  summaries.forgetStream(part, streamId)
}
