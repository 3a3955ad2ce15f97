/** Scripts that update devices. The file of a script is a blob; once the script is released it stays the same. */
import { formatProjectSlug, parseSlug } from '@sonde/client'
import { ConflictError, NotFoundError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { OtaScriptRow } from './schema/fleets.ts'
import type { CatalogDb } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'

export type OtaScriptChanges = Partial<
  Pick<
    OtaScriptRow,
    'name' | 'major_version' | 'minor_version' | 'patch_version' | 'released' | 'released_at_us'
  >
>

export type NewOtaScript = Pick<OtaScriptRow, 'org_id' | 'name' | 'created_by' | 'created_at_us'> &
  OtaScriptChanges

/** `z--0000-0001`: grouped as the number of a project is. */
export function formatScriptSlug(id: number): string {
  return `z${formatProjectSlug(id).slice(1)}`
}

/** Undefined for what is no such slug. */
export function parseScriptSlug(text: string): number | undefined {
  const slug = text.startsWith('z--') ? parseSlug(`p${text.slice(1)}`) : undefined
  return slug?.kind === 'project' ? slug.project : undefined
}

export async function createOtaScript(db: CatalogDb, script: NewOtaScript): Promise<OtaScriptRow> {
  return inTransaction(db, async (db) =>
    db
      .insertInto('ota_scripts')
      .values({
        major_version: 0,
        minor_version: 0,
        patch_version: 0,
        released: 0,
        released_at_us: null,
        ...script,
        id: await takeIds(db, 'ota_script'),
        file_name: null,
        file_sha256: null,
        file_size_bytes: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow(),
  )
}

export async function findOtaScript(db: CatalogDb, id: number): Promise<OtaScriptRow | undefined> {
  return db.selectFrom('ota_scripts').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Scripts by number. */
export async function listOtaScripts(
  db: CatalogDb,
  { sight, orgId }: { sight: Sight; orgId: string | undefined },
  page: Page,
): Promise<Paged<OtaScriptRow>> {
  let matches = db.selectFrom('ota_scripts')
  if (sight.memberId !== undefined) matches = matches.where('org_id', 'in', orgIdsOf(db, sight.memberId))
  if (sight.orgId !== undefined) matches = matches.where('org_id', '=', sight.orgId)
  if (orgId !== undefined) matches = matches.where('org_id', '=', orgId)
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('id'))
}

/** @throws {NotFoundError} no such script. */
export async function updateOtaScript(
  db: CatalogDb,
  id: number,
  changes: OtaScriptChanges,
): Promise<OtaScriptRow> {
  const script =
    Object.keys(changes).length === 0
      ? await findOtaScript(db, id)
      : await db
          .updateTable('ota_scripts')
          .set(changes)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
  if (script === undefined) throw new NotFoundError()
  return script
}

/**
 * Gives a script its file.
 * @throws {NotFoundError} no such script.
 * @throws {ConflictError} it is released, and devices may have its file already.
 */
export async function setScriptFile(
  db: CatalogDb,
  id: number,
  file: Pick<OtaScriptRow, 'file_name' | 'file_sha256' | 'file_size_bytes'>,
): Promise<OtaScriptRow> {
  const changed = await db
    .updateTable('ota_scripts')
    .set(file)
    .where('id', '=', id)
    .where((eb) => eb.or([eb('released', '=', 0), eb('file_sha256', 'is', null)]))
    .returningAll()
    .executeTakeFirst()
  if (changed !== undefined) return changed
  if ((await findOtaScript(db, id)) === undefined) throw new NotFoundError()
  throw new ConflictError('A released script keeps its file; make a script of the next version.')
}

/**
 * @throws {NotFoundError} no such script.
 * @throws {ConflictError} requests name it.
 */
export async function deleteOtaScript(db: CatalogDb, id: number): Promise<void> {
  await inTransaction(db, async (db) => {
    const request = await db
      .selectFrom('ota_requests')
      .select('id')
      .where('script_id', '=', id)
      .executeTakeFirst()
    if (request !== undefined) throw new ConflictError('Deployment requests still name the script.')
    const { numDeletedRows } = await db
      .deleteFrom('ota_scripts')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}
