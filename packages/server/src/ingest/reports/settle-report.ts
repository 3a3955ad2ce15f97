/**
 * The second half of taking a report: its readings, which are in the catalog already, become points. It may be
 * done again at any time, because the same points at the same times are the same points.
 */

import { readingsOfReport } from '../../catalog/readings.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import { findPendingReports, markReportSettled } from '../../catalog/streamer-reports.ts'
import { PointBatchBuilder } from '../../model/point-batch.ts'
import type { IngestService } from '../ingest-service.ts'

export interface SettleDeps {
  readonly catalog: CatalogDb
  readonly ingest: IngestService
}

const PAGE_ROWS = 5_000
const REPORTS_AT_ONCE = 100

/**
 * Writes the points of a report; durable when it resolves.
 * @throws {OverloadedError} and the like: the store takes nothing now; the report stays pending.
 */
export async function settleReport({ catalog, ingest }: SettleDeps, reportId: string): Promise<void> {
  let afterId = 0
  for (;;) {
    const page = await readingsOfReport(catalog, reportId, { afterId, limit: PAGE_ROWS })
    const batch = new PointBatchBuilder(page.length)
    for (const { stream_id, time_us, value } of page)
      if (time_us !== null) batch.add(stream_id, time_us, value)
    if (batch.rowCount > 0) await ingest.writeChecked(batch.take())
    if (page.length < PAGE_ROWS) break
    afterId = page[page.length - 1].id
  }
  await markReportSettled(catalog, reportId)
}

/** Settles what an earlier failure left behind: of one streamer, or of all. Resolves to how many reports. */
export async function settlePending(deps: SettleDeps, streamerId?: number): Promise<number> {
  const of = streamerId === undefined ? {} : { streamerId }
  let count = 0
  for (;;) {
    const pending = await findPendingReports(deps.catalog, { ...of, limit: REPORTS_AT_ONCE })
    for (const { id } of pending) await settleReport(deps, id)
    count += pending.length
    if (pending.length < REPORTS_AT_ONCE) return count
  }
}
