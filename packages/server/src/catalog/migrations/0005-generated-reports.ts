/** Generated reports with their files, and passwords to be set anew. */
import type { Kysely } from 'kysely'

export async function generatedReports(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('generated_reports')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('org_id', 'text', (column) => column.notNull().references('orgs.id'))
    .addColumn('label', 'text', (column) => column.notNull())
    .addColumn('source_ref', 'text', (column) => column.notNull())
    .addColumn('user_info', 'text', (column) => column.notNull())
    .addColumn('report', 'text')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('index_file_id', 'text')
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .execute()
  await db.schema
    .createIndex('generated_reports_org_id_created_at_us_index')
    .on('generated_reports')
    .columns(['org_id', 'created_at_us'])
    .execute()

  await db.schema
    .createTable('generated_report_files')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('report_id', 'text', (column) => column.notNull().references('generated_reports.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('acl', 'text', (column) => column.notNull())
    .addColumn('content_type', 'text', (column) => column.notNull())
    .addColumn('sha256', 'text')
    .addColumn('size_bytes', 'bigint')
    .addColumn('created_at_us', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.notNull().references('accounts.id'))
    .addUniqueConstraint('generated_report_files_report_id_name_unique', ['report_id', 'name'])
    .execute()
  await db.schema
    .createIndex('generated_report_files_sha256_index')
    .on('generated_report_files')
    .column('sha256')
    .execute()

  await db.schema
    .createTable('password_resets')
    .addColumn('account_id', 'integer', (column) => column.primaryKey().notNull().references('accounts.id'))
    .addColumn('requested_at_us', 'bigint')
    .addColumn('token_hash', 'text', (column) => column.unique())
    .addColumn('expires_at_us', 'bigint')
    .execute()
}
