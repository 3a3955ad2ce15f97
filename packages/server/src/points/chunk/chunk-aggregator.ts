/**
 * Aggregates streams into cells. A chunk that touches nothing else, and lies in one bucket, answers from its
 * summary, and so does a head; everything else is read point by point.
 */
import type { BucketFinder, CellBuilder, NumberSummary } from '../aggregate-cells.ts'
import type { ChunkReader, ReaderSources } from './chunk-reader.ts'
import { decodeCluster, isOneChunk } from './clusters.ts'
import { decodeChunk } from './codec/chunk-codec.ts'
import type { HeadSummaries } from './head-summaries.ts'
import { partOf } from './parts.ts'
import { EMPTY_RUN, lowerBound, mergeRuns, type Run, sliceTimes } from './run.ts'
import type { StoredChunk, SummaryBlock } from './summary-block.ts'

export interface AggregatorSources extends ReaderSources {
  readonly reader: ChunkReader
  /** Of each head, in the order of the heads; caught up with them. None: the points of heads are read. */
  readonly headSummaries: readonly HeadSummaries[]
}

/** Columns to decode a chunk into that is looked at once. */
const scratch = { timesUs: new Float64Array(0), values: new Float64Array(0) }

export class ChunkAggregator {
  #sources: AggregatorSources
  #finder: BucketFinder
  #cells: CellBuilder
  #chunkParts: readonly number[]

  constructor(sources: AggregatorSources, finder: BucketFinder, cells: CellBuilder) {
    this.#sources = sources
    this.#finder = finder
    this.#cells = cells
    this.#chunkParts = sources.reader.chunkParts(finder)
  }

  /** Adds the points of a stream to the cells from `firstCell` on, a cell per bucket. */
  add(streamId: number, firstCell: number): void {
    const { heads } = this.#sources
    if (!heads.some((head) => head.has(streamId)) || this.#addHeads(streamId, firstCell)) {
      for (const part of this.#chunkParts) this.#addPart(part, streamId, EMPTY_RUN, firstCell)
      return
    }
    const { reader } = this.#sources
    const fresh = sliceTimes(reader.fresh(streamId), this.#finder.fromUs, this.#finder.toUs)
    for (const part of reader.withFreshParts(this.#chunkParts, fresh)) {
      this.#addPart(part, streamId, reader.slicePart(fresh, part), firstCell)
    }
  }

  /** Adds what the heads hold by their summaries; false when their points have to be read. */
  #addHeads(streamId: number, firstCell: number): boolean {
    if (this.#sources.headSummaries.length === 0) return false
    const found: NumberSummary[] = []
    for (const summaries of this.#sources.headSummaries) {
      const summary = summaries.find(streamId)
      if (summary === undefined) return false
      if (summary.count === 0) continue
      const before = found.at(-1)
      if (before !== undefined && summary.firstUs <= before.lastUs) return false
      if (this.#bucketOf(summary.firstUs, summary.lastUs) === CUT) return false
      found.push(summary)
    }
    if (found.length > 0 && this.#hasChunksFrom(streamId, found[0].firstUs)) return false
    for (const summary of found) {
      const bucket = this.#bucketOf(summary.firstUs, summary.lastUs)
      if (bucket >= 0) this.#cells.addSummary(firstCell + bucket, summary)
    }
    return true
  }

  /** Whether chunks or texts of the stream may hold times from `timeUs` on. */
  #hasChunksFrom(streamId: number, timeUs: number): boolean {
    const { summaries, partUs } = this.#sources
    const firstPart = partOf(timeUs, partUs)
    for (let i = summaries.parts.length - 1; i >= 0 && summaries.parts[i] >= firstPart; i--) {
      const block = summaries.block(summaries.parts[i], streamId)
      const [from, to] = [block.from(streamId), block.to(streamId)]
      if (!block.isPlain(streamId)) return true
      if (to > from && block.stopUs(to - 1) >= timeUs) return true
    }
    return false
  }

  /** The bucket that holds all times of a piece; `OUTSIDE` when none has any, `CUT` when some lie elsewhere. */
  #bucketOf(startUs: number, stopUs: number): number {
    const finder = this.#finder
    if (stopUs < finder.fromUs || startUs >= finder.toUs) return OUTSIDE
    const bucket = finder.find(startUs)
    return bucket >= 0 && stopUs < finder.endUs(bucket) ? bucket : CUT
  }

  #addPart(part: number, streamId: number, here: Run, firstCell: number): void {
    const block = this.#sources.summaries.block(part, streamId)
    if (here.timesUs.length === 0 && block.isPlain(streamId)) this.#addPlain(block, streamId, firstCell)
    else this.#addMerged(part, streamId, here, firstCell)
  }

  /** Chunks that stand alone: a summary each, and a decoded one where a bucket ends within it. */
  #addPlain(block: SummaryBlock, streamId: number, firstCell: number): void {
    const to = block.to(streamId)
    for (let row = block.from(streamId); row < to; row++) {
      const bucket = this.#bucketOf(block.startUs(row), block.stopUs(row))
      if (bucket >= 0) this.#cells.addSummary(firstCell + bucket, block.summary(row))
      else if (bucket === CUT) this.#addRun(this.#decode(block.chunk(row)), firstCell)
    }
  }

  #addMerged(part: number, streamId: number, here: Run, firstCell: number): void {
    const { database, reader } = this.#sources
    let nextUs = Number.NEGATIVE_INFINITY
    for (const cluster of reader.clusters(part, streamId)) {
      this.#addRun(sliceTimes(here, nextUs, cluster.startUs), firstCell)
      nextUs = cluster.stopUs + 1
      const bucket = this.#bucketOf(cluster.startUs, cluster.stopUs)
      if (bucket === OUTSIDE) continue
      const newer = sliceTimes(here, cluster.startUs, nextUs)
      if (bucket !== CUT && newer.timesUs.length === 0 && isOneChunk(cluster)) {
        const [chunk] = cluster.chunks
        this.#cells.addSummary(firstCell + bucket, { ...chunk, firstUs: chunk.startUs, lastUs: chunk.stopUs })
      } else {
        this.#addRun(mergeRuns(decodeCluster(database, cluster), newer), firstCell)
      }
    }
    this.#addRun(sliceTimes(here, nextUs, Number.POSITIVE_INFINITY), firstCell)
  }

  #decode(chunk: StoredChunk): Run {
    const { count } = chunk
    if (scratch.timesUs.length < count) {
      scratch.timesUs = new Float64Array(2 * count)
      scratch.values = new Float64Array(2 * count)
    }
    decodeChunk(this.#sources.database.chunkData(chunk), chunk.startUs, scratch)
    return { timesUs: scratch.timesUs.subarray(0, count), values: scratch.values.subarray(0, count) }
  }

  /** Adds what lies in buckets of a run: bucket by bucket, or one by one where there are texts. */
  #addRun(run: Run, firstCell: number): void {
    const finder = this.#finder
    const { timesUs, values, texts } = run
    const to = lowerBound(timesUs, finder.toUs)
    for (let row = lowerBound(timesUs, finder.fromUs); row < to; ) {
      const bucket = finder.find(timesUs[row])
      const text = texts?.get(row)
      if (text !== undefined) {
        this.#cells.addText(firstCell + bucket, timesUs[row], text)
        row++
      } else if (texts) {
        this.#cells.addNumber(firstCell + bucket, timesUs[row], values[row])
        row++
      } else {
        const end = Math.min(rowsBefore(timesUs, row, finder.endUs(bucket)), to)
        this.#cells.addNumbers(firstCell + bucket, run, row, end)
        row = end
      }
    }
  }
}

const OUTSIDE = -1
const CUT = -2

/** Row of the first time at or after `endUs`; looks at few rows where buckets are short, and bisects long ones. */
function rowsBefore(timesUs: Float64Array, from: number, endUs: number): number {
  if (timesUs[timesUs.length - 1] < endUs) return timesUs.length
  let step = 1
  while (from + step < timesUs.length && timesUs[from + step] < endUs) step *= 2
  const low = from + (step >> 1)
  const high = Math.min(from + step + 1, timesUs.length)
  return low + lowerBound(timesUs.subarray(low, high), endUs)
}
