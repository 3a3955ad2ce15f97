/**
 * Readings: the device's number, uptime and raw value of points that came in reports. A reading and its point
 * have stream and time in common. There are few beside other points: devices that report run on batteries.
 */
import { setImmediate } from 'node:timers/promises'
import { type SelectQueryBuilder, sql } from 'kysely'
import { inChunks } from './in-chunks.ts'
import type { ReadingRow } from './schema/reports.ts'
import type { CatalogDb, CatalogTables } from './schema.ts'

/** Readings of some streams; bounds are inclusive unless said otherwise. */
export interface ReadingFilter {
  readonly streamIds: readonly number[]
  readonly fromUs?: number | undefined
  /** Exclusive. Without both bounds of time, readings without a time are among them. */
  readonly toUs?: number | undefined
  readonly idMin?: number | undefined
  readonly idMax?: number | undefined
  readonly readingIdMin?: number | undefined
  readonly readingIdMax?: number | undefined
  readonly deviceSMin?: number | undefined
  readonly deviceSMax?: number | undefined
}

/** What identifies a point. */
export type ReadingKey = Pick<ReadingRow, 'stream_id'> & { readonly time_us: number }

/** Part of a caller's transaction; other work gets its turn between two pieces. */
export async function insertReadings(db: CatalogDb, readings: readonly ReadingRow[]): Promise<void> {
  await inChunks(readings, async (chunk) => {
    await db.insertInto('readings').values(chunk).execute()
    await setImmediate()
    return []
  })
  const streamIds = readings.map((reading) => reading.stream_id)
  await inChunks(streamIds, async (chunk) => {
    await db
      .updateTable('streams')
      .set({ has_readings: 1 })
      .where('id', 'in', chunk)
      .where('has_readings', '=', 0)
      .execute()
    return []
  })
}

export async function countReadings(db: CatalogDb, filter: ReadingFilter): Promise<number> {
  const { count } = await matchReadings(db, filter)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** By the device's number, then stream, then time. */
export async function listReadings(
  db: CatalogDb,
  filter: ReadingFilter,
  { offset, limit }: { offset: number; limit: number },
): Promise<ReadingRow[]> {
  return matchReadings(db, filter)
    .selectAll()
    .orderBy('reading_id')
    .orderBy('stream_id')
    .orderBy('time_us')
    .orderBy('id')
    .limit(limit)
    .offset(offset)
    .execute()
}

/** The newest ones that have a time, ascending. */
export async function newestReadings(
  db: CatalogDb,
  filter: ReadingFilter,
  limit: number,
): Promise<ReadingRow[]> {
  const rows = await matchReadings(db, filter)
    .selectAll()
    .where('time_us', 'is not', null)
    .orderBy('time_us', 'desc')
    .orderBy('stream_id', 'desc')
    .limit(limit)
    .execute()
  return rows.reverse()
}

/** Readings with a time by time and stream, read a page at a time. */
export async function* readingsByTime(db: CatalogDb, filter: ReadingFilter): AsyncGenerator<ReadingRow> {
  const PAGE_ROWS = 2_000
  let after: ReadingKey | undefined
  for (;;) {
    const page = await pageByTime(db, filter, { after, limit: PAGE_ROWS })
    yield* page
    if (page.length < PAGE_ROWS) return
    const { stream_id, time_us } = page[page.length - 1]
    after = { stream_id, time_us: time_us! }
  }
}

function pageByTime(
  db: CatalogDb,
  filter: ReadingFilter,
  { after, limit }: { after: ReadingKey | undefined; limit: number },
): Promise<ReadingRow[]> {
  let matches = matchReadings(db, filter).where('time_us', 'is not', null)
  if (after) {
    matches = matches.where((eb) =>
      eb.or([
        eb('time_us', '>', after.time_us),
        eb.and([eb('time_us', '=', after.time_us), eb('stream_id', '>', after.stream_id)]),
      ]),
    )
  }
  return matches.selectAll().orderBy('time_us').orderBy('stream_id').limit(limit).execute()
}

/** A page of what a report brought, with times, by number of the row. */
export async function readingsOfReport(
  db: CatalogDb,
  reportId: string,
  { afterId, limit }: { afterId: number; limit: number },
): Promise<ReadingRow[]> {
  return db
    .selectFrom('readings')
    .selectAll()
    .where('report_id', '=', reportId)
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Removes readings with their points; without bounds of time also those without a time. */
export async function deleteReadings(
  db: CatalogDb,
  streamIds: Iterable<number>,
  { fromUs, toUs }: { fromUs?: number | undefined; toUs?: number | undefined } = {},
): Promise<void> {
  await inChunks(streamIds, async (chunk) => {
    let gone = db.deleteFrom('readings').where('stream_id', 'in', chunk)
    if (fromUs !== undefined) gone = gone.where('time_us', '>=', fromUs)
    if (toUs !== undefined) gone = gone.where('time_us', '<', toUs)
    await gone.execute()
    return []
  })
}

/** For retention: readings whose points have been dropped. */
export async function deleteReadingsBefore(db: CatalogDb, beforeUs: number): Promise<void> {
  await db.deleteFrom('readings').where('time_us', '<', beforeUs).execute()
}

function matchReadings(
  db: CatalogDb,
  filter: ReadingFilter,
): SelectQueryBuilder<CatalogTables, 'readings', unknown> {
  let matches = db.selectFrom('readings')
  // Numbers of the catalog's own, written out: there may be more of them than a statement has parameters.
  const list = filter.streamIds.map(Number).join(',')
  matches = matches.where(sql<boolean>`stream_id in (${sql.raw(list || '0')})`)
  if (filter.fromUs !== undefined) matches = matches.where('time_us', '>=', filter.fromUs)
  if (filter.toUs !== undefined) matches = matches.where('time_us', '<', filter.toUs)
  if (filter.idMin !== undefined) matches = matches.where('id', '>=', filter.idMin)
  if (filter.idMax !== undefined) matches = matches.where('id', '<=', filter.idMax)
  if (filter.readingIdMin !== undefined) matches = matches.where('reading_id', '>=', filter.readingIdMin)
  if (filter.readingIdMax !== undefined) matches = matches.where('reading_id', '<=', filter.readingIdMax)
  if (filter.deviceSMin !== undefined) matches = matches.where('device_s', '>=', filter.deviceSMin)
  if (filter.deviceSMax !== undefined) matches = matches.where('device_s', '<=', filter.deviceSMax)
  return matches
}
