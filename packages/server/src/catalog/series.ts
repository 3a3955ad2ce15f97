/** Series of the timeseries API: each is a device of the model, with an owner and texts of its own. */
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import type { CatalogDb, SeriesRow } from './schema.ts'

export type NewSeries = Omit<SeriesRow, 'id' | 'point_count' | 'indexed_to_us' | 'is_removed'>

export async function createSeries(db: CatalogDb, series: NewSeries): Promise<SeriesRow> {
  return inTransaction(db, async (db) => {
    const id = await takeIds(db, 'series')
    return db
      .insertInto('series')
      .values({ id, ...series, point_count: 0, indexed_to_us: null, is_removed: 0 })
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/** All of them by id, with those that are being removed. */
export async function listSeries(db: CatalogDb): Promise<SeriesRow[]> {
  return db.selectFrom('series').selectAll().orderBy('id').execute()
}

/** From now on the series counts as deleted, whatever is still there of it. */
export async function markSeriesRemoved(db: CatalogDb, id: number): Promise<void> {
  await db.updateTable('series').set({ is_removed: 1 }).where('id', '=', id).execute()
}

export async function setPointStream(
  db: CatalogDb,
  { id, streamId }: { id: number; streamId: number },
): Promise<void> {
  await db.updateTable('series').set({ point_stream_id: streamId }).where('id', '=', id).execute()
}

export async function deleteSeries(db: CatalogDb, id: number): Promise<void> {
  await db.deleteFrom('series').where('id', '=', id).execute()
}
