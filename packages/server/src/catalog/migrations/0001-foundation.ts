/**
 * The first schema: accounts and what they may do, the model (org, project, device, variable, stream), and
 * the electricity API's own table. A migration is never edited once it has been released.
 *
 * Ids from counters that start at 1 are integers; ids that a person may choose (projects to 2^32 - 1,
 * devices to 2^48 - 1) are bigints, as are times. A stream has no foreign key to a device, because 0 stands
 * for a virtual one.
 */
import { type Kysely, sql } from 'kysely'

export async function foundation(db: Kysely<unknown>): Promise<void> {
  await createInstallation(db)
  await createAccounts(db)
  await createOrgs(db)
  await createModel(db)
  await createTokens(db)
  await createElectricity(db)
  await createAudit(db)
}

async function createInstallation(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('counters')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('last_id', 'bigint', (column) => column.notNull())
    .execute()
  await sql`
    insert into counters (name, last_id)
    values ('account', 0), ('project', 0), ('device', 0), ('stream', 0), ('consumpdata', 0)
  `.execute(db)
  await db.schema
    .createTable('settings')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
}

async function createAccounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('username', 'text', (column) => column.notNull().unique())
    .addColumn('email', 'text', (column) => column.unique())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('tagline', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('is_staff', 'integer', (column) => column.notNull())
    .addColumn('is_active', 'integer', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_us', 'bigint', (column) => column.notNull())
    .addColumn('credentials_changed_at_us', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('revoked_jwts')
    .addColumn('session_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('expires_at_us', 'bigint', (column) => column.notNull())
    .execute()
  await createIndex(db, 'revoked_jwts', ['expires_at_us'])
}

async function createOrgs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('orgs')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('ot', 'text')
    .addColumn('about', 'text', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .execute()
  await createIndex(db, 'orgs', ['name'])
  await db.schema
    .createTable('members')
    .addColumn('org_id', 'text', (column) => column.notNull().references('orgs.id'))
    .addColumn('account_id', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('is_active', 'integer', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('members_primary_key', ['org_id', 'account_id'])
    .execute()
  await createIndex(db, 'members', ['account_id'])
}

async function createModel(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('projects')
    .addColumn('id', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('uuid', 'text', (column) => column.notNull().unique())
    .addColumn('org_id', 'text', (column) => column.notNull().references('orgs.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('about', 'text', (column) => column.notNull())
    .addColumn('project_template', 'text')
    .addColumn('last_lid', 'integer', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .execute()
  await createIndex(db, 'projects', ['org_id', 'name'])

  await db.schema
    .createTable('devices')
    .addColumn('id', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('project_id', 'bigint', (column) => column.references('projects.id'))
    .addColumn('org_id', 'text', (column) => column.references('orgs.id'))
    .addColumn('label', 'text', (column) => column.notNull())
    .addColumn('active', 'integer', (column) => column.notNull())
    .addColumn('external_id', 'text', (column) => column.notNull())
    .addColumn('sg', 'text')
    .addColumn('template', 'text', (column) => column.notNull())
    .addColumn('lat', 'text')
    .addColumn('lon', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('busy', 'integer', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('claimed_by', 'integer', (column) => column.references('accounts.id'))
    .addColumn('claimed_at_us', 'bigint')
    .execute()
  await createIndex(db, 'devices', ['project_id', 'label'])
  await createIndex(db, 'devices', ['org_id'])
  await createIndex(db, 'devices', ['external_id'])

  await db.schema
    .createTable('variables')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('project_id', 'bigint', (column) => column.notNull().references('projects.id'))
    .addColumn('lid', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('var_type', 'text', (column) => column.notNull())
    .addColumn('about', 'text', (column) => column.notNull())
    .addColumn('input_unit', 'text')
    .addColumn('output_unit', 'text')
    .addColumn('derived_variable', 'text')
    .addColumn('raw_value_format', 'text', (column) => column.notNull())
    .addColumn('units', 'text', (column) => column.notNull())
    .addColumn('multiplication_factor', 'bigint')
    .addColumn('division_factor', 'bigint')
    .addColumn('offset_value', 'double precision')
    .addColumn('decimal_places', 'integer', (column) => column.notNull())
    .addColumn('mdo_label', 'text', (column) => column.notNull())
    .addColumn('web_only', 'integer', (column) => column.notNull())
    .addColumn('app_only', 'integer', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .addUniqueConstraint('variables_project_id_lid_unique', ['project_id', 'lid'])
    .execute()
  await createIndex(db, 'variables', ['project_id', 'name'])

  await db.schema
    .createTable('streams')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('uuid', 'text', (column) => column.notNull().unique())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('project_id', 'bigint', (column) => column.notNull().references('projects.id'))
    .addColumn('device_id', 'bigint', (column) => column.notNull())
    .addColumn('block', 'integer', (column) => column.notNull())
    .addColumn('variable_lid', 'integer', (column) => column.notNull())
    .addColumn('is_registered', 'integer', (column) => column.notNull())
    .addColumn('var_type', 'text')
    .addColumn('data_label', 'text', (column) => column.notNull())
    .addColumn('data_type', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('mdo_type', 'text', (column) => column.notNull())
    .addColumn('mdo_label', 'text', (column) => column.notNull())
    .addColumn('multiplication_factor', 'bigint')
    .addColumn('division_factor', 'bigint')
    .addColumn('offset_value', 'double precision')
    .addColumn('raw_value_format', 'text', (column) => column.notNull())
    .addColumn('input_unit', 'text')
    .addColumn('output_unit', 'text')
    .addColumn('derived_stream', 'text')
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .execute()
  await createIndex(db, 'streams', ['device_id', 'variable_lid'])
  await createIndex(db, 'streams', ['project_id', 'variable_lid'])
}

async function createTokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tokens')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('account_id', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('org_id', 'text', (column) => column.references('orgs.id'))
    .addColumn('project_id', 'bigint', (column) => column.references('projects.id'))
    .addColumn('device_id', 'bigint', (column) => column.references('devices.id'))
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_us', 'bigint')
    .addColumn('last_used_at_us', 'bigint')
    .addColumn('revoked_at_us', 'bigint')
    .execute()
  await createIndex(db, 'tokens', ['account_id', 'created_at_us'])
  await createIndex(db, 'tokens', ['expires_at_us'])
  await createIndex(db, 'tokens', ['org_id'])
  await createIndex(db, 'tokens', ['project_id'])
  await createIndex(db, 'tokens', ['device_id'])
}

async function createElectricity(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('consumpdata')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('date', 'text', (column) => column.notNull())
    .addColumn('energy', 'text')
    .addColumn('reactive_energy', 'text')
    .addColumn('power', 'text')
    .addColumn('maximeter', 'text')
    .addColumn('reactive_power', 'text')
    .addColumn('voltage', 'text')
    .addColumn('intensity', 'text')
    .addColumn('power_factor', 'text')
    .execute()
  await createIndex(db, 'consumpdata', ['date'])
  await db.schema
    .createTable('electricity_users')
    .addColumn('account_id', 'integer', (column) => column.primaryKey().notNull().references('accounts.id'))
    .execute()
}

async function createAudit(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('at_us', 'bigint', (column) => column.notNull())
    .addColumn('account_id', 'integer', (column) => column.references('accounts.id'))
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute()
  await createIndex(db, 'audit', ['at_us'])
  await createIndex(db, 'audit', ['target', 'at_us'])
}

/** Named after its table and columns, because PostgreSQL wants names that are unique in the schema. */
async function createIndex(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  const name = `${table}_${columns.join('_')}_index`
  await db.schema.createIndex(name).on(table).columns(columns).execute()
}
