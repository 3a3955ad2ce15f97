/** Opaque tokens: login keys, API tokens that people make, keys of devices and organisations. Only hashes are kept. */
import { randomUUID } from 'node:crypto'
import { US_PER_DAY, US_PER_MIN } from '../model/time.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { CatalogDb, TokenRow } from './schema.ts'

/** A revoked or expired token is told from an unknown one for so long. */
const AFTERLIFE_US = 7 * US_PER_DAY

export type TokenKind = 'login' | 'api' | 'device' | 'org'

export type NewToken = Pick<
  TokenRow,
  'account_id' | 'name' | 'hash' | 'scopes' | 'created_at_us' | 'expires_at_us'
> & { kind: TokenKind } & Partial<Pick<TokenRow, 'id' | 'org_id' | 'project_id' | 'device_id'>>

export async function createToken(db: CatalogDb, token: NewToken): Promise<TokenRow> {
  return db
    .insertInto('tokens')
    .values({
      id: token.id ?? randomUUID(),
      account_id: token.account_id,
      kind: token.kind,
      name: token.name,
      hash: token.hash,
      scopes: token.scopes,
      org_id: token.org_id ?? null,
      project_id: token.project_id ?? null,
      device_id: token.device_id ?? null,
      created_at_us: token.created_at_us,
      expires_at_us: token.expires_at_us,
      last_used_at_us: null,
      revoked_at_us: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function findToken(db: CatalogDb, id: string): Promise<TokenRow | undefined> {
  return db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Also finds what is expired or revoked, for as long as it is kept. */
export async function findTokenByHash(db: CatalogDb, hash: string): Promise<TokenRow | undefined> {
  return db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
}

/** The live tokens of an account, newest first. */
export async function listTokens(
  db: CatalogDb,
  { accountId, kind, nowUs }: { accountId: number; kind: TokenKind; nowUs: number },
  page: Page,
): Promise<Paged<TokenRow>> {
  const matches = db
    .selectFrom('tokens')
    .where('account_id', '=', accountId)
    .where('kind', '=', kind)
    .where('revoked_at_us', 'is', null)
    .where((eb) => eb.or([eb('expires_at_us', 'is', null), eb('expires_at_us', '>', nowUs)]))
  return readPage(matches, page, (matches) =>
    matches.selectAll().orderBy('created_at_us', 'desc').orderBy('id'),
  )
}

/** False when the account has no such live token. */
export async function revokeToken(
  db: CatalogDb,
  { id, accountId, nowUs }: { id: string; accountId: number; nowUs: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tokens')
    .set({ revoked_at_us: nowUs })
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('revoked_at_us', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** Ends every API token of a name, whosever it is: for names that the server itself gives. */
export async function revokeTokensNamed(
  db: CatalogDb,
  { name, nowUs }: { name: string; nowUs: number },
): Promise<void> {
  await db
    .updateTable('tokens')
    .set({ revoked_at_us: nowUs })
    .where('name', '=', name)
    .where('kind', '=', 'api')
    .where('revoked_at_us', 'is', null)
    .execute()
}

/** Ends every login of an account; API tokens stay. */
export async function revokeLoginTokens(
  db: CatalogDb,
  { accountId, nowUs }: { accountId: number; nowUs: number },
): Promise<void> {
  await db
    .updateTable('tokens')
    .set({ revoked_at_us: nowUs })
    .where('account_id', '=', accountId)
    .where('kind', '=', 'login')
    .where('revoked_at_us', 'is', null)
    .execute()
}

/** Keeps the `newest` login keys of an account, so that a program that logs in every minute fills nothing. */
export async function trimLoginTokens(
  db: CatalogDb,
  { accountId, newest }: { accountId: number; newest: number },
): Promise<void> {
  const kept = db
    .selectFrom('tokens')
    .select('id')
    .where('account_id', '=', accountId)
    .where('kind', '=', 'login')
    .orderBy('created_at_us', 'desc')
    .orderBy('id')
    .limit(newest)
  await db
    .deleteFrom('tokens')
    .where('account_id', '=', accountId)
    .where('kind', '=', 'login')
    .where('id', 'not in', kept)
    .execute()
}

/** Notes a use, unless one was noted within the last minute. */
export async function touchToken(
  db: CatalogDb,
  token: Pick<TokenRow, 'id' | 'last_used_at_us'>,
  nowUs: number,
): Promise<void> {
  if (token.last_used_at_us !== null && nowUs - token.last_used_at_us < US_PER_MIN) return
  await db.updateTable('tokens').set({ last_used_at_us: nowUs }).where('id', '=', token.id).execute()
}

/** Deletes what ended a week ago or earlier. */
export async function sweepTokens(db: CatalogDb, nowUs: number): Promise<void> {
  const before = nowUs - AFTERLIFE_US
  await db
    .deleteFrom('tokens')
    .where((eb) => eb.or([eb('expires_at_us', '<=', before), eb('revoked_at_us', '<=', before)]))
    .execute()
}
