/**
 * Puts new points into the streams of their series. A point is one batch: it is durable and visible as a whole,
 * with its id, or not at all.
 */
import type { Limits } from '../../config.ts'
import { NotFoundError, TooLargeError } from '../../errors.ts'
import type { IngestService } from '../../ingest/ingest-service.ts'
import type { PointValue } from '../../model/point-batch.ts'
import { US_PER_S } from '../../model/time.ts'
import type { PointLists } from '../../query/point-lists.ts'
import { markerText } from './marker.ts'
import type { PointIds } from './point-ids.ts'
import type { PointIndex } from './point-index.ts'
import type { Series, SeriesBook } from './series-book.ts'
import { FIELDS_MAX, isFieldName, type SeriesStreams } from './series-streams.ts'
import type { Stamps } from './stamps.ts'

export interface WriterServices {
  readonly book: SeriesBook
  readonly ids: PointIds
  readonly index: PointIndex
  readonly stamps: Stamps
  readonly ingest: IngestService
  readonly points: PointLists
  readonly limits: Limits
}

/** What becomes of the fields of a point. */
interface Plan {
  readonly streamIds: number[]
  readonly values: PointValue[]
  /** Whether they can be put together again from the streams alone. */
  isWhole: boolean
  /** Names for which there is no stream yet. */
  readonly missing: string[]
}

/** A time behind the latest one is looked for so far, where earlier points have taken the first choice. */
const SEARCH_US = US_PER_S

export class PointWriter {
  readonly #services: WriterServices

  constructor(services: WriterServices) {
    this.#services = services
  }

  /**
   * Stores a point with the time of the server; resolves to its id.
   * @throws {NotFoundError} the series was deleted meanwhile.
   * @throws {TooLargeError} fields that belong together are longer than a text may be.
   */
  async write(series: Series, fields: unknown): Promise<number> {
    const { book, ids, index, stamps } = this.#services
    index.checkRoom()
    for (;;) {
      if (series.isClosed) throw new NotFoundError(`Series ${series.row.id} not found`)
      const streams = book.knownStreams(series)
      const plan = streams && planOf(fields, streams, this.#services.limits)
      if (streams === undefined || plan === undefined || plan.missing.length > 0) {
        await book.streams(series, plan?.missing)
      } else if (!ids.hasOne) {
        await ids.reserve()
      } else {
        // Nothing is waited for from here to the store, so that times ascend in the order of the writes.
        const timeUs = stamps.next()
        if (timeUs <= series.lastUs) return this.#writeBehind(series, fields, timeUs)
        return this.#append(series, { fields, streams, plan, timeUs })
      }
    }
  }

  async #append(
    series: Series,
    {
      fields,
      streams,
      plan,
      timeUs,
    }: { fields: unknown; streams: SeriesStreams; plan: Plan; timeUs: number },
  ): Promise<number> {
    const { ids, index, ingest, limits } = this.#services
    const id = ids.take()
    const marker = plan.isWhole ? id : markerText(id, fields)
    if (typeof marker === 'string' && Buffer.byteLength(marker) > limits.textBytesMax) {
      throw new TooLargeError(`Fields other than numbers and texts may take ${limits.textBytesMax} bytes`)
    }
    plan.streamIds.push(streams.pointStreamId)
    plan.values.push(marker)
    const { streamIds, values } = plan
    series.lastUs = Math.max(series.lastUs, timeUs)
    series.writesUnderWay++
    try {
      await ingest.writeMoment({ timeUs, streamIds, values })
    } finally {
      if (--series.writesUnderWay === 0) series.onQuiet?.()
    }
    index.add({ id, series_id: series.row.id, time_us: timeUs })
    series.count++
    return id
  }

  /**
   * For a clock that was set back: an earlier point may have that very time, and would be overwritten. What is
   * behind the latest time is not found again by looking there after a crash, and goes into the index at once.
   */
  #writeBehind(series: Series, fields: unknown, wantedUs: number): Promise<number> {
    const { book, index } = this.#services
    const written = series.turn.then(async () => {
      const streams = await book.streams(series)
      const plan = planOf(fields, streams, this.#services.limits)
      const timeUs = await this.#freeTimeUs(series, streams, wantedUs)
      if (series.isClosed) throw new NotFoundError(`Series ${series.row.id} not found`)
      const id = await this.#append(series, { fields, streams, plan, timeUs: timeUs ?? series.lastUs + 1 })
      await index.flush()
      return id
    })
    series.turn = written.catch(() => undefined)
    return written
  }

  async #freeTimeUs(series: Series, streams: SeriesStreams, wantedUs: number): Promise<number | undefined> {
    const range = { fromUs: wantedUs, toUs: Math.min(wantedUs + SEARCH_US, series.lastUs + 1) }
    let freeUs = wantedUs
    for await (const { timeUs } of this.#services.points.all([streams.pointStreamId], range)) {
      if (timeUs > freeUs) break
      freeUs++
    }
    return freeUs < range.toUs ? freeUs : undefined
  }
}

function planOf(fields: unknown, streams: SeriesStreams, limits: Limits): Plan {
  const plan: Plan = { streamIds: [], values: [], isWhole: isPlainObject(fields), missing: [] }
  if (!isPlainObject(fields)) return plan
  for (const name in fields) {
    const value = fields[name]
    const stored = streamValue(value)
    if (stored !== value) plan.isWhole = false
    if (stored === undefined) continue
    const stream = streams.fields.get(name)
    if (stream?.takesData) {
      plan.streamIds.push(stream.streamId)
      plan.values.push(stored)
    } else {
      plan.isWhole = false
      if (stream === undefined && streams.fields.size < FIELDS_MAX && isFieldName(name, limits))
        plan.missing.push(name)
    }
  }
  return plan
}

/** What a stream keeps of a value; a switch can be drawn as 1 and 0. */
function streamValue(value: unknown): PointValue | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'string' && value.isWellFormed() ? value : undefined
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
