/**
 * What the rest of the server knows of a points store. Three kinds pass `point-store.contract.ts`: the
 * memory model, the embedded chunk store, and external databases.
 *
 * A stream is the catalog's small integer (dense, from 1). Times are integer microseconds, UTC. Of two
 * points of one stream with the same time the one appended later holds; a text replaces a number and the
 * other way round. Ranges give every number back bit for bit; aggregates and latest values do not tell -0
 * from 0.
 */
import type { PointBatch } from '../model/point-batch.ts'

/** Half-open: `fromUs <= time < toUs`. */
export interface TimeRange {
  readonly fromUs: number
  readonly toUs: number
}

/** Every time that a point can have: the safe integers. */
export const ALL_TIME: TimeRange = { fromUs: -(2 ** 53), toUs: 2 ** 53 }

export interface ReadRange extends TimeRange {
  /** At most so many points; without it all of them. */
  readonly limit?: number
  /** Which end a limit keeps: the oldest points (default) or the newest. Either way times ascend. */
  readonly keep?: 'oldest' | 'newest'
}

/** Points of one stream in ascending time, no time twice. `values` is NaN where `texts` has the row. */
export interface PointColumns {
  readonly timesUs: Float64Array
  readonly values: Float64Array
  readonly texts?: ReadonlyMap<number, string>
}

/** The newest point of each stream asked for, by position; `timesUs` is NaN for a stream without points. */
export type LatestColumns = PointColumns

/**
 * Streams are gathered into groups, time is cut into buckets; each pair of them is a cell.
 * Cell number = group × buckets + bucket.
 */
export interface AggregateRequest {
  readonly streamIds: Uint32Array
  /** Group of each stream, parallel to `streamIds`, in 0 … groupCount - 1. */
  readonly groups: Uint32Array
  readonly groupCount: number
  /** Ascending bucket edges: bucket i is `edgesUs[i] <= time < edgesUs[i + 1]`. At least two. */
  readonly edgesUs: Float64Array
}

/** One value per cell. A cell without points has count 0 and NaN elsewhere, except a sum of 0. */
export interface AggregateCells {
  /** Points of both kinds. */
  readonly counts: Float64Array
  /** Points that are numbers; sum, min and max speak of these. */
  readonly numberCounts: Float64Array
  readonly sums: Float64Array
  readonly mins: Float64Array
  readonly maxs: Float64Array
  readonly firstTimesUs: Float64Array
  readonly firsts: Float64Array
  readonly lastTimesUs: Float64Array
  readonly lasts: Float64Array
  /** Where the first or last point of a cell is a text, by cell; its number column is NaN. */
  readonly firstTexts: ReadonlyMap<number, string>
  readonly lastTexts: ReadonlyMap<number, string>
}

export interface StoreStats {
  /** Points held, counting one overwritten or sent twice at most as often as it was sent. */
  readonly pointCount: number
  readonly streamCount: number
  /** Bytes in files, logs included; 0 for a store that has none. */
  readonly diskBytes: number
  /** True until a failed write or fsync stops intake. */
  readonly acceptsWrites: boolean
  /** Why not, when it does not. */
  readonly stoppedReason?: string
}

export interface PointStore {
  /**
   * Keeps a batch; resolves once it is durable, and readers see it from then on and not before.
   * Batches become visible in the order of the calls.
   * @throws {TooLargeError} more rows than the store takes at once; nothing was kept.
   * @throws {OverloadedError} too much is waiting; nothing was kept.
   * @throws {UnavailableError} a disk failure stopped intake; the batch may or may not survive a restart.
   */
  append(batch: PointBatch): Promise<void>

  /** Points of one stream. A long read is paged by asking again from the last time + 1. */
  readRange(streamId: number, range: ReadRange): Promise<PointColumns>

  aggregate(request: AggregateRequest): Promise<AggregateCells>

  latest(streamIds: Uint32Array): LatestColumns | Promise<LatestColumns>

  /** First and last time over all of these streams, or undefined when none has a point. */
  extent(streamIds: Uint32Array): Promise<{ firstUs: number; lastUs: number } | undefined>

  /** Removes the points of a range, durably; resolves to how many there were. */
  deleteRange(streamIds: Uint32Array, range: TimeRange): Promise<number>

  stats(): Promise<StoreStats>

  /** Moves what is in memory into the store's settled form; a no-op where there is no such thing. */
  flush(): Promise<void>

  /** Resolves when everything acknowledged is settled and no file is open any more. */
  close(): Promise<void>
}
