/** Tokens of the package manager, which open nothing else. Only hashes are kept. */
import { randomUUID } from 'node:crypto'
import { US_PER_DAY } from '../model/time.ts'
import { inTransaction } from './in-transaction.ts'
import type { PackageTokenRow } from './schema/packages.ts'
import type { CatalogDb } from './schema.ts'

/** An expired or revoked token is told from one that never was for so long. */
const AFTERLIFE_US = 7 * US_PER_DAY
/** Per account; a program that asks for one with every call pushes out its own oldest. */
const TOKENS_MAX = 100

export type NewPackageToken = Pick<PackageTokenRow, 'account_id' | 'hash' | 'created_at_us' | 'expires_at_us'>

/** Also deletes what ended a week ago, of all accounts, and all but the newest of this one. */
export async function createPackageToken(db: CatalogDb, token: NewPackageToken): Promise<void> {
  await inTransaction(db, async (db) => {
    await db
      .deleteFrom('package_tokens')
      .where('expires_at_us', '<=', token.created_at_us - AFTERLIFE_US)
      .execute()
    const id = randomUUID()
    await db
      .insertInto('package_tokens')
      .values({ id, ...token, revoked_at_us: null })
      .execute()
    const oldest = await db
      .selectFrom('package_tokens')
      .select('id')
      .where('account_id', '=', token.account_id)
      .where('id', '!=', id)
      .orderBy('created_at_us', 'desc')
      .orderBy('id')
      .limit(TOKENS_MAX)
      .offset(TOKENS_MAX - 1)
      .execute()
    if (oldest.length === 0) return
    const ids = oldest.map(({ id }) => id)
    await db.deleteFrom('package_tokens').where('id', 'in', ids).execute()
  })
}

/** Also finds what is expired or revoked, for as long as it is kept. */
export async function findPackageToken(db: CatalogDb, hash: string): Promise<PackageTokenRow | undefined> {
  return db.selectFrom('package_tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
}

export async function revokePackageToken(
  db: CatalogDb,
  { id, nowUs }: { id: string; nowUs: number },
): Promise<void> {
  await db.updateTable('package_tokens').set({ revoked_at_us: nowUs }).where('id', '=', id).execute()
}
