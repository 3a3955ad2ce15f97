/** Files of generated reports: a row from the moment that an upload is announced, with a blob from then on that it came. */
import { randomUUID } from 'node:crypto'
import { InvalidError } from '../errors.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { GeneratedReportFileRow } from './schema/generated-reports.ts'
import type { CatalogDb } from './schema.ts'

export type AnnouncedFile = Pick<
  GeneratedReportFileRow,
  'report_id' | 'name' | 'acl' | 'content_type' | 'created_at_us' | 'created_by'
>

/** What an upload brings. */
export type UploadedContent = Pick<GeneratedReportFileRow, 'acl' | 'content_type' | 'sha256' | 'size_bytes'>

/** In one report. */
const FILES_MAX = 200

/**
 * The file of that name, made if there is none; one that is there keeps its content until the upload.
 * @throws {InvalidError} the report has as many files as there may be.
 */
export async function announceFile(db: CatalogDb, file: AnnouncedFile): Promise<GeneratedReportFileRow> {
  return inTransaction(db, async (db) => {
    const existing = await findReportFile(db, { reportId: file.report_id, name: file.name })
    if (existing !== undefined) return existing
    const { count } = await listReportFiles(db, file.report_id, { limit: 0, offset: 0 })
    if (count >= FILES_MAX) throw new InvalidError(`A report has at most ${FILES_MAX} files.`)
    return db
      .insertInto('generated_report_files')
      .values({ id: randomUUID(), ...file, sha256: null, size_bytes: null })
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

export async function findReportFile(
  db: CatalogDb,
  { reportId, name }: { reportId: string; name: string },
): Promise<GeneratedReportFileRow | undefined> {
  return db
    .selectFrom('generated_report_files')
    .selectAll()
    .where('report_id', '=', reportId)
    .where('name', '=', name)
    .executeTakeFirst()
}

/** By id; ids without a file are absent. */
export async function findReportFilesByIds(
  db: CatalogDb,
  ids: readonly string[],
): Promise<GeneratedReportFileRow[]> {
  if (ids.length === 0) return []
  return db.selectFrom('generated_report_files').selectAll().where('id', 'in', ids).execute()
}

/** By name, announced ones included. */
export async function listReportFiles(
  db: CatalogDb,
  reportId: string,
  page: Page,
): Promise<Paged<GeneratedReportFileRow>> {
  const matches = db.selectFrom('generated_report_files').where('report_id', '=', reportId)
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('name'))
}

/** False when the file was deleted in the meantime. */
export async function setFileContent(db: CatalogDb, id: string, content: UploadedContent): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('generated_report_files')
    .set(content)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}
