/** Keys that belong to a device or an organisation and not to a person. They are rows among the tokens. */
import { type Page, type Paged, readPage } from './page.ts'
import type { CatalogDb, TokenRow } from './schema.ts'

/** Whose keys: of an organisation, or of a device while it belongs to that organisation. */
export interface KeyOwnerColumns {
  readonly orgId: string
  readonly deviceId?: number
}

/** The live keys, newest first. */
export async function listKeys(
  db: CatalogDb,
  { orgId, deviceId, nowUs }: KeyOwnerColumns & { readonly nowUs: number },
  page: Page,
): Promise<Paged<TokenRow>> {
  const ofKind = db
    .selectFrom('tokens')
    .where('kind', '=', deviceId === undefined ? 'org' : 'device')
    .where('org_id', '=', orgId)
    .where('revoked_at_us', 'is', null)
    .where((eb) => eb.or([eb('expires_at_us', 'is', null), eb('expires_at_us', '>', nowUs)]))
  const matches = deviceId === undefined ? ofKind : ofKind.where('device_id', '=', deviceId)
  return readPage(matches, page, (matches) =>
    matches.selectAll().orderBy('created_at_us', 'desc').orderBy('id'),
  )
}

/** False when there is no such live key. */
export async function revokeKey(
  db: CatalogDb,
  { orgId, deviceId, id, nowUs }: KeyOwnerColumns & { readonly id: string; readonly nowUs: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tokens')
    .set({ revoked_at_us: nowUs })
    .where('id', '=', id)
    .where('kind', '=', deviceId === undefined ? 'org' : 'device')
    .where('org_id', '=', orgId)
    .where('device_id', deviceId === undefined ? 'is' : '=', deviceId ?? null)
    .where('revoked_at_us', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}
