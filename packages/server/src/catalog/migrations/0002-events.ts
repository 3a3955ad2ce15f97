/** Events of streams, properties of projects, devices and archives, and the archives (data blocks). */
import { type Kysely, sql } from 'kysely'

export async function events(db: Kysely<unknown>): Promise<void> {
  await sql`
    insert into counters (name, last_id) values ('event', 0), ('property', 0), ('datablock', 0)
  `.execute(db)

  await db.schema
    .createTable('events')
    .addColumn('id', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('stream_id', 'integer', (column) => column.notNull().references('streams.id'))
    .addColumn('time_us', 'bigint', (column) => column.notNull())
    .addColumn('device_timestamp', 'bigint')
    .addColumn('streamer_local_id', 'bigint', (column) => column.notNull())
    .addColumn('dirty_ts', 'integer', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('extra_data', 'text', (column) => column.notNull())
    .addColumn('is_error', 'integer', (column) => column.notNull())
    .addColumn('ext', 'text', (column) => column.notNull())
    .addColumn('data_sha256', 'text')
    .addColumn('data_bytes', 'bigint')
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .execute()
  await createIndex(db, 'events', ['stream_id', 'is_error', 'time_us'])
  await createIndex(db, 'events', ['data_sha256'])

  await db.schema
    .createTable('properties')
    .addColumn('id', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('target_kind', 'text', (column) => column.notNull())
    .addColumn('target_id', 'bigint', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('is_system', 'integer', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .addUniqueConstraint('properties_target_name_unique', ['target', 'name'])
    .execute()
  await createIndex(db, 'properties', ['target_kind', 'name'])

  await db.schema
    .createTable('datablocks')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('device_id', 'bigint', (column) => column.notNull().references('devices.id'))
    .addColumn('block', 'integer', (column) => column.notNull())
    .addColumn('org_id', 'text', (column) => column.notNull().references('orgs.id'))
    .addColumn('project_id', 'bigint', (column) => column.notNull().references('projects.id'))
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('sg', 'text')
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .addUniqueConstraint('datablocks_device_id_block_unique', ['device_id', 'block'])
    .execute()
  await createIndex(db, 'datablocks', ['org_id'])
  await createIndex(db, 'datablocks', ['project_id'])
}

/** Named after its table and columns, because PostgreSQL wants names that are unique in the schema. */
async function createIndex(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  const name = `${table}_${columns.join('_')}_index`
  await db.schema.createIndex(name).on(table).columns(columns).execute()
}
