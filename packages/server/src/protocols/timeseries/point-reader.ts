/** Reads points back from the streams of their series. */
import type { PointLists, rangeOf } from '../../query/point-lists.ts'
import { type Marker, readMarker } from './marker.ts'
import type { Series, SeriesBook } from './series-book.ts'

/** Without its end. */
export type TimeRange = ReturnType<typeof rangeOf>

export interface StoredPoint {
  readonly id: number
  readonly seriesId: number
  readonly timeUs: number
  /** JSON. */
  readonly fields: string
}

export class PointReader {
  readonly #book: SeriesBook
  readonly #points: PointLists

  constructor({ book, points }: { book: SeriesBook; points: PointLists }) {
    this.#book = book
    this.#points = points
  }

  /** Points in ascending time, read as they are taken. */
  async *all(series: Series, range: TimeRange): AsyncGenerator<StoredPoint> {
    const { pointStreamId, fields } = await this.#book.streams(series)
    const known = [...fields].filter(([, { streamId }]) => streamId > 0)
    const names = known.map(([name]) => JSON.stringify(name))
    const streamIds = [pointStreamId, ...known.map(([, { streamId }]) => streamId)]
    let timeUs = Number.NaN
    let marker: Marker | undefined
    let parts: string[] = []
    const point = ({ id, fields = `{${parts.join(', ')}}` }: Marker): StoredPoint => {
      return { id, seriesId: series.row.id, timeUs, fields }
    }
    // Of equal times that of the point itself comes first.
    for await (const { stream, value, timeUs: nextUs } of this.#points.all(streamIds, range)) {
      if (stream === 0) {
        if (marker !== undefined) yield point(marker)
        marker = readMarker(value)
        timeUs = nextUs
        parts = []
      } else if (nextUs === timeUs) {
        parts.push(`${names[stream - 1]}: ${JSON.stringify(value)}`)
      }
    }
    if (marker !== undefined) yield point(marker)
  }

  /** The point at a time, if it still has that id. */
  async one(
    series: Series,
    { id, timeUs }: { id: number; timeUs: number },
  ): Promise<StoredPoint | undefined> {
    for await (const point of this.all(series, { fromUs: timeUs, toUs: timeUs + 1 })) {
      if (point.id === id) return point
    }
    return undefined
  }
}
