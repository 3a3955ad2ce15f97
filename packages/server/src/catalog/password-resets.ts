/** Passwords that somebody wants to set anew, until it is done: who asked, and the token that staff made. */
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { PasswordResetRow } from './schema/password-resets.ts'
import type { AccountRow, CatalogDb } from './schema.ts'

export type RequestedReset = Pick<AccountRow, 'slug' | 'username' | 'email'> & {
  readonly requested_at_us: number
}

/** Notes that somebody asked; returns when they had asked before, if they had. */
export async function noteResetRequest(
  db: CatalogDb,
  { accountId, nowUs }: { accountId: number; nowUs: number },
): Promise<number | null> {
  return inTransaction(db, async (db) => {
    const before = await db
      .selectFrom('password_resets')
      .select('requested_at_us')
      .where('account_id', '=', accountId)
      .executeTakeFirst()
    await db
      .insertInto('password_resets')
      .values({ account_id: accountId, requested_at_us: nowUs, token_hash: null, expires_at_us: null })
      .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ requested_at_us: nowUs }))
      .execute()
    return before?.requested_at_us ?? null
  })
}

/** A later token takes the place of an earlier one. */
export async function setResetToken(
  db: CatalogDb,
  { accountId, hash, expiresAtUs }: { accountId: number; hash: string; expiresAtUs: number },
): Promise<void> {
  const token = { token_hash: hash, expires_at_us: expiresAtUs }
  await db
    .insertInto('password_resets')
    .values({ account_id: accountId, requested_at_us: null, ...token })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(token))
    .execute()
}

export async function findResetByHash(db: CatalogDb, hash: string): Promise<PasswordResetRow | undefined> {
  return db.selectFrom('password_resets').selectAll().where('token_hash', '=', hash).executeTakeFirst()
}

/** False when the token was used in the meantime. */
export async function takeReset(
  db: CatalogDb,
  { accountId, hash }: { accountId: number; hash: string },
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('password_resets')
    .where('account_id', '=', accountId)
    .where('token_hash', '=', hash)
    .executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

export async function deleteReset(db: CatalogDb, accountId: number): Promise<void> {
  await db.deleteFrom('password_resets').where('account_id', '=', accountId).execute()
}

/** Who asked, the latest first. */
export async function listRequestedResets(db: CatalogDb, page: Page): Promise<Paged<RequestedReset>> {
  const matches = db
    .selectFrom('password_resets')
    .innerJoin('accounts', 'accounts.id', 'password_resets.account_id')
    .where('requested_at_us', 'is not', null)
  return readPage(matches, page, (matches) =>
    matches
      .select(['slug', 'username', 'email', 'requested_at_us'])
      .$narrowType<{ requested_at_us: number }>()
      .orderBy('requested_at_us', 'desc')
      .orderBy('account_id'),
  )
}

/** Deletes what was asked for before that moment and has no token that is still good. */
export async function sweepResets(
  db: CatalogDb,
  { beforeUs, nowUs }: { beforeUs: number; nowUs: number },
): Promise<void> {
  await db
    .deleteFrom('password_resets')
    .where((eb) => eb.or([eb('requested_at_us', 'is', null), eb('requested_at_us', '<=', beforeUs)]))
    .where((eb) => eb.or([eb('expires_at_us', 'is', null), eb('expires_at_us', '<=', nowUs)]))
    .execute()
}
