/** Rollouts of firmware: stages, the state of each device, and what devices are to run. */
import { type Kysely, sql } from 'kysely'

const STATE_COUNTS = [
  'pending',
  'offered',
  'downloading',
  'verifying',
  'succeeded',
  'failed',
  'rolling_back',
  'rolled_back',
  'attempts_succeeded',
  'attempts_failed',
]

export async function rollouts(db: Kysely<unknown>): Promise<void> {
  await sql`insert into counters (name, last_id) values ('rollout', 0)`.execute(db)
  await createRollouts(db)
  await createStages(db)
  await createDevices(db)
}

async function createRollouts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rollouts')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('org_id', 'text', (column) => column.notNull().references('orgs.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('package_id', 'integer', (column) => column.notNull().references('packages.id'))
    .addColumn('tag_id', 'integer', (column) => column.notNull().references('package_tags.id'))
    .addColumn('rollback_tag_id', 'integer', (column) => column.references('package_tags.id'))
    .addColumn('fleet_id', 'bigint', (column) => column.references('fleets.id'))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('stage', 'integer', (column) => column.notNull())
    .addColumn('stage_opened_at_us', 'bigint')
    .addColumn('failure_percent_max', 'integer', (column) => column.notNull())
    .addColumn('attempts_min', 'integer', (column) => column.notNull())
    .addColumn('attempts_max', 'integer', (column) => column.notNull())
    .addColumn('timeout_s', 'integer', (column) => column.notNull())
    .addColumn('advance_percent', 'integer', (column) => column.notNull())
    .addColumn('soak_s', 'integer', (column) => column.notNull())
    .addColumn('on_failure', 'text', (column) => column.notNull())
    .addColumn('version_variable', 'text', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('started_at_us', 'bigint')
    .addColumn('ended_at_us', 'bigint')
    .execute()
  for (const column of ['org_id', 'package_id', 'tag_id', 'rollback_tag_id', 'fleet_id', 'state']) {
    await createIndex(db, 'rollouts', [column])
  }
}

async function createStages(db: Kysely<unknown>): Promise<void> {
  let stages = db.schema
    .createTable('rollout_stages')
    .addColumn('rollout_id', 'integer', (column) => column.notNull().references('rollouts.id'))
    .addColumn('stage', 'integer', (column) => column.notNull())
    .addColumn('percent', 'integer')
    .addColumn('fleet_id', 'bigint', (column) => column.references('fleets.id'))
  for (const name of STATE_COUNTS) stages = stages.addColumn(name, 'integer', (column) => column.notNull())
  await stages.addPrimaryKeyConstraint('rollout_stages_primary_key', ['rollout_id', 'stage']).execute()
  await createIndex(db, 'rollout_stages', ['fleet_id'])
}

async function createDevices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rollout_devices')
    .addColumn('rollout_id', 'integer', (column) => column.notNull().references('rollouts.id'))
    .addColumn('device_id', 'bigint', (column) => column.notNull().references('devices.id'))
    .addColumn('stage', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('previous_tag_id', 'integer', (column) => column.references('package_tags.id'))
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('since_us', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('rollout_devices_primary_key', ['rollout_id', 'device_id'])
    .execute()
  await createIndex(db, 'rollout_devices', ['device_id'])
  await createIndex(db, 'rollout_devices', ['previous_tag_id'])
  await createIndex(db, 'rollout_devices', ['rollout_id', 'state', 'device_id'])
  await db.schema
    .createTable('device_firmware')
    .addColumn('device_id', 'bigint', (column) => column.primaryKey().notNull().references('devices.id'))
    .addColumn('tag_id', 'integer', (column) => column.references('package_tags.id'))
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('version', 'text')
    .addColumn('sketch_md5', 'text')
    .addColumn('reported_at_us', 'bigint')
    .execute()
  await createIndex(db, 'device_firmware', ['tag_id'])
}

async function createIndex(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  const name = `${table}_${columns.join('_')}_index`
  await db.schema.createIndex(name).on(table).columns(columns).execute()
}
