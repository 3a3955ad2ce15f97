/**
 * Reads one stream, slice by slice: chunks, texts and what the heads hold, merged so that of equal times
 * the newest write stands. Chunks that touch nothing else answer from their summary where that will do.
 */
import type { BucketFinder, CellBuilder } from '../aggregate-cells.ts'
import type { AggregateRequest, ReadRange, TimeRange } from '../point-store.ts'
import type { ChunkDatabase, ChunkSummary, TextRow } from './chunk-database.ts'
import { decodeChunk } from './codec/chunk-codec.ts'
import type { Head } from './head.ts'
import { partOf } from './parts.ts'
import { concatRuns, EMPTY_RUN, lowerBound, mergeRuns, type Run, sliceRows, sliceTimes } from './run.ts'
import type { SummaryCache } from './summary-cache.ts'

/** Chunks of one slice that overlap one another in time; the texts of a slice join all of them into one. */
interface Cluster {
  readonly chunks: ChunkSummary[]
  readonly texts: readonly TextRow[]
  readonly startUs: number
  stopUs: number
}

export interface ReaderSources {
  readonly database: ChunkDatabase
  readonly summaries: SummaryCache
  readonly partUs: number
  /** Slices that have chunks, ascending. */
  readonly parts: readonly number[]
  /** Points that are newer than every chunk, older head first. */
  readonly heads: readonly Head[]
}

export class ChunkReader {
  #database: ChunkDatabase
  #summaries: SummaryCache
  #partUs: number
  #parts: readonly number[]
  #heads: readonly Head[]

  constructor({ database, summaries, partUs, parts, heads }: ReaderSources) {
    this.#database = database
    this.#summaries = summaries
    this.#partUs = partUs
    this.#parts = parts
    this.#heads = heads
  }

  /** Points of a range, or the oldest or newest `limit` of them. */
  read(streamId: number, range: ReadRange): Run {
    const limit = range.limit ?? Number.POSITIVE_INFINITY
    const fresh = sliceTimes(this.#fresh(streamId), range.fromUs, range.toUs)
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

  /** Adds the points of streams to the cells of their groups. */
  aggregate({ streamIds, groups }: AggregateRequest, finder: BucketFinder, cells: CellBuilder): void {
    const chunkParts = this.#chunkParts(finder)
    for (let i = 0; i < streamIds.length; i++) {
      const streamId = streamIds[i]
      const firstCell = groups[i] * finder.bucketCount
      const fresh = sliceTimes(this.#fresh(streamId), finder.fromUs, finder.toUs)
      const parts = fresh.timesUs.length === 0 ? chunkParts : this.#withFreshParts(chunkParts, fresh)
      for (const part of parts) {
        const here = fresh.timesUs.length === 0 ? EMPTY_RUN : this.#slicePart(fresh, part)
        if (here.timesUs.length === 0 && this.#summaries.block(part, streamId).isPlain(streamId)) {
          this.#aggregatePlain(part, streamId, finder, cells, firstCell)
        } else {
          this.#aggregateMerged(part, streamId, here, finder, cells, firstCell)
        }
      }
    }
  }

  /** Chunks that stand alone: a summary each, and a decoded one where a bucket ends within it. */
  #aggregatePlain(
    part: number,
    streamId: number,
    finder: BucketFinder,
    cells: CellBuilder,
    firstCell: number,
  ): void {
    const block = this.#summaries.block(part, streamId)
    const to = block.to(streamId)
    for (let row = block.from(streamId); row < to; row++) {
      const startUs = block.startsUs[row]
      const stopUs = block.stopsUs[row]
      if (stopUs < finder.fromUs || startUs >= finder.toUs) continue
      const bucket = finder.find(startUs)
      if (bucket >= 0 && stopUs < finder.endUs(bucket))
        cells.addSummary(firstCell + bucket, block.summary(row))
      else
        addRun(
          sliceTimes(this.#decodeOne(block.chunk(row)), finder.fromUs, finder.toUs),
          finder,
          cells,
          firstCell,
        )
    }
  }

  #aggregateMerged(
    part: number,
    streamId: number,
    here: Run,
    finder: BucketFinder,
    cells: CellBuilder,
    firstCell: number,
  ): void {
    let nextUs = Number.NEGATIVE_INFINITY
    for (const cluster of this.#clusters(part, streamId)) {
      addRun(sliceTimes(here, nextUs, cluster.startUs), finder, cells, firstCell)
      nextUs = cluster.stopUs + 1
      if (cluster.stopUs < finder.fromUs || cluster.startUs >= finder.toUs) continue
      const newer = sliceTimes(here, cluster.startUs, nextUs)
      const bucket = finder.find(cluster.startUs)
      const answersWhole = bucket >= 0 && cluster.stopUs < finder.endUs(bucket)
      if (answersWhole && newer.timesUs.length === 0 && isOneChunk(cluster)) {
        const [chunk] = cluster.chunks
        cells.addSummary(firstCell + bucket, { ...chunk, firstUs: chunk.startUs, lastUs: chunk.stopUs })
      } else {
        const run = mergeRuns(this.#decode(cluster), newer)
        addRun(sliceTimes(run, finder.fromUs, finder.toUs), finder, cells, firstCell)
      }
    }
    addRun(sliceTimes(here, nextUs, Number.POSITIVE_INFINITY), finder, cells, firstCell)
  }

  /** One slice's points within the range: all of them, or enough of the right end to reach `limit`. */
  #readPart(part: number, streamId: number, range: ReadRange, fresh: Run, limit: number): Run {
    const here = this.#slicePart(fresh, part)
    const clusters = this.#clusters(part, streamId).filter(
      (cluster) => cluster.stopUs >= range.fromUs && cluster.startUs < range.toUs,
    )
    const newestFirst = range.keep === 'newest'
    if (newestFirst) clusters.reverse()
    let run = EMPTY_RUN
    for (const cluster of clusters) {
      if (run.timesUs.length >= limit) break
      const decoded = sliceTimes(this.#decode(cluster), range.fromUs, range.toUs)
      run = newestFirst ? mergeRuns(decoded, run) : mergeRuns(run, decoded)
    }
    return this.#withFresh(run, here, { clusters, limit, newestFirst })
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

  /** The heads' points of a stream: the frozen head's first, over which the active one's stand. */
  #fresh(streamId: number): Run {
    let run = EMPTY_RUN
    for (const head of this.#heads) run = mergeRuns(run, head.run(streamId))
    return run
  }

  #slicePart(run: Run, part: number): Run {
    return sliceTimes(run, part * this.#partUs, (part + 1) * this.#partUs)
  }

  /** Slices within the range that have chunks or fresh points, in the order of reading. */
  #partsOf(range: TimeRange, fresh: Run, newestFirst: boolean): readonly number[] {
    const parts = this.#withFreshParts(this.#chunkParts(range), fresh)
    return newestFirst ? parts.toReversed() : parts
  }

  /** Slices within the range that have chunks, ascending. */
  #chunkParts({ fromUs, toUs }: TimeRange): readonly number[] {
    const firstPart = partOf(fromUs, this.#partUs)
    const lastPart = partOf(toUs - 1, this.#partUs)
    return this.#parts.filter((part) => part >= firstPart && part <= lastPart)
  }

  #withFreshParts(chunkParts: readonly number[], fresh: Run): readonly number[] {
    const parts = new Set(chunkParts)
    for (let row = 0; row < fresh.timesUs.length; ) {
      const part = partOf(fresh.timesUs[row], this.#partUs)
      parts.add(part)
      row = lowerBound(fresh.timesUs, (part + 1) * this.#partUs)
    }
    return parts.size === chunkParts.length ? chunkParts : [...parts].sort((a, b) => a - b)
  }

  #clusters(part: number, streamId: number): Cluster[] {
    const chunks = this.#summaries.block(part, streamId).chunks(streamId)
    return clustersOf(chunks, this.#summaries.texts(part, streamId))
  }

  /** The points of a cluster, older writes first so that newer ones stand over them. */
  #decode(cluster: Cluster): Run {
    const layers = new Map<number, Run>()
    const stack = (seq: number, run: Run) => layers.set(seq, mergeRuns(layers.get(seq) ?? EMPTY_RUN, run))
    for (const chunk of cluster.chunks) stack(chunk.seq, this.#decodeOne(chunk))
    for (const [seq, rows] of Map.groupBy(cluster.texts, (row) => row.seq)) stack(seq, textRun(rows))
    let run = EMPTY_RUN
    for (const seq of [...layers.keys()].sort((a, b) => a - b)) run = mergeRuns(run, layers.get(seq)!)
    return run
  }

  #decodeOne(chunk: ChunkSummary): Run {
    const into = { timesUs: new Float64Array(chunk.count), values: new Float64Array(chunk.count) }
    decodeChunk(this.#database.chunkData(chunk.dataId), chunk.startUs, into)
    return into
  }
}

/** Adds the points of a run, all of which lie in buckets: bucket by bucket, or one by one where there are texts. */
function addRun(run: Run, finder: BucketFinder, cells: CellBuilder, firstCell: number): void {
  const { timesUs, values, texts } = run
  for (let row = 0; row < timesUs.length; ) {
    const bucket = finder.find(timesUs[row])
    const text = texts?.get(row)
    if (text !== undefined) {
      cells.addText(firstCell + bucket, timesUs[row], text)
      row++
    } else if (texts) {
      cells.addNumber(firstCell + bucket, timesUs[row], values[row])
      row++
    } else {
      const end = rowsBefore(timesUs, row, finder.endUs(bucket))
      cells.addNumbers(firstCell + bucket, run, row, end)
      row = end
    }
  }
}

/** Row of the first time at or after `endUs`; looks at few rows where buckets are short, and bisects long ones. */
function rowsBefore(timesUs: Float64Array, from: number, endUs: number): number {
  if (timesUs[timesUs.length - 1] < endUs) return timesUs.length
  let step = 1
  while (from + step < timesUs.length && timesUs[from + step] < endUs) step *= 2
  const low = from + (step >> 1)
  const high = Math.min(from + step + 1, timesUs.length)
  return low + lowerBound(timesUs.subarray(low, high), endUs)
}

/** `chunks` and `texts` of one slice, each by start. A text may replace any number and the other way round. */
function clustersOf(chunks: ChunkSummary[], texts: readonly TextRow[]): Cluster[] {
  if (texts.length > 0) {
    const startUs = Math.min(...chunks.slice(0, 1).map((chunk) => chunk.startUs), least(texts))
    const stopUs = chunks.reduce((latest, chunk) => Math.max(latest, chunk.stopUs), greatest(texts))
    return [{ chunks, texts, startUs, stopUs }]
  }
  const clusters: Cluster[] = []
  for (const chunk of chunks) {
    const last = clusters.at(-1)
    if (last && chunk.startUs <= last.stopUs) {
      last.chunks.push(chunk)
      last.stopUs = Math.max(last.stopUs, chunk.stopUs)
    } else {
      clusters.push({ chunks: [chunk], texts, startUs: chunk.startUs, stopUs: chunk.stopUs })
    }
  }
  return clusters
}

function isOneChunk(cluster: Cluster): boolean {
  return cluster.chunks.length === 1 && cluster.texts.length === 0
}

function least(texts: readonly TextRow[]): number {
  return texts.reduce((time, row) => Math.min(time, row.timeUs), Number.POSITIVE_INFINITY)
}

function greatest(texts: readonly TextRow[]): number {
  return texts.reduce((time, row) => Math.max(time, row.timeUs), Number.NEGATIVE_INFINITY)
}

function textRun(rows: readonly TextRow[]): Run {
  return {
    timesUs: Float64Array.from(rows, (row) => row.timeUs),
    values: new Float64Array(rows.length).fill(Number.NaN),
    texts: new Map(rows.map((row, i) => [i, row.text])),
  }
}
