/** Pipelines with their keys and pins, shadows of devices, and commands for them. */
import { type Kysely, sql } from 'kysely'

export async function pins(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pipelines')
    .addColumn('number', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('device_id', 'bigint', (column) => column.notNull().unique().references('devices.id'))
    .addColumn('key_hash', 'text', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('pipeline_pins')
    .addColumn('project_id', 'bigint', (column) => column.notNull())
    .addColumn('pin', 'text', (column) => column.notNull())
    .addColumn('lid', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('pipeline_pins_primary_key', ['project_id', 'pin'])
    .execute()
  await db.schema
    .createTable('shadows')
    .addColumn('device_id', 'bigint', (column) => column.primaryKey().notNull().references('devices.id'))
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('desired', 'text', (column) => column.notNull())
    .addColumn('reported', 'text', (column) => column.notNull())
    .addColumn('desired_at_us', 'bigint')
    .addColumn('delivered_at_us', 'bigint')
    .execute()
  await db.schema
    .createTable('commands')
    .addColumn('id', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('device_id', 'bigint', (column) => column.notNull().references('devices.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('expires_at_us', 'bigint', (column) => column.notNull())
    .addColumn('delivered_at_us', 'bigint')
    .addColumn('deliveries', 'integer', (column) => column.notNull())
    .addColumn('finished_at_us', 'bigint')
    .addColumn('result', 'text')
    .addColumn('error', 'text')
    .execute()
  await db.schema
    .createIndex('commands_device_id_state_id_index')
    .on('commands')
    .columns(['device_id', 'state', 'id'])
    .execute()
  await db.schema
    .createIndex('commands_device_id_id_index')
    .on('commands')
    .columns(['device_id', 'id'])
    .execute()
  await sql`insert into counters (name, last_id) values ('command', 0)`.execute(db)
}
