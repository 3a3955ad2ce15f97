/**
 * Deletes points and series. A series counts as deleted from the first step on, which is durable; what is left of
 * it is removed in pieces, also after a restart.
 */
import { formatDeviceSlug } from '@sonde/client'
import { recordAudit } from '../../catalog/audit.ts'
import type { CatalogDb, SeriesPointRow } from '../../catalog/schema.ts'
import { markSeriesRemoved } from '../../catalog/series.ts'
import { deleteSeriesPoints, pageSeriesPoints } from '../../catalog/series-points.ts'
import type { IngestService } from '../../ingest/ingest-service.ts'
import type { Clock } from '../../model/clock.ts'
import { type PointLists, rangeOf } from '../../query/point-lists.ts'
import { readMarker } from './marker.ts'
import type { PointIndex } from './point-index.ts'
import type { Series, SeriesBook } from './series-book.ts'
import { listSeriesStreams } from './series-streams.ts'

export interface RemovalServices {
  readonly catalog: CatalogDb
  readonly clock: Clock
  readonly ingest: IngestService
  readonly points: PointLists
  readonly book: SeriesBook
  readonly index: PointIndex
}

/** Rows that go in one transaction. */
const PAGE = 2_000

export class Removals {
  readonly #services: RemovalServices

  constructor(services: RemovalServices) {
    this.#services = services
  }

  /** Removes one point; nothing happens when it is gone already. */
  removePoint(series: Series, point: SeriesPointRow, accountId: number | null): Promise<void> {
    const { catalog, index, ingest } = this.#services
    return inTurn(series, async () => {
      if (series.isClosed) return
      await index.flush()
      const streamIds = await this.#streamIds(series)
      await ingest.deletePoints(streamIds, { fromUs: point.time_us, toUs: point.time_us + 1 })
      series.count -= await deleteSeriesPoints(catalog, { seriesId: series.row.id, ids: [point.id] })
      await this.#audit(series, { accountId, detail: `point ${point.id} of series ${series.row.id}` })
    })
  }

  async removeSeries(series: Series, accountId: number | null): Promise<void> {
    const { catalog, book } = this.#services
    await inTurn(series, async () => {
      if (series.isClosed) return
      await markSeriesRemoved(catalog, series.row.id)
      series.isClosed = true
      book.drop(series)
      await this.#audit(series, { accountId, detail: `series ${series.row.id} with ${series.count} points` })
      await this.finish(series)
    })
  }

  /** Removes what is left of a series that is marked as removed. */
  async finish(series: Series): Promise<void> {
    const { catalog, index, ingest, points, book } = this.#services
    await untilQuiet(series)
    await index.flush()
    const pointStreams = [series.streams?.pointStreamId ?? series.row.point_stream_id]
    let range = rangeOf({})
    for (;;) {
      const page = await points.page(pointStreams, range, { offset: 0, limit: PAGE })
      const ids = page.map(({ value }) => readMarker(value)?.id).filter((id) => id !== undefined)
      await deleteSeriesPoints(catalog, { seriesId: series.row.id, ids })
      if (page.length < PAGE) break
      range = { ...range, fromUs: page[PAGE - 1].timeUs + 1 }
    }
    const streamIds = await this.#streamIds(series)
    if (streamIds.length > 0) await ingest.deletePoints(streamIds)
    await book.forget(series)
  }

  /** Removes the ids of points that are older than anything that is kept. */
  async sweep(keptFromUs: number): Promise<void> {
    const { catalog, book } = this.#services
    let afterId = 0
    for (;;) {
      const page = await pageSeriesPoints(catalog, { afterId, limit: PAGE })
      const old = page.filter(({ time_us }) => time_us < keptFromUs)
      for (const [seriesId, rows] of Map.groupBy(old, (row) => row.series_id)) {
        const count = await deleteSeriesPoints(catalog, { seriesId, ids: rows.map(({ id }) => id) })
        const series = book.find(seriesId)
        if (series !== undefined) series.count -= count
      }
      // Ids ascend with time, but for a clock that was set back.
      if (old.length === 0) return
      afterId = page[page.length - 1].id
    }
  }

  async #streamIds({ row }: Series): Promise<Uint32Array> {
    const streams = await listSeriesStreams(this.#services.catalog, row)
    return Uint32Array.from(streams, ({ id }) => id)
  }

  async #audit(
    { row }: Series,
    { accountId, detail }: { accountId: number | null; detail: string },
  ): Promise<void> {
    const { catalog, clock } = this.#services
    const target = formatDeviceSlug(row.device_number)
    await recordAudit(catalog, {
      at_us: clock.nowUs(),
      account_id: accountId,
      action: 'delete',
      target,
      detail: `${detail}, by ${row.owner}`,
    })
  }
}

function inTurn(series: Series, work: () => Promise<void>): Promise<void> {
  const done = series.turn.then(work)
  series.turn = done.catch(() => undefined)
  return done
}

function untilQuiet(series: Series): Promise<void> {
  if (series.writesUnderWay === 0) return Promise.resolve()
  return new Promise((resolve) => {
    series.onQuiet = resolve
  })
}
