/** Who deleted or corrected points, when, and which. Rows are only ever added. */
import { randomUUID } from 'node:crypto'
import { type Page, type Paged, readPage } from './page.ts'
import type { AuditRow, CatalogDb } from './schema.ts'

/** Call it in the transaction of what it records, where there is one. */
export async function recordAudit(db: CatalogDb, entry: Omit<AuditRow, 'id'>): Promise<AuditRow> {
  return db
    .insertInto('audit')
    .values({ id: randomUUID(), ...entry })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Newest first; `target` is the slug of what was changed. */
export async function listAudit(
  db: CatalogDb,
  { target }: { target?: string },
  page: Page,
): Promise<Paged<AuditRow>> {
  let matches = db.selectFrom('audit')
  if (target !== undefined) matches = matches.where('target', '=', target)
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('at_us', 'desc').orderBy('id'))
}
