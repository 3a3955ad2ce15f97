/** Kinds of measurements and devices, fleets, and firmware. Numbers that people choose are bigints. */
import { type Kysely, sql } from 'kysely'

export async function fleets(db: Kysely<unknown>): Promise<void> {
  await sql`
    insert into counters (name, last_id)
    values ('sensor_graph', 0), ('device_template', 0), ('fleet', 0), ('ota_script', 0), ('ota_request', 0),
      ('ota_action', 0), ('ota_version', 0)
  `.execute(db)
  await createVartypes(db)
  await createTemplates(db)
  await createFleets(db)
  await createOta(db)
}

/** The kind that variables have by default is there from the start, and may be changed. */
async function createVartypes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('vartypes')
    .addColumn('slug', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('input_units', 'text', (column) => column.notNull())
    .addColumn('output_units', 'text', (column) => column.notNull())
    .addColumn('stream_data_type', 'text', (column) => column.notNull())
    .addColumn('decoder', 'text')
    .addColumn('schema', 'text')
    .addColumn('storage_units_full', 'text', (column) => column.notNull())
    .addColumn('storage_units_short', 'text', (column) => column.notNull())
    .execute()
  await sql`
    insert into vartypes
      (slug, name, input_units, output_units, stream_data_type, storage_units_full, storage_units_short)
    values ('default', 'Default', '[]', '[]', '00', '', '')
  `.execute(db)
}

async function createTemplates(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sensor_graphs')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('org_id', 'text', (column) => column.references('orgs.id'))
    .addColumn('project_template', 'text')
    .addColumn('variable_templates', 'text', (column) => column.notNull())
    .addColumn('display_widget_templates', 'text', (column) => column.notNull())
    .addColumn('ui_extra', 'text')
    .addColumn('report_processing_engine_ver', 'integer', (column) => column.notNull())
    .addColumn('major_version', 'integer', (column) => column.notNull())
    .addColumn('minor_version', 'integer', (column) => column.notNull())
    .addColumn('patch_version', 'integer', (column) => column.notNull())
    .addColumn('app_tag', 'bigint')
    .addColumn('app_version', 'text')
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .execute()
  await createIndex(db, 'sensor_graphs', ['org_id'])
  await db.schema
    .createTable('device_templates')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('external_sku', 'text', (column) => column.notNull())
    .addColumn('internal_sku', 'text', (column) => column.notNull())
    .addColumn('family', 'text', (column) => column.notNull())
    .addColumn('org_id', 'text', (column) => column.references('orgs.id'))
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('os_tag', 'bigint')
    .addColumn('os_version', 'text')
    .addColumn('hw_tag', 'text')
    .addColumn('hw_version', 'text')
    .addColumn('slots', 'text', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('released_at_us', 'bigint')
    .execute()
  await createIndex(db, 'device_templates', ['org_id'])
}

async function createFleets(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('fleets')
    .addColumn('id', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('org_id', 'text', (column) => column.notNull().references('orgs.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('is_network', 'integer', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .execute()
  await createIndex(db, 'fleets', ['org_id'])
  await db.schema
    .createTable('fleet_devices')
    .addColumn('fleet_id', 'bigint', (column) => column.notNull().references('fleets.id'))
    .addColumn('device_id', 'bigint', (column) => column.notNull().references('devices.id'))
    .addColumn('always_on', 'integer', (column) => column.notNull())
    .addColumn('is_access_point', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('fleet_devices_primary_key', ['fleet_id', 'device_id'])
    .execute()
  await createIndex(db, 'fleet_devices', ['device_id'])
}

async function createOta(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('ota_scripts')
    .addColumn('id', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('org_id', 'text', (column) => column.notNull().references('orgs.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('major_version', 'integer', (column) => column.notNull())
    .addColumn('minor_version', 'integer', (column) => column.notNull())
    .addColumn('patch_version', 'integer', (column) => column.notNull())
    .addColumn('released', 'integer', (column) => column.notNull())
    .addColumn('released_at_us', 'bigint')
    .addColumn('file_name', 'text')
    .addColumn('file_sha256', 'text')
    .addColumn('file_size_bytes', 'bigint')
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .execute()
  await createIndex(db, 'ota_scripts', ['org_id'])
  await createIndex(db, 'ota_scripts', ['file_sha256'])
  await db.schema
    .createTable('ota_requests')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('script_id', 'bigint', (column) => column.notNull().references('ota_scripts.id'))
    .addColumn('org_id', 'text', (column) => column.notNull().references('orgs.id'))
    .addColumn('fleet_id', 'bigint', (column) => column.references('fleets.id'))
    .addColumn('selection_criteria', 'text', (column) => column.notNull())
    .addColumn('released_at_us', 'bigint')
    .addColumn('completed_at_us', 'bigint')
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .execute()
  await createIndex(db, 'ota_requests', ['org_id'])
  await createIndex(db, 'ota_requests', ['script_id'])
  await createIndex(db, 'ota_requests', ['fleet_id'])
  await db.schema
    .createTable('ota_actions')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('request_id', 'integer', (column) => column.notNull().references('ota_requests.id'))
    .addColumn('device_id', 'bigint', (column) => column.notNull().references('devices.id'))
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('last_attempt_at_us', 'bigint')
    .addColumn('attempt_successful', 'integer', (column) => column.notNull())
    .addColumn('device_confirmation', 'integer', (column) => column.notNull())
    .addColumn('log', 'text')
    .execute()
  await createIndex(db, 'ota_actions', ['request_id'])
  await createIndex(db, 'ota_actions', ['device_id'])
  await db.schema
    .createTable('ota_versions')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('device_id', 'bigint', (column) => column.notNull().references('devices.id'))
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('tag', 'bigint', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('streamer_local_id', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .execute()
  await createIndex(db, 'ota_versions', ['device_id', 'type', 'updated_at_us'])
}

/** Named after its table and columns, because PostgreSQL wants names that are unique in the schema. */
async function createIndex(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  const name = `${table}_${columns.join('_')}_index`
  await db.schema.createIndex(name).on(table).columns(columns).execute()
}
