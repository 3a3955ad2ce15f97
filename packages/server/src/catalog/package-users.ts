/** Which accounts registered themselves with the package manager. */
import type { AccountRow, CatalogDb } from './schema.ts'

export async function addPackageUser(db: CatalogDb, accountId: number): Promise<void> {
  await db
    .insertInto('package_users')
    .values({ account_id: accountId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Staff who shut an account out mean packages too. */
export async function removePackageUser(db: CatalogDb, accountId: number): Promise<void> {
  await db.deleteFrom('package_users').where('account_id', '=', accountId).execute()
}

/** Every active account may, and of the others those that registered themselves here. */
export async function mayUsePackages(
  db: CatalogDb,
  account: Pick<AccountRow, 'id' | 'is_active'>,
): Promise<boolean> {
  if (account.is_active === 1) return true
  const row = await db
    .selectFrom('package_users')
    .select('account_id')
    .where('account_id', '=', account.id)
    .executeTakeFirst()
  return row !== undefined
}

export type PackageUser = Pick<AccountRow, 'id' | 'username'>

/** Up to `limit` of those who may use packages, in order of their ids, from behind `afterId`. */
export async function listPackageUsers(
  db: CatalogDb,
  { afterId, limit }: { afterId: number; limit: number },
): Promise<PackageUser[]> {
  return db
    .selectFrom('accounts')
    .leftJoin('package_users', 'package_users.account_id', 'accounts.id')
    .select(['accounts.id', 'accounts.username'])
    .where((eb) => eb.or([eb('accounts.is_active', '=', 1), eb('package_users.account_id', 'is not', null)]))
    .where('accounts.id', '>', afterId)
    .orderBy('accounts.id')
    .limit(limit)
    .execute()
}
