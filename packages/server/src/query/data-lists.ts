/**
 * Points together with what is known of those that came in reports. Nearly all streams have none of these; for them
 * nothing is looked up, and a list is what `PointLists` says.
 */
import {
  countReadings,
  listReadings,
  newestReadings,
  type ReadingBounds,
  type ReadingFilter,
  readingsByTime,
} from '../catalog/readings.ts'
import type { ReadingRow } from '../catalog/schema/reports.ts'
import type { CatalogDb } from '../catalog/schema.ts'
import { InvalidError } from '../errors.ts'
import type { PointValue } from '../model/point-batch.ts'
import { ALL_TIME, type TimeRange } from '../points/point-store.ts'
import { type MergedPoint, type Ranges, rangeAt } from './merge-streams.ts'
import { byRange, type PointLists } from './point-lists.ts'

export interface ListedPoint {
  /** Position of the stream among those asked for. */
  readonly stream: number
  /** Null for a reading of which nobody knows when it was taken. */
  readonly timeUs: number | null
  readonly value: PointValue
  readonly reading?: ReadingRow | undefined
}

export interface ListedStream {
  readonly id: number
  readonly hasReadings: boolean
}

export interface DataRequest {
  readonly streams: readonly ListedStream[]
  readonly ranges: Ranges
  /** Given, only points with readings within these are listed. */
  readonly bounds?: ReadingBounds | undefined
}

interface Page {
  readonly offset: number
  readonly limit: number
}

/** Of one request; more would make a statement that no database takes. */
const STREAMS_WITH_READINGS_MAX = 20_000
const WINDOWS_MAX = 200

export class DataLists {
  readonly #points: PointLists
  readonly #catalog: CatalogDb

  constructor({ points, catalog }: { points: PointLists; catalog: CatalogDb }) {
    this.#points = points
    this.#catalog = catalog
  }

  /**
   * First the points without readings, in ascending time; then those with, by the device's number, stream, time.
   * @throws {InvalidError} readings of too many streams at once.
   */
  async page(request: DataRequest, page: Page): Promise<{ count: number; rows: ListedPoint[] }> {
    const { streams, ranges, bounds } = request
    const ids = streams.map(({ id }) => id)
    const filter = readingFilter(request)
    if (!filter) {
      if (bounds) return { count: 0, rows: [] }
      return {
        count: await this.#points.count(ids, ranges),
        rows: await this.#points.page(ids, ranges, page),
      }
    }
    const readingCount = await countReadings(this.#catalog, filter)
    const plainCount = bounds ? 0 : await this.#countPlain(request)
    const rows: ListedPoint[] = []
    if (page.offset < plainCount) rows.push(...(await this.#plainPage(request, page)))
    const left = page.limit - rows.length
    if (left > 0 && page.offset + rows.length >= plainCount) {
      const offset = page.offset + rows.length - plainCount
      const readings = await listReadings(this.#catalog, filter, { offset, limit: left })
      rows.push(...(await this.#withValues(ids, readings)))
    }
    return { count: plainCount + readingCount, rows }
  }

  /** The newest points, in ascending time. */
  async newest(request: DataRequest, count: number): Promise<ListedPoint[]> {
    const { streams, ranges, bounds } = request
    const ids = streams.map(({ id }) => id)
    if (!bounds) return this.withReadings(streams, await this.#points.newest(ids, ranges, count))
    const filter = readingFilter(request)
    return filter ? this.#withValues(ids, await newestReadings(this.#catalog, filter, count)) : []
  }

  /** Adds readings to points that are known, in ascending time. */
  async withReadings(
    streams: readonly ListedStream[],
    points: readonly MergedPoint[],
  ): Promise<(ListedPoint & MergedPoint)[]> {
    if (points.length === 0 || !streams.some(({ hasReadings }) => hasReadings)) return [...points]
    const ranges = { fromUs: points[0].timeUs, toUs: points[points.length - 1].timeUs + 1 }
    const listed: (ListedPoint & MergedPoint)[] = []
    for await (const point of this.#join({ streams, ranges }, points)) listed.push(point)
    return listed
  }

  /** All points in ascending time, with their readings, read as they are taken. */
  all({ streams, ranges }: Omit<DataRequest, 'bounds'>): AsyncIterable<ListedPoint & MergedPoint> {
    const points = this.#points.all(
      streams.map(({ id }) => id),
      ranges,
    )
    return this.#join({ streams, ranges }, points)
  }

  /** Points and readings go side by side, since both are in the order of time. */
  async *#join(
    request: DataRequest,
    points: AsyncIterable<MergedPoint> | Iterable<MergedPoint>,
  ): AsyncGenerator<ListedPoint & MergedPoint> {
    const filter = readingFilter(request)
    if (!filter) {
      yield* points
      return
    }
    const readings = readingsByTime(this.#catalog, filter)
    let next = await readings.next()
    let timeUs: number | undefined
    const atTime = new Map<number, ReadingRow>()
    for await (const point of points) {
      if (point.timeUs !== timeUs) {
        timeUs = point.timeUs
        atTime.clear()
        for (; !next.done && next.value.time_us! <= timeUs; next = await readings.next()) {
          if (next.value.time_us === timeUs) atTime.set(next.value.stream_id, next.value)
        }
      }
      yield { ...point, reading: atTime.get(request.streams[point.stream].id) }
    }
  }

  async #countPlain({ streams, ranges }: DataRequest): Promise<number> {
    const ids = streams.map(({ id }) => id)
    const all = await this.#points.count(ids, ranges)
    const filter = readingFilter({ streams, ranges })
    const timed = filter ? await countReadings(this.#catalog, { ...filter, isTimed: true }) : 0
    return Math.max(0, all - timed)
  }

  async #plainPage({ streams, ranges }: DataRequest, { offset, limit }: Page): Promise<ListedPoint[]> {
    const rows: ListedPoint[] = []
    let skipped = 0
    for await (const point of this.all({ streams, ranges })) {
      if (point.reading || skipped++ < offset) continue
      rows.push(point)
      if (rows.length === limit) break
    }
    return rows
  }

  /** A value that was written over a reading's is the one that counts. */
  async #withValues(ids: readonly number[], readings: readonly ReadingRow[]): Promise<ListedPoint[]> {
    const positions = new Map(ids.map((id, stream) => [id, stream]))
    const byStream = Map.groupBy(readings, ({ stream_id }) => stream_id)
    const values = new Map<number, Map<number, PointValue>>()
    for (const [streamId, own] of byStream) {
      const timesUs = own.flatMap(({ time_us }) => time_us ?? []).sort((a, b) => a - b)
      values.set(streamId, await this.#points.valuesAt(streamId, timesUs))
    }
    return readings.map((reading) => {
      const { stream_id, time_us } = reading
      const value = time_us === null ? undefined : values.get(stream_id)?.get(time_us)
      return { stream: positions.get(stream_id)!, timeUs: time_us, value: value ?? reading.value, reading }
    })
  }
}

/** Undefined when no stream has readings. */
function readingFilter({ streams, ranges, bounds }: DataRequest): ReadingFilter | undefined {
  const own = streams.flatMap(({ id, hasReadings }, stream) => (hasReadings ? { id, stream } : []))
  if (own.length === 0) return undefined
  const ids = own.map(({ id }) => id)
  const ownRanges = 'fromUs' in ranges ? ranges : own.map(({ stream }) => rangeAt(ranges, stream))
  const windows = Array.from(byRange(ids, ownRanges), ([range, streamIds]) => ({ streamIds, ...ends(range) }))
  if (ids.length > STREAMS_WITH_READINGS_MAX || windows.length > WINDOWS_MAX) {
    throw InvalidError.field('filter', 'Too many streams with readings; filter by device or stream.')
  }
  return { ...bounds, windows }
}

function ends({ fromUs, toUs }: TimeRange): { fromUs?: number; toUs?: number } {
  return {
    ...(fromUs > ALL_TIME.fromUs ? { fromUs } : {}),
    ...(toUs < ALL_TIME.toUs ? { toUs } : {}),
  }
}
