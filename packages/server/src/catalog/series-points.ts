/**
 * Where the points of the timeseries API are, by their ids. The rows say no more than the points store: they are
 * written behind it, in batches, and what is missing after a crash is read from there.
 */
import { inChunks } from './in-chunks.ts'
import { inTransaction } from './in-transaction.ts'
import type { CatalogDb, SeriesPointRow } from './schema.ts'

/** A statement of so many rows is short enough to be kept prepared, and full batches consist of them. */
const ROWS_AT_ONCE = 256

/** Adds points, each once, and counts them in their series. */
export async function addSeriesPoints(db: CatalogDb, points: readonly SeriesPointRow[]): Promise<void> {
  await inTransaction(db, async (db) => {
    const added = await inChunks(
      points,
      (chunk) =>
        db
          .insertInto('series_points')
          .values(chunk)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returning(['series_id', 'time_us'])
          .execute(),
      { itemsMax: ROWS_AT_ONCE },
    )
    for (const [id, rows] of Map.groupBy(added, (row) => row.series_id)) {
      const lastUs = rows.reduce((latest, { time_us }) => Math.max(latest, time_us), Number.NEGATIVE_INFINITY)
      await db
        .updateTable('series')
        .set((eb) => ({
          point_count: eb('point_count', '+', rows.length),
          indexed_to_us: eb
            .case()
            .when('indexed_to_us', '>=', lastUs)
            .then(eb.ref('indexed_to_us'))
            .else(lastUs)
            .end(),
        }))
        .where('id', '=', id)
        .execute()
    }
  })
}

export async function findSeriesPoint(db: CatalogDb, id: number): Promise<SeriesPointRow | undefined> {
  return db.selectFrom('series_points').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Removes rows of one series; resolves to how many there were. */
export async function deleteSeriesPoints(
  db: CatalogDb,
  { seriesId, ids }: { seriesId: number; ids: readonly number[] },
): Promise<number> {
  return inTransaction(db, async (db) => {
    const gone = await inChunks(ids, (chunk) =>
      db
        .deleteFrom('series_points')
        .where('id', 'in', chunk)
        .where('series_id', '=', seriesId)
        .returning('id')
        .execute(),
    )
    await db
      .updateTable('series')
      .set((eb) => ({ point_count: eb('point_count', '-', gone.length) }))
      .where('id', '=', seriesId)
      .execute()
    return gone.length
  })
}

/** The first rows behind an id, in the order of ids. */
export async function pageSeriesPoints(
  db: CatalogDb,
  { afterId, limit }: { afterId: number; limit: number },
): Promise<SeriesPointRow[]> {
  return db
    .selectFrom('series_points')
    .selectAll()
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(limit)
    .execute()
}
