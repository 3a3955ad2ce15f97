/** Reads as one thread makes them: over its own connection, each within a snapshot of the database. */
import { BucketFinder, type CellBuilder } from '../aggregate-cells.ts'
import type { AggregateRequest, PointColumns, ReadRange, TimeRange } from '../point-store.ts'
import { ChunkAggregator } from './chunk-aggregator.ts'
import { type ChunkReadings, openChunkReadings } from './chunk-database.ts'
import { ChunkReader, type ReaderSources } from './chunk-reader.ts'
import { HeadSummaries } from './head-summaries.ts'
import type { HeadView } from './head-view.ts'
import { partOf } from './parts.ts'
import { SummaryCache } from './summary-cache.ts'

export interface ChunkReadsOptions {
  /** Of the chunk database. */
  readonly path: string
  /** Memory for the summaries of chunks that were asked for. */
  readonly summaryBytesMax: number
  /** From so many streams on an aggregate uses summaries of heads. */
  readonly wideStreamsMin: number
}

export interface AggregateWork {
  readonly cells: CellBuilder
  /** Positions in the request's streams. */
  readonly from: number
  readonly to: number
  /** As of `performance.now()`. */
  readonly untilMs: number
}

/** Streams that are looked at between two looks at the clock. */
const STREAMS_PER_LOOK = 8

export class ChunkReads {
  #database: ChunkReadings
  #summaries: SummaryCache
  #headSummaries: readonly HeadSummaries[] = []
  #partUs: number
  #wideStreamsMin: number

  constructor({ path, summaryBytesMax, wideStreamsMin }: ChunkReadsOptions) {
    this.#wideStreamsMin = wideStreamsMin
    this.#database = openChunkReadings(path)
    this.#summaries = new SummaryCache(this.#database, summaryBytesMax)
    this.#partUs = this.#database.meta().partUs
  }

  /** `heads` are those that may be newer than the chunks, the older one first. */
  read(heads: readonly HeadView[], streamId: number, range: ReadRange): PointColumns {
    return this.#within(heads, (sources) => new ChunkReader(sources).read(streamId, range))
  }

  /**
   * Adds the points of some of the request's streams to `cells`, until the time is over.
   * @returns position of the stream to go on with.
   */
  aggregate(heads: readonly HeadView[], request: AggregateRequest, work: AggregateWork): number {
    const { streamIds, groups, edgesUs } = request
    const { cells, from, to, untilMs } = work
    const finder = new BucketFinder(edgesUs)
    return this.#within(heads, (sources) => {
      // Keeping summaries of a whole head pays for many streams; of a few the points are read.
      const isWide = streamIds.length >= this.#wideStreamsMin
      const headSummaries = isWide ? this.#caughtUp(sources.heads) : []
      const reader = new ChunkReader(sources)
      const aggregator = new ChunkAggregator({ ...sources, reader, headSummaries }, finder, cells)
      let i = from
      while (i < to) {
        const lookAt = Math.min(i + STREAMS_PER_LOOK, to)
        for (; i < lookAt; i++) aggregator.add(streamIds[i], groups[i] * finder.bucketCount)
        if (performance.now() > untilMs) break
      }
      return i
    })
  }

  /** Slices with chunks within a range, about: it does not look whether there are new ones. */
  partCount({ fromUs, toUs }: TimeRange): number {
    const [firstPart, lastPart] = [partOf(fromUs, this.#partUs), partOf(toUs - 1, this.#partUs)]
    return this.#summaries.parts.filter((part) => part >= firstPart && part <= lastPart).length
  }

  sizeBytes(): number {
    return this.#database.sizeBytes()
  }

  close(): void {
    this.#database.close()
  }

  #within<Result>(heads: readonly HeadView[], read: (sources: ReaderSources) => Result): Result {
    return this.#database.snapshot(() => {
      const { flushedGeneration, changeCount } = this.#database.meta()
      this.#summaries.refresh(changeCount)
      // A head may have been flushed since the caller looked; then its points are in chunks.
      const fresh = heads.filter((head) => head.generation > flushedGeneration)
      return read({
        database: this.#database,
        summaries: this.#summaries,
        partUs: this.#partUs,
        heads: fresh,
      })
    })
  }

  #caughtUp(heads: readonly HeadView[]): readonly HeadSummaries[] {
    this.#headSummaries = heads.map(
      ({ generation }) =>
        this.#headSummaries.find((known) => known.generation === generation) ?? new HeadSummaries(generation),
    )
    for (const [i, head] of heads.entries()) this.#headSummaries[i].catchUp(head)
    return this.#headSummaries
  }
}
