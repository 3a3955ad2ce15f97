/**
 * Readings: the device's number, uptime and raw value of points that came in reports. A reading and its point
 * have stream and time in common. There are few beside other points: devices that report run on batteries.
 */
import { setImmediate } from 'node:timers/promises'
import { type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import { inChunks } from './in-chunks.ts'
import type { ReadingRow } from './schema/reports.ts'
import type { CatalogDb, CatalogTables } from './schema.ts'

/** Streams with the time that matters of them: `fromUs <= time < toUs`. Without bounds also readings without a time. */
export interface ReadingWindow {
  readonly streamIds: readonly number[]
  readonly fromUs?: number
  readonly toUs?: number
}

/** Readings in any of the windows, and within all of the other bounds, which are inclusive. */
export interface ReadingFilter extends ReadingBounds {
  readonly windows: readonly ReadingWindow[]
  /** Leaves out readings without a time. */
  readonly isTimed?: boolean
}

export interface ReadingBounds {
  readonly idMin?: number | undefined
  readonly idMax?: number | undefined
  readonly readingIdMin?: number | undefined
  readonly readingIdMax?: number | undefined
  readonly deviceSMin?: number | undefined
  readonly deviceSMax?: number | undefined
}

/** What identifies a point. */
export type ReadingKey = Pick<ReadingRow, 'stream_id'> & { readonly time_us: number }

/**
 * Part of a caller's transaction; other work gets its turn between two pieces. Where there is a reading already,
 * it stays; resolves to the numbers of those that went in.
 */
export async function insertReadings(db: CatalogDb, readings: readonly ReadingRow[]): Promise<Set<number>> {
  const inserted = await inChunks(readings, async (chunk) => {
    const rows = await db
      .insertInto('readings')
      .values(chunk)
      .onConflict((conflict) => conflict.columns(['stream_id', 'time_us']).doNothing())
      .returning('id')
      .execute()
    await setImmediate()
    return rows
  })
  return new Set(inserted.map(({ id }) => id))
}

/** From then on readings are looked for when points of these streams are listed. */
export async function markStreamsWithReadings(db: CatalogDb, streamIds: Iterable<number>): Promise<void> {
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

/** Time of the last reading of a stream in a range whose end is exclusive. */
export async function lastReadingTime(
  db: CatalogDb,
  { streamId, fromUs, toUs }: { streamId: number; fromUs: number; toUs: number },
): Promise<number | undefined> {
  const row = await db
    .selectFrom('readings')
    .select('time_us')
    .where('stream_id', '=', streamId)
    .where('time_us', '>=', fromUs)
    .where('time_us', '<', toUs)
    .orderBy('time_us', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.time_us ?? undefined
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
  const rows = await matchReadings(db, { ...filter, isTimed: true })
    .selectAll()
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
  let matches = matchReadings(db, { ...filter, isTimed: true })
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
  let matches = db.selectFrom('readings').where((eb) => eb.or(filter.windows.map(inWindow)))
  if (filter.isTimed) matches = matches.where('time_us', 'is not', null)
  if (filter.idMin !== undefined) matches = matches.where('id', '>=', filter.idMin)
  if (filter.idMax !== undefined) matches = matches.where('id', '<=', filter.idMax)
  if (filter.readingIdMin !== undefined) matches = matches.where('reading_id', '>=', filter.readingIdMin)
  if (filter.readingIdMax !== undefined) matches = matches.where('reading_id', '<=', filter.readingIdMax)
  if (filter.deviceSMin !== undefined) matches = matches.where('device_s', '>=', filter.deviceSMin)
  if (filter.deviceSMax !== undefined) matches = matches.where('device_s', '<=', filter.deviceSMax)
  return matches
}

/** Numbers of the catalog's own, written out: there may be more of them than a statement has parameters. */
function inWindow({ streamIds, fromUs, toUs }: ReadingWindow): RawBuilder<SqlBool> {
  const ids = sql.raw(streamIds.map(Number).join(','))
  const from = fromUs === undefined ? sql`` : sql` and time_us >= ${fromUs}`
  const to = toUs === undefined ? sql`` : sql` and time_us < ${toUs}`
  return sql<SqlBool>`(stream_id in (${ids})${from}${to})`
}
