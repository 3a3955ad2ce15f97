/**
 * Tables of the timeseries API. There is a row for each point that it ever takes, so that no more than what is
 * needed to find a point by its id is in it; no index but that of the id.
 */
import { type Kysely, SqliteAdapter, sql } from 'kysely'

export async function series(db: Kysely<unknown>): Promise<void> {
  await sql`insert into counters (name, last_id) values ('series', 0), ('series_point', 0)`.execute(db)
  await db.schema
    .createTable('series')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('project_id', 'bigint', (column) => column.notNull())
    .addColumn('device_number', 'bigint', (column) => column.notNull())
    .addColumn('point_stream_id', 'integer', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('account_id', 'integer', (column) => column.notNull())
    .addColumn('device_id', 'text', (column) => column.notNull())
    .addColumn('device_desc', 'text', (column) => column.notNull())
    .addColumn('description', 'text')
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('point_count', 'bigint', (column) => column.notNull())
    .addColumn('indexed_to_us', 'bigint')
    .addColumn('is_removed', 'integer', (column) => column.notNull())
    .execute()
  // SQLite keeps a table in the order of a key that is called INTEGER, without an index beside it; there it has
  // 64 bits.
  const idType = db.getExecutor().adapter instanceof SqliteAdapter ? 'integer' : 'bigint'
  await db.schema
    .createTable('series_points')
    .addColumn('id', idType, (column) => column.primaryKey().notNull())
    .addColumn('series_id', 'integer', (column) => column.notNull())
    .addColumn('time_us', 'bigint', (column) => column.notNull())
    .execute()
}
