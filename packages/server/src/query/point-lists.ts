/** Plain lists of points: a page of them, the newest few, how many there are, or all of them in a row. */
import type { PointValue } from '../model/point-batch.ts'
import { ALL_TIME, type PointColumns, type PointStore, type TimeRange } from '../points/point-store.ts'
import { type MergedPoint, mergeStreams, type Ranges, rangeAt } from './merge-streams.ts'
import { readPages } from './point-pages.ts'
/** Of each stream in each bucket; cell number = stream × buckets + bucket. */
export interface BucketSums {
  /** Points that are numbers. */
  readonly counts: Float64Array
  readonly sums: Float64Array
}

export class PointLists {
  #store: PointStore

  constructor(store: PointStore) {
    this.#store = store
  }

  async count(streamIds: readonly number[], ranges: Ranges): Promise<number> {
    let count = 0
    for (const [range, ids] of byRange(streamIds, ranges)) count += await this.#countIn(ids, range)
    return count
  }

  async #countIn(streamIds: readonly number[], range: TimeRange): Promise<number> {
    if (streamIds.length === 0 || range.fromUs >= range.toUs) return 0
    const cells = await this.#store.aggregate({
      streamIds: Uint32Array.from(streamIds),
      groups: new Uint32Array(streamIds.length),
      groupCount: 1,
      edgesUs: Float64Array.of(range.fromUs, range.toUs),
    })
    return cells.counts[0]
  }

  /** How many points each stream has, in the order of the streams. */
  async countEach(streamIds: readonly number[]): Promise<number[]> {
    if (streamIds.length === 0) return []
    const cells = await this.#store.aggregate({
      streamIds: Uint32Array.from(streamIds),
      groups: Uint32Array.from(streamIds, (_, i) => i),
      groupCount: streamIds.length,
      edgesUs: Float64Array.of(ALL_TIME.fromUs, ALL_TIME.toUs),
    })
    return Array.from(cells.counts)
  }

  /** Time of the newest point over all streams; undefined when there is none. */
  async lastTimeUs(streamIds: readonly number[]): Promise<number | undefined> {
    return (await this.#store.extent(Uint32Array.from(streamIds)))?.lastUs
  }

  /** Counts and sums of the numbers of each stream, from what the store has added up already. */
  async sums(streamIds: readonly number[], edgesUs: Float64Array): Promise<BucketSums> {
    const { numberCounts, sums } = await this.#store.aggregate({
      streamIds: Uint32Array.from(streamIds),
      groups: Uint32Array.from(streamIds, (_, index) => index),
      groupCount: streamIds.length,
      edgesUs,
    })
    return { counts: numberCounts, sums }
  }

  /** All points of one stream, in ascending time, as columns. */
  pages(streamId: number, range: TimeRange): AsyncIterable<PointColumns> {
    return readPages(this.#store, { streamId, ...range })
  }

  /** All points in ascending time, read as they are taken. */
  all(streamIds: readonly number[], ranges: Ranges): AsyncIterable<MergedPoint> {
    return mergeStreams(this.#store, streamIds, ranges)
  }

  /** `limit` points after the first `offset`, in ascending time. */
  async page(
    streamIds: readonly number[],
    ranges: Ranges,
    { offset, limit }: { offset: number; limit: number },
  ): Promise<MergedPoint[]> {
    const points: MergedPoint[] = []
    let skipped = 0
    for await (const point of this.all(streamIds, ranges)) {
      if (skipped++ < offset) continue
      points.push(point)
      if (points.length === limit) break
    }
    return points
  }

  /** The newest `count` points over all streams, in ascending time. */
  async newest(streamIds: readonly number[], ranges: Ranges, count: number): Promise<MergedPoint[]> {
    let points: MergedPoint[] = []
    for (const [stream, streamId] of streamIds.entries()) {
      const { timesUs, values, texts } = await this.#store.readRange(streamId, {
        ...rangeAt(ranges, stream),
        limit: count,
        keep: 'newest',
      })
      const found = Array.from(timesUs, (timeUs, row) => ({
        stream,
        timeUs,
        value: texts?.get(row) ?? values[row],
      }))
      points = [...points, ...found].sort((a, b) => a.timeUs - b.timeUs || a.stream - b.stream).slice(-count)
    }
    return points
  }

  /**
   * Values of points of one stream whose times are known. Times without a point are absent.
   * @param timesUs Ascending.
   */
  async valuesAt(streamId: number, timesUs: readonly number[]): Promise<Map<number, PointValue>> {
    const found = new Map<number, PointValue>()
    let i = 0
    while (i < timesUs.length) {
      const range = { fromUs: timesUs[i], toUs: timesUs[timesUs.length - 1] + 1, limit: VALUES_AT_ONCE }
      const page = await this.#store.readRange(streamId, range)
      const isLast = page.timesUs.length < VALUES_AT_ONCE
      const endUs = isLast ? range.toUs : page.timesUs[page.timesUs.length - 1]
      for (let row = 0; i < timesUs.length && timesUs[i] <= endUs; i++) {
        while (page.timesUs[row] < timesUs[i]) row++
        if (page.timesUs[row] === timesUs[i]) found.set(timesUs[i], page.texts?.get(row) ?? page.values[row])
      }
    }
    return found
  }
}

/** Few enough that little is read in vain where the points asked for lie far apart. */
const VALUES_AT_ONCE = 256

/** Streams that have the same range, together. */
export function byRange(
  streamIds: readonly number[],
  ranges: Ranges,
): Iterable<[TimeRange, readonly number[]]> {
  if ('fromUs' in ranges) return [[ranges, streamIds]]
  const groups = new Map<string, [TimeRange, number[]]>()
  for (const [stream, id] of streamIds.entries()) {
    const { fromUs, toUs } = ranges[stream]
    const group = groups.get(`${fromUs} ${toUs}`)
    if (group) group[1].push(id)
    else groups.set(`${fromUs} ${toUs}`, [ranges[stream], [id]])
  }
  return groups.values()
}

/** A range with open ends closed. */
export function rangeOf({
  startUs,
  endUs,
}: {
  startUs?: number | undefined
  endUs?: number | undefined
}): TimeRange {
  return { fromUs: startUs ?? ALL_TIME.fromUs, toUs: endUs ?? ALL_TIME.toUs }
}
