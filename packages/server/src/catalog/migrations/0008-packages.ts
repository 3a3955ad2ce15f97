/**
 * Packages, their tags and files, which firmware is served from as well; who may publish; and detached
 * signatures. Files lie in the blob store under the SHA-256 of their row.
 */
import { type Kysely, sql } from 'kysely'

export async function packages(db: Kysely<unknown>): Promise<void> {
  await sql`
    insert into counters (name, last_id) values ('package', 0), ('package_tag', 0), ('package_file', 0)
  `.execute(db)
  await createPackages(db)
  await createFiles(db)
  await createUsers(db)
  await createSignatures(db)
}

async function createPackages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('packages')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('title', 'text', (column) => column.notNull().unique())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .execute()
  await createIndex(db, 'packages', ['created_by'])
  await db.schema
    .createTable('package_tags')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('package_id', 'integer', (column) => column.notNull().references('packages.id'))
    .addColumn('tag', 'text', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('package_tags_name', ['package_id', 'tag'])
    .execute()
  await createIndex(db, 'package_tags', ['created_by'])
}

async function createFiles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('package_files')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('package_id', 'integer', (column) => column.notNull().references('packages.id'))
    .addColumn('tag_id', 'integer', (column) => column.notNull().references('package_tags.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('media_type', 'text', (column) => column.notNull())
    .addColumn('size_bytes', 'bigint', (column) => column.notNull())
    .addColumn('sha256', 'text', (column) => column.notNull())
    .addColumn('md5', 'text', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('package_files_name', ['package_id', 'name'])
    .execute()
  await createIndex(db, 'package_files', ['tag_id'])
  await createIndex(db, 'package_files', ['sha256'])
}

async function createUsers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('package_users')
    .addColumn('account_id', 'integer', (column) => column.primaryKey().notNull().references('accounts.id'))
    .execute()
  await db.schema
    .createTable('package_tokens')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('account_id', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_us', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at_us', 'bigint')
    .execute()
  await createIndex(db, 'package_tokens', ['account_id', 'created_at_us'])
  await createIndex(db, 'package_tokens', ['expires_at_us'])
}

async function createSignatures(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('signing_keys')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('account_id', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('signing_keys_key', ['account_id', 'public_key'])
    .execute()
  await db.schema
    .createTable('package_signatures')
    .addColumn('file_id', 'integer', (column) => column.notNull().references('package_files.id'))
    .addColumn('key_id', 'text', (column) => column.notNull().references('signing_keys.id'))
    .addColumn('signature', 'text', (column) => column.notNull())
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('package_signatures_primary_key', ['file_id', 'key_id'])
    .execute()
  await createIndex(db, 'package_signatures', ['key_id'])
}

async function createIndex(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  const name = `${table}_${columns.join('_')}_index`
  await db.schema.createIndex(name).on(table).columns(columns).execute()
}
