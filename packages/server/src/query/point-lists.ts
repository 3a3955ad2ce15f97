/** Plain lists of points: a page of them, the newest few, how many there are, or all of them in a row. */
import { ALL_TIME, type PointStore, type TimeRange } from '../points/point-store.ts'
import { type MergedPoint, mergeStreams } from './merge-streams.ts'

export class PointLists {
  #store: PointStore

  constructor(store: PointStore) {
    this.#store = store
  }

  async count(streamIds: readonly number[], range: TimeRange): Promise<number> {
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

  /** All points in ascending time, read as they are taken. */
  all(streamIds: readonly number[], range: TimeRange): AsyncIterable<MergedPoint> {
    return mergeStreams(this.#store, streamIds, range)
  }

  /** `limit` points after the first `offset`, in ascending time. */
  async page(
    streamIds: readonly number[],
    range: TimeRange,
    { offset, limit }: { offset: number; limit: number },
  ): Promise<MergedPoint[]> {
    const points: MergedPoint[] = []
    let skipped = 0
    for await (const point of this.all(streamIds, range)) {
      if (skipped++ < offset) continue
      points.push(point)
      if (points.length === limit) break
    }
    return points
  }

  /** The newest `count` points over all streams, in ascending time. */
  async newest(streamIds: readonly number[], range: TimeRange, count: number): Promise<MergedPoint[]> {
    let points: MergedPoint[] = []
    for (const [stream, streamId] of streamIds.entries()) {
      const { timesUs, values, texts } = await this.#store.readRange(streamId, {
        ...range,
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
