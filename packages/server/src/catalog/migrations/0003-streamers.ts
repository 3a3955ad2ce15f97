/** Streamers, the reports that they upload, the readings in those, and masks over the data of devices. */
import { type Kysely, sql } from 'kysely'

export async function streamers(db: Kysely<unknown>): Promise<void> {
  await sql`insert into counters (name, last_id) values ('streamer', 0), ('reading', 0)`.execute(db)
  // Read with every stream, so that streams without readings cost no look-up of them.
  await db.schema
    .alterTable('streams')
    .addColumn('has_readings', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createTable('streamers')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('device_id', 'bigint', (column) => column.notNull().references('devices.id'))
    .addColumn('streamer_index', 'integer', (column) => column.notNull())
    .addColumn('selector', 'bigint', (column) => column.notNull())
    .addColumn('process_engine_ver', 'integer', (column) => column.notNull())
    .addColumn('last_id', 'bigint', (column) => column.notNull())
    .addColumn('last_reboot_at_us', 'bigint')
    .addColumn('is_system', 'integer', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .addUniqueConstraint('streamers_device_id_streamer_index_unique', ['device_id', 'streamer_index'])
    .execute()
  await createReports(db)
  await createReadings(db)
  await db.schema
    .createTable('device_masks')
    .addColumn('device_id', 'bigint', (column) => column.primaryKey().notNull().references('devices.id'))
    .addColumn('start_us', 'bigint')
    .addColumn('end_us', 'bigint')
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .execute()
}

async function createReports(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('streamer_reports')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('streamer_id', 'integer', (column) => column.notNull().references('streamers.id'))
    .addColumn('original_first_id', 'bigint', (column) => column.notNull())
    .addColumn('original_last_id', 'bigint', (column) => column.notNull())
    .addColumn('actual_first_id', 'bigint', (column) => column.notNull())
    .addColumn('actual_last_id', 'bigint', (column) => column.notNull())
    .addColumn('sent_at_us', 'bigint', (column) => column.notNull())
    .addColumn('device_sent_s', 'bigint', (column) => column.notNull())
    .addColumn('incremental_id', 'bigint', (column) => column.notNull())
    .addColumn('is_pending', 'integer', (column) => column.notNull())
    .addColumn('file_sha256', 'text', (column) => column.notNull())
    .addColumn('file_bytes', 'bigint', (column) => column.notNull())
    .addColumn('file_name', 'text', (column) => column.notNull())
    .addColumn('media_type', 'text', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .execute()
  await createIndex(db, 'streamer_reports', ['streamer_id', 'sent_at_us'])
  await createIndex(db, 'streamer_reports', ['sent_at_us'])
  await createIndex(db, 'streamer_reports', ['file_sha256'])
  // Pending ones are few, and looked for before each report.
  await createIndex(db, 'streamer_reports', ['is_pending', 'streamer_id'])
}

/** Without foreign keys: rows come by the thousand, and go with their stream. */
async function createReadings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('readings')
    .addColumn('id', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('stream_id', 'integer', (column) => column.notNull())
    .addColumn('time_us', 'bigint')
    .addColumn('reading_id', 'bigint', (column) => column.notNull())
    .addColumn('device_s', 'bigint')
    .addColumn('int_value', 'bigint', (column) => column.notNull())
    .addColumn('value', 'double precision', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('report_id', 'text', (column) => column.notNull())
    .addUniqueConstraint('readings_stream_id_time_us_unique', ['stream_id', 'time_us'])
    .execute()
  await createIndex(db, 'readings', ['stream_id', 'reading_id'])
  await createIndex(db, 'readings', ['report_id'])
  await createIndex(db, 'readings', ['time_us'])
}

async function createIndex(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  await db.schema
    .createIndex(`${table}_${columns.join('_')}_index`)
    .on(table)
    .columns(columns)
    .execute()
}
