/**
 * Merging: what several flushes left of a stream in a finished slice becomes a few large chunks, in which
 * nothing overlaps and every time occurs once. The work comes in steps, each a transaction of its own, so
 * that a flush need not wait for long and a crash loses nothing.
 */
import { ALL_TIME } from '../point-store.ts'
import type { ChunkDatabase, StreamChunks } from './chunk-database.ts'
import { clustersOf, decodeClusters } from './clusters.ts'
import { inChange } from './in-change.ts'
import { CHUNK_POINTS, writeRun } from './write-chunks.ts'

const STEP_STREAMS_MAX = 1_024
/** Points that one step rewrites, but for a single stream that has more: some hundredths of a second. */
const STEP_POINTS_MAX = 500_000

/**
 * Merges some streams of a slice, those that follow `afterStream`; 0 begins.
 * @returns the last stream looked at, or undefined when there are no more.
 */
export function mergeStep(
  database: ChunkDatabase,
  { part, afterStream }: { part: number; afterStream: number },
): number | undefined {
  return inChange(database, (touched) => {
    const streams = database.nextStreams(part, afterStream, STEP_STREAMS_MAX)
    if (afterStream === 0) database.setMerged(part, 'underway')
    if (streams.length === 0) database.endMerge(part)
    let last: number | undefined
    let pointCount = 0
    for (const stream of streams) {
      if (pointCount > 0 && pointCount + stream.pointCount > STEP_POINTS_MAX) break
      last = stream.streamId
      if (!needsMerge(database, part, stream)) continue
      pointCount += stream.pointCount
      mergeStream(database, part, stream.streamId)
      touched.add(part)
    }
    return last
  })
}

/** Whether fewer chunks would do, or some of them overlap. */
function needsMerge(database: ChunkDatabase, part: number, stream: StreamChunks): boolean {
  return (
    stream.chunkCount > Math.ceil(stream.pointCount / CHUNK_POINTS) || database.isDirty(part, stream.streamId)
  )
}

function mergeStream(database: ChunkDatabase, part: number, streamId: number): void {
  const chunks = database.chunks(part, streamId)
  const run = decodeClusters(database, clustersOf(chunks, database.texts(part, streamId)))
  for (const chunk of chunks) database.deleteChunk(part, streamId, chunk)
  const textCount = database.deleteTexts(part, streamId, ALL_TIME)
  database.clearDirty(part, streamId)
  // Later flushes have higher numbers, and so go on standing over what is written here.
  const seq = Math.max(...chunks.map((chunk) => chunk.seq))
  const { partUs } = database.meta()
  writeRun({ database, partUs, seq, touched: new Set(), thorough: true }, streamId, run)
  const pointCount = chunks.reduce((sum, chunk) => sum + chunk.count, textCount)
  database.addPointCount(run.timesUs.length - pointCount)
}
