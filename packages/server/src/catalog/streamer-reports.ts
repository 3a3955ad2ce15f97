/** Records of the reports that streamers have uploaded; each names the file that came. */

import { type Page, type Paged, readPage } from './page.ts'
import type { StreamerReportRow, StreamerRow } from './schema/reports.ts'
import type { CatalogDb } from './schema.ts'
import type { Sight } from './sight.ts'
import { devicesInSight } from './streamers.ts'

export interface ReportFilter {
  readonly streamerId?: number
  /** Received from then on. */
  readonly startUs?: number
  /** Received before. */
  readonly endUs?: number
}

/** A report with what its streamer's slug is made of. */
export type ReportOfStreamer = StreamerReportRow & Pick<StreamerRow, 'device_id' | 'streamer_index'>

export async function insertReport(db: CatalogDb, report: StreamerReportRow): Promise<void> {
  await db.insertInto('streamer_reports').values(report).execute()
}

export async function findReport(db: CatalogDb, id: string): Promise<ReportOfStreamer | undefined> {
  return reportsWithStreamers(db).where('streamer_reports.id', '=', id.toLowerCase()).executeTakeFirst()
}

/** Reports by the time at which they were received, the newest first. */
export async function listReports(
  db: CatalogDb,
  { sight, filter = {} }: { sight: Sight; filter?: ReportFilter },
  page: Page,
): Promise<Paged<ReportOfStreamer>> {
  let matches = db.selectFrom('streamer_reports')
  const devices = devicesInSight(db, sight)
  if (devices) {
    const streamers = db.selectFrom('streamers').select('streamers.id').where('device_id', 'in', devices)
    matches = matches.where('streamer_id', 'in', streamers)
  }
  if (filter.streamerId !== undefined) matches = matches.where('streamer_id', '=', filter.streamerId)
  if (filter.startUs !== undefined) matches = matches.where('sent_at_us', '>=', filter.startUs)
  if (filter.endUs !== undefined) matches = matches.where('sent_at_us', '<', filter.endUs)
  const { count, rows } = await readPage(matches, page, (matches) =>
    matches
      .select('streamer_reports.id')
      .orderBy('sent_at_us', 'desc')
      .orderBy('created_at_us', 'desc')
      .orderBy('streamer_reports.id'),
  )
  const ids = rows.map(({ id }) => id)
  const found =
    ids.length === 0 ? [] : await reportsWithStreamers(db).where('streamer_reports.id', 'in', ids).execute()
  const byId = new Map(found.map((report) => [report.id, report]))
  return { count, rows: ids.flatMap((id) => byId.get(id) ?? []) }
}

function reportsWithStreamers(db: CatalogDb) {
  return db
    .selectFrom('streamer_reports')
    .innerJoin('streamers', 'streamers.id', 'streamer_reports.streamer_id')
    .selectAll('streamer_reports')
    .select(['streamers.device_id', 'streamers.streamer_index'])
}

/** Reports whose points are not all in the points store yet: of one streamer, or of all; the oldest first. */
export async function findPendingReports(
  db: CatalogDb,
  { streamerId, limit }: { streamerId?: number; limit: number },
): Promise<{ id: string }[]> {
  let pending = db.selectFrom('streamer_reports').select('id').where('is_pending', '=', 1)
  if (streamerId !== undefined) pending = pending.where('streamer_id', '=', streamerId)
  return pending.orderBy('created_at_us').orderBy('id').limit(limit).execute()
}

export async function markReportSettled(db: CatalogDb, id: string): Promise<void> {
  await db.updateTable('streamer_reports').set({ is_pending: 0 }).where('id', '=', id).execute()
}
