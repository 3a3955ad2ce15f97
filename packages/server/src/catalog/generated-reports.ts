/** Reports that programs make elsewhere and keep here. Their files are in `generated-report-files.ts`. */
import { randomUUID } from 'node:crypto'
import { InvalidError, NotFoundError } from '../errors.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { GeneratedReportRow } from './schema/generated-reports.ts'
import type { CatalogDb } from './schema.ts'

export const REPORT_STATES = ['GS', 'G0', 'G1'] as const
export type ReportState = (typeof REPORT_STATES)[number]

export interface ReportChanges {
  readonly label?: string
  readonly source_ref?: string
  /** An object of JSON. */
  readonly user_info?: object
  readonly report?: string | null
  readonly status?: ReportState
}

export type NewReport = ReportChanges &
  Pick<GeneratedReportRow, 'org_id' | 'label' | 'created_at_us' | 'created_by'>

export interface ReportFilter {
  /** Of these organisations; all of them when left out. */
  readonly orgIds?: readonly string[]
  readonly sourceRef?: string
}

/** In one organisation. */
const REPORTS_MAX = 10_000
const USER_INFO_CHARS_MAX = 10_000

/** @throws {InvalidError} `user_info` is too long, or the organisation has as many reports as there may be. */
export async function createReport(db: CatalogDb, report: NewReport): Promise<GeneratedReportRow> {
  const { user_info = {} } = report
  return inTransaction(db, async (db) => {
    const { count } = await listReports(db, { orgIds: [report.org_id] }, { limit: 0, offset: 0 })
    if (count >= REPORTS_MAX) {
      throw new InvalidError(`The organization has ${count} reports, which is the limit. Delete old ones.`)
    }
    return db
      .insertInto('generated_reports')
      .values({
        id: randomUUID(),
        org_id: report.org_id,
        label: report.label,
        source_ref: report.source_ref ?? '',
        user_info: formatUserInfo(user_info),
        report: report.report ?? null,
        status: report.status ?? 'GS',
        index_file_id: null,
        created_at_us: report.created_at_us,
        created_by: report.created_by,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

export async function findReport(db: CatalogDb, id: string): Promise<GeneratedReportRow | undefined> {
  return db.selectFrom('generated_reports').selectAll().where('id', '=', id.toLowerCase()).executeTakeFirst()
}

/** Newest first. */
export async function listReports(
  db: CatalogDb,
  { orgIds, sourceRef }: ReportFilter,
  page: Page,
): Promise<Paged<GeneratedReportRow>> {
  if (orgIds?.length === 0) return { count: 0, rows: [] }
  let matches = db.selectFrom('generated_reports')
  if (orgIds !== undefined) matches = matches.where('org_id', 'in', orgIds)
  if (sourceRef !== undefined) matches = matches.where('source_ref', '=', sourceRef)
  return readPage(matches, page, (matches) =>
    matches.selectAll().orderBy('created_at_us', 'desc').orderBy('id'),
  )
}

/** @throws {NotFoundError} no such report. @throws {InvalidError} `user_info` is too long. */
export async function updateReport(
  db: CatalogDb,
  id: string,
  { user_info, ...same }: ReportChanges & { readonly index_file_id?: string },
): Promise<GeneratedReportRow> {
  const changes = { ...same, ...(user_info === undefined ? {} : { user_info: formatUserInfo(user_info) }) }
  const row =
    Object.keys(changes).length === 0
      ? await findReport(db, id)
      : await db
          .updateTable('generated_reports')
          .set(changes)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
  if (row === undefined) throw new NotFoundError()
  return row
}

/** With its files. @throws {NotFoundError} no such report. */
export async function deleteReport(db: CatalogDb, id: string): Promise<void> {
  await inTransaction(db, async (db) => {
    await db.deleteFrom('generated_report_files').where('report_id', '=', id).execute()
    const { numDeletedRows } = await db
      .deleteFrom('generated_reports')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}

/** All of an organisation, with their files. */
export async function deleteReportsOfOrg(db: CatalogDb, orgId: string): Promise<void> {
  const ids = db.selectFrom('generated_reports').select('id').where('org_id', '=', orgId)
  await db.deleteFrom('generated_report_files').where('report_id', 'in', ids).execute()
  await db.deleteFrom('generated_reports').where('org_id', '=', orgId).execute()
}

function formatUserInfo(userInfo: object): string {
  const text = JSON.stringify(userInfo)
  if (text.length > USER_INFO_CHARS_MAX) {
    throw InvalidError.field('user_info', `At most ${USER_INFO_CHARS_MAX} characters of JSON.`)
  }
  return text
}
