/** Everything that writes to the chunk database, as calls that the thread of the settler answers. */
import type { TimeRange } from '../point-store.ts'
import { openChunkDatabase, type PartRow } from './chunk-database.ts'
import { deletePoints, type Remains, remainsOf } from './delete-points.ts'
import { flushHead } from './flush.ts'
import { type HeadMemory, HeadView } from './head-view.ts'
import { inChange } from './in-change.ts'
import { mergeStep } from './merge.ts'
import { type DroppedSlice, dropPart, expiredParts } from './retention.ts'
import { StreamBlocks } from './stream-blocks.ts'

export type SettlerCalls = ReturnType<typeof openSettler>

/** 4 MiB at a time. */
const VACUUM_PAGES = 256

export function openSettler({ path }: { path: string }) {
  const database = openChunkDatabase(path)
  return {
    /** Moves a head into chunks; answers how many points chunks hold then. */
    flush(memory: HeadMemory): number {
      flushHead(database, new HeadView(memory))
      return database.meta().pointCount
    },
    /** Deletes from chunks only: nothing may be in a head. */
    deleteRange({ streamIds, range }: { streamIds: Uint32Array; range: TimeRange }): DeletedPoints {
      return inChange(database, (touched) => {
        const deletedCount = deletePoints(database, { streamIds: new Set(streamIds), range, touched })
        const streams = new StreamBlocks(database)
        const remains = new Map<number, Remains>()
        for (const streamId of streamIds) remains.set(streamId, remainsOf(database, streamId))
        for (const [streamId, left] of remains) streams.set(streamId, left)
        streams.save()
        return { deletedCount, remains, pointCount: database.meta().pointCount }
      })
    },
    /** Slices before `part` that have something to merge, ascending. */
    unmergedParts: (part: number): PartRow[] => database.unmergedParts(part),
    /** Merges some blocks of a slice; answers where to go on, or undefined when nothing is left. */
    mergeStep: (step: {
      part: number
      afterBlock: number
    }): { next: number | undefined; pointCount: number } => {
      const next = mergeStep(database, step)
      return { next, pointCount: database.meta().pointCount }
    },
    expiredParts: (beforeUs: number): number[] => expiredParts(database, beforeUs),
    dropPart: (part: number): DroppedSlice & { pointCount: number } => {
      const dropped = dropPart(database, part)
      return { ...dropped, pointCount: database.meta().pointCount }
    },
    /** Gives some of the space that nothing uses back to the disk; answers how many pages are left. */
    giveBackSpace: (_: null): number => database.giveBackPages(VACUUM_PAGES),
    close: (_: null): void => database.close(),
  }
}

export interface DeletedPoints {
  readonly deletedCount: number
  /** What the streams have left. */
  readonly remains: ReadonlyMap<number, Remains>
  readonly pointCount: number
}
