/**
 * Merging: what several flushes left of a block of streams in a finished slice becomes one pack of few large
 * chunks, in which nothing overlaps and every time occurs once. The work comes in steps, each a transaction
 * of its own, so that a flush need not wait for long and a crash loses nothing.
 */
import { ALL_TIME } from '../point-store.ts'
import type { ChunkDatabase } from './chunk-database.ts'
import { type Cluster, clustersOf, decodeCluster } from './clusters.ts'
import { inChange } from './in-change.ts'
import { BLOCK_STREAMS } from './pack.ts'
import { concatRuns, type Run } from './run.ts'
import type { SummaryBlock } from './summary-block.ts'
import { CHUNK_POINTS, ChunkWriter } from './write-chunks.ts'

/** Points that one step rewrites, but for a single block that has more: some hundredths of a second. */
const STEP_POINTS_MAX = 500_000
/** Points of one stream that are in memory at a time. */
const WINDOW_POINTS = 64 * CHUNK_POINTS

/**
 * Merges some blocks of a slice, those that follow `afterBlock`; -1 begins.
 * @returns the last block looked at, or undefined when there are no more.
 */
export function mergeStep(
  database: ChunkDatabase,
  { part, afterBlock }: { part: number; afterBlock: number },
): number | undefined {
  return inChange(database, (touched) => {
    if (afterBlock < 0) database.setMerged(part, 'underway')
    let last = afterBlock
    for (let pointCount = 0; pointCount < STEP_POINTS_MAX; ) {
      const next = database.nextBlock(part, last)
      if (next === null) {
        database.endMerge(part)
        return undefined
      }
      pointCount += mergeBlock(database, { part, block: next, touched })
      last = next
    }
    return last
  })
}

/** Answers how many points were rewritten. */
function mergeBlock(
  database: ChunkDatabase,
  { part, block, touched }: { part: number; block: number; touched: Set<number> },
): number {
  const summaries = database.block(part, block)
  const streamIds = Array.from({ length: BLOCK_STREAMS }, (_, slot) => summaries.firstStream + slot)
  if (summaries.packIds.length <= 1 && !streamIds.some((streamId) => needsMerge(summaries, streamId)))
    return 0
  const { partUs } = database.meta()
  const writer = new ChunkWriter(database, { partUs, touched, isThorough: true })
  let pointCount = 0
  for (const streamId of streamIds) {
    const chunks = summaries.chunks(streamId)
    pointCount += chunks.reduce((sum, chunk) => sum + chunk.count, 0)
    if (needsMerge(summaries, streamId)) mergeStream(database, { part, streamId, summaries, writer })
    else for (const chunk of chunks) writer.copy(part, streamId, chunk)
  }
  writer.finish()
  for (const id of summaries.packIds) database.deletePack(id)
  database.forgetPiece()
  touched.add(part)
  return pointCount
}

/** Whether chunks of a stream overlap, or two neighbours would do as one. */
function needsMerge(summaries: SummaryBlock, streamId: number): boolean {
  if (!summaries.isPlain(streamId)) return true
  const to = summaries.to(streamId)
  for (let row = summaries.from(streamId) + 1; row < to; row++) {
    if (summaries.count(row - 1) + summaries.count(row) <= CHUNK_POINTS) return true
  }
  return false
}

interface StreamToMerge {
  readonly part: number
  readonly streamId: number
  readonly summaries: SummaryBlock
  readonly writer: ChunkWriter
}

function mergeStream(database: ChunkDatabase, { part, streamId, summaries, writer }: StreamToMerge): void {
  const chunks = summaries.chunks(streamId)
  const texts = summaries.hasTexts(streamId) ? database.texts(part, streamId) : []
  if (texts.length > 0) database.deleteTexts(part, streamId, ALL_TIME)
  // Later flushes have higher numbers, and so go on standing over what is written here.
  const seq = [...chunks, ...texts].reduce((latest, row) => Math.max(latest, row.seq), 0)
  const countBefore = chunks.reduce((sum, chunk) => sum + chunk.count, texts.length)
  let count = 0
  for (const run of windows(database, clustersOf(chunks, texts))) {
    writer.write(streamId, seq, run)
    count += run.timesUs.length
  }
  database.addPointCount(count - countBefore)
}

/** The points of clusters that follow one another, so many at a time. */
function* windows(database: ChunkDatabase, clusters: readonly Cluster[]): Generator<Run> {
  let waiting: Run[] = []
  let count = 0
  for (const cluster of clusters) {
    const run = decodeCluster(database, cluster)
    waiting.push(run)
    count += run.timesUs.length
    if (count < WINDOW_POINTS) continue
    yield concatRuns(waiting)
    waiting = []
    count = 0
  }
  if (waiting.length > 0) yield concatRuns(waiting)
}
