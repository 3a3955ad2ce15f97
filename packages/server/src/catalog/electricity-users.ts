/** Which accounts may log in to the electricity API. */
import type { CatalogDb } from './schema.ts'

/** Lets an account in; nothing happens when it may already. */
export async function addElectricityUser(db: CatalogDb, accountId: number): Promise<void> {
  await db
    .insertInto('electricity_users')
    .values({ account_id: accountId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function isElectricityUser(db: CatalogDb, accountId: number): Promise<boolean> {
  const row = await db
    .selectFrom('electricity_users')
    .select('account_id')
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row !== undefined
}

/** Whether anybody may log in at all. */
export async function hasElectricityUsers(db: CatalogDb): Promise<boolean> {
  const row = await db.selectFrom('electricity_users').select('account_id').limit(1).executeTakeFirst()
  return row !== undefined
}
