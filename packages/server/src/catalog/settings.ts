/** Secrets and facts of this installation. */
import { randomBytes } from 'node:crypto'
import type { CatalogDb } from './schema.ts'

export async function getSetting(db: CatalogDb, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value
}

export async function setSetting(db: CatalogDb, { name, value }: { name: string; value: string }) {
  await db
    .insertInto('settings')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}

/** Sets what is not set yet; false when it was. Of several callers at once exactly one gets true. */
export async function setSettingOnce(
  db: CatalogDb,
  { name, value }: { name: string; value: string },
): Promise<boolean> {
  const row = await db
    .insertInto('settings')
    .values({ name, value })
    .onConflict((conflict) => conflict.doNothing())
    .returning('name')
    .executeTakeFirst()
  return row !== undefined
}

/** A random secret of this installation, made at the first call and the same ever after. */
export async function getOrCreateSecret(
  db: CatalogDb,
  { name, sizeBytes }: { name: string; sizeBytes: number },
): Promise<Buffer> {
  const kept = await getSetting(db, name)
  if (kept !== undefined) return Buffer.from(kept, 'base64url')
  await setSettingOnce(db, { name, value: randomBytes(sizeBytes).toString('base64url') })
  // Another server may have been first: what is kept is what counts.
  return getOrCreateSecret(db, { name, sizeBytes })
}
