/**
 * Reads one stream, slice by slice: chunks, texts and what the heads hold, merged so that of equal times
 * the newest write stands.
 */
import type { ReadRange, TimeRange } from '../point-store.ts'
import type { ChunkReadings } from './chunk-database.ts'
import { type Cluster, clustersOf, decodeCluster } from './clusters.ts'
import type { HeadView } from './head-view.ts'
import { partOf } from './parts.ts'
import { concatRuns, EMPTY_RUN, lowerBound, mergeRuns, type Run, sliceRows, sliceTimes } from './run.ts'
import type { SummaryCache } from './summary-cache.ts'

export interface ReaderSources {
  readonly database: ChunkReadings
  /** Refreshed to the snapshot that is read. */
  readonly summaries: SummaryCache
  readonly partUs: number
  /** Points that are newer than every chunk, older head first. */
  readonly heads: readonly HeadView[]
}

export class ChunkReader {
  #database: ChunkReadings
  #summaries: SummaryCache
  #partUs: number
  #heads: readonly HeadView[]

  constructor({ database, summaries, partUs, heads }: ReaderSources) {
    this.#database = database
    this.#summaries = summaries
    this.#partUs = partUs
    this.#heads = heads
  }

  /** Points of a range, or the oldest or newest `limit` of them. */
  read(streamId: number, range: ReadRange): Run {
    const limit = range.limit ?? Number.POSITIVE_INFINITY
    const fresh = sliceTimes(this.fresh(streamId), range.fromUs, range.toUs)
    const newestFirst = range.keep === 'newest'
    const runs: Run[] = []
    let count = 0
    for (const part of this.#partsOf(range, fresh, newestFirst)) {
      if (count >= limit) break
      const run = this.#readPart(part, streamId, range, fresh, limit - count)
      count += run.timesUs.length
      if (newestFirst) runs.unshift(run)
      else runs.push(run)
    }
    const all = runs.length === 0 ? EMPTY_RUN : concatRuns(runs)
    if (count <= limit) return all
    return newestFirst ? sliceRows(all, count - limit, count) : sliceRows(all, 0, limit)
  }

  /** The heads' points of a stream: the frozen head's first, over which the active one's stand. */
  fresh(streamId: number): Run {
    let run = EMPTY_RUN
    for (const head of this.#heads) if (head.has(streamId)) run = mergeRuns(run, head.run(streamId))
    return run
  }

  slicePart(run: Run, part: number): Run {
    return sliceTimes(run, part * this.#partUs, (part + 1) * this.#partUs)
  }

  /** Slices within the range that have chunks, ascending. */
  chunkParts({ fromUs, toUs }: TimeRange): readonly number[] {
    const firstPart = partOf(fromUs, this.#partUs)
    const lastPart = partOf(toUs - 1, this.#partUs)
    return this.#summaries.parts.filter((part) => part >= firstPart && part <= lastPart)
  }

  /** `chunkParts` and those that fresh points lie in, ascending. */
  withFreshParts(chunkParts: readonly number[], fresh: Run): readonly number[] {
    const parts = new Set(chunkParts)
    for (let row = 0; row < fresh.timesUs.length; ) {
      const part = partOf(fresh.timesUs[row], this.#partUs)
      parts.add(part)
      row = lowerBound(fresh.timesUs, (part + 1) * this.#partUs)
    }
    return parts.size === chunkParts.length ? chunkParts : [...parts].sort((a, b) => a - b)
  }

  clusters(part: number, streamId: number): Cluster[] {
    const chunks = this.#summaries.block(part, streamId).chunks(streamId)
    return clustersOf(chunks, this.#summaries.texts(part, streamId))
  }

  /** One slice's points within the range: all of them, or enough of the right end to reach `limit`. */
  #readPart(part: number, streamId: number, range: ReadRange, fresh: Run, limit: number): Run {
    const here = this.slicePart(fresh, part)
    const clusters = this.clusters(part, streamId).filter(
      (cluster) => cluster.stopUs >= range.fromUs && cluster.startUs < range.toUs,
    )
    const newestFirst = range.keep === 'newest'
    if (newestFirst) clusters.reverse()
    const runs: Run[] = []
    let count = 0
    for (const cluster of clusters) {
      if (count >= limit) break
      const run = sliceTimes(decodeCluster(this.#database, cluster), range.fromUs, range.toUs)
      count += run.timesUs.length
      if (newestFirst) runs.unshift(run)
      else runs.push(run)
    }
    const settled = runs.length === 0 ? EMPTY_RUN : concatRuns(runs)
    return this.#withFresh(settled, here, { clusters, limit, newestFirst })
  }

  /**
   * Adds the heads' points, leaving out those on the far side of what a limit left unread: they would
   * stand before points that the next page brings.
   */
  #withFresh(
    run: Run,
    here: Run,
    { clusters, limit, newestFirst }: { clusters: Cluster[]; limit: number; newestFirst: boolean },
  ): Run {
    const count = run.timesUs.length
    if (count < limit || clusters.length === 0) return mergeRuns(run, here)
    const reachable = newestFirst
      ? sliceTimes(here, run.timesUs[0], Number.POSITIVE_INFINITY)
      : sliceTimes(here, Number.NEGATIVE_INFINITY, run.timesUs[count - 1] + 1)
    return mergeRuns(run, reachable)
  }

  /** Slices within the range that have chunks or fresh points, in the order of reading. */
  #partsOf(range: TimeRange, fresh: Run, newestFirst: boolean): readonly number[] {
    const parts = this.withFreshParts(this.chunkParts(range), fresh)
    return newestFirst ? parts.toReversed() : parts
  }
}
