/**
 * Moves a head into chunks, in one transaction that also says which generation it was. The work is done in
 * short slices between which other work runs; readers see the head until the commit and the chunks after.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ChunkDatabase } from './chunk-database.ts'
import type { Head } from './head.ts'
import type { StreamStates } from './stream-states.ts'
import type { SummaryCache } from './summary-cache.ts'
import { type WriteContext, writeRun } from './write-chunks.ts'

/** How long the event loop may be held at a time. */
const SLICE_MS_MAX = 10

export interface FlushContext {
  readonly database: ChunkDatabase
  readonly summaries: SummaryCache
  readonly states: StreamStates
  readonly partUs: number
  /** Slices of time that the database has. */
  readonly parts: ReadonlySet<number>
}

/** Resolves to the slices that the database has from now on; the head stays as it is when it fails. */
export async function flushHead(
  { database, summaries, states, partUs, parts }: FlushContext,
  head: Head,
): Promise<Set<number>> {
  const context: WriteContext = {
    database,
    partUs,
    seq: head.generation,
    parts: new Set(parts),
    touched: new Set(),
  }
  let pointCount = 0
  let sliceStart = performance.now()
  database.begin()
  try {
    for (const streamId of head.streamIds()) {
      const run = head.run(streamId)
      writeRun(context, streamId, run)
      database.putStream(states.row(streamId))
      pointCount += run.timesUs.length
      if (performance.now() - sliceStart < SLICE_MS_MAX) continue
      await nextTurn()
      sliceStart = performance.now()
    }
    database.addPointCount(pointCount)
    database.setFlushedGeneration(head.generation)
    database.commit()
    return context.parts
  } catch (error) {
    database.rollback()
    throw error
  } finally {
    // Reads in between may have seen some of the new chunks.
    for (const part of context.touched) summaries.forget(part)
  }
}
