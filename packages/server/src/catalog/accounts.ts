/** People and programs that log in. One table for every protocol. */
import { InvalidError, NotFoundError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { inChunks } from './in-chunks.ts'
import { inTransaction } from './in-transaction.ts'
import { removePackageUser } from './package-users.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { AccountRow, CatalogDb } from './schema.ts'
import { slugFromUsername } from './slug-text.ts'

export type NewAccount = Pick<AccountRow, 'username' | 'password_hash' | 'created_at_us'> &
  Partial<Pick<AccountRow, 'email' | 'name' | 'tagline' | 'is_staff' | 'is_active'>>

export type AccountChanges = Partial<
  Pick<AccountRow, 'username' | 'email' | 'name' | 'tagline' | 'is_staff' | 'is_active'>
>

/**
 * An account starts inactive and without staff rights unless told otherwise; its slug follows from its
 * user name.
 * @throws {InvalidError} a name or e-mail address is malformed or taken; `fields` says which.
 */
export async function createAccount(db: CatalogDb, account: NewAccount): Promise<AccountRow> {
  const names = checkNames(account)
  return inTransaction(db, async (db) => {
    await refuseTaken(db, names)
    return db
      .insertInto('accounts')
      .values({
        id: await takeIds(db, 'account'),
        ...names,
        name: account.name ?? '',
        tagline: account.tagline ?? '',
        password_hash: account.password_hash,
        is_staff: account.is_staff ?? 0,
        is_active: account.is_active ?? 0,
        created_at_us: account.created_at_us,
        updated_at_us: account.created_at_us,
        credentials_changed_at_us: account.created_at_us,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

export async function findAccount(db: CatalogDb, id: number): Promise<AccountRow | undefined> {
  return db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function findAccountByUsername(
  db: CatalogDb,
  username: string,
): Promise<AccountRow | undefined> {
  return db.selectFrom('accounts').selectAll().where('username', '=', username).executeTakeFirst()
}

export async function findAccountByEmail(db: CatalogDb, email: string): Promise<AccountRow | undefined> {
  return db
    .selectFrom('accounts')
    .selectAll()
    .where('email', '=', email.trim().toLowerCase())
    .executeTakeFirst()
}

export async function findAccountBySlug(db: CatalogDb, slug: string): Promise<AccountRow | undefined> {
  return db.selectFrom('accounts').selectAll().where('slug', '=', slug.toLowerCase()).executeTakeFirst()
}

/** By e-mail address or user name, whichever was typed. */
export async function findAccountByLoginName(db: CatalogDb, name: string): Promise<AccountRow | undefined> {
  return (
    (name.includes('@') ? await findAccountByEmail(db, name) : undefined) ??
    (await findAccountByUsername(db, name))
  )
}

/** In no particular order; ids without an account are absent. */
export async function findAccountsByIds(db: CatalogDb, ids: readonly number[]): Promise<AccountRow[]> {
  return inChunks(ids, (chunk) => db.selectFrom('accounts').selectAll().where('id', 'in', chunk).execute())
}

/** Active staff, the oldest account first. */
export async function listStaff(db: CatalogDb): Promise<AccountRow[]> {
  return db
    .selectFrom('accounts')
    .selectAll()
    .where('is_staff', '=', 1)
    .where('is_active', '=', 1)
    .orderBy('id')
    .execute()
}

export async function listAccounts(db: CatalogDb, page: Page): Promise<Paged<AccountRow>> {
  return readPage(db.selectFrom('accounts'), page, (matches) => matches.selectAll().orderBy('id'))
}

/**
 * A new user name gives a new slug. An account that is made inactive may not use packages either any more.
 * @throws {NotFoundError} no such account.
 * @throws {InvalidError} a name or e-mail address is malformed or taken; `fields` says which.
 */
export async function updateAccount(
  db: CatalogDb,
  { id, nowUs }: { id: number; nowUs: number },
  changes: AccountChanges,
): Promise<AccountRow> {
  return inTransaction(db, async (db) => {
    const account = await findAccount(db, id)
    if (account === undefined) throw new NotFoundError()
    const names = checkNames({ ...account, ...changes })
    await refuseTaken(db, names, id)
    if (account.is_active === 1 && changes.is_active === 0) await removePackageUser(db, id)
    return db
      .updateTable('accounts')
      .set({ ...changes, ...names, updated_at_us: nowUs })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/**
 * Changes the password, and with it the moment from which older JWTs and login keys are refused. That
 * moment always moves on, also when the clock does not.
 * @throws {NotFoundError} no such account.
 */
export async function setPasswordHash(
  db: CatalogDb,
  { id, passwordHash, nowUs }: { id: number; passwordHash: string; nowUs: number },
): Promise<AccountRow> {
  return inTransaction(db, async (db) => {
    const account = await findAccount(db, id)
    if (account === undefined) throw new NotFoundError()
    return db
      .updateTable('accounts')
      .set({
        password_hash: passwordHash,
        credentials_changed_at_us: Math.max(nowUs, account.credentials_changed_at_us + 1),
        updated_at_us: nowUs,
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/** Keeps the same password in a better form; nothing happens when it was changed in the meantime. */
export async function replacePasswordHash(
  db: CatalogDb,
  { id, before, after }: { id: number; before: string; after: string },
): Promise<void> {
  await db
    .updateTable('accounts')
    .set({ password_hash: after })
    .where('id', '=', id)
    .where('password_hash', '=', before)
    .execute()
}

type Names = Pick<AccountRow, 'username' | 'email' | 'slug'>

/**
 * A user name with an @ must be the account's own e-mail address: otherwise somebody could take the user
 * name that another one types as an address.
 */
function checkNames({ username, email }: { username: string; email?: string | null }): Names {
  if (username === '') throw InvalidError.field('username', 'This field may not be blank.')
  if (/\s/u.test(username)) throw InvalidError.field('username', 'Username cannot have spaces')
  const address = email?.trim().toLowerCase() ?? null
  if (address !== null && !/^[^\s@]+@[^\s@]+$/u.test(address)) {
    throw InvalidError.field('email', 'Enter a valid email address.')
  }
  if (username.includes('@') && username.toLowerCase() !== address) {
    throw InvalidError.field('username', 'A username with an @ must be the email address of the account.')
  }
  const slug = slugFromUsername(username)
  if (slug === '') throw InvalidError.field('username', 'Username needs a letter or a digit')
  return { username, email: address, slug }
}

/** User names that differ only in case, dots or punctuation count as the same, so that none can pose. */
async function refuseTaken(db: CatalogDb, { slug, email }: Names, exceptId = 0): Promise<void> {
  const rows = await db
    .selectFrom('accounts')
    .select(['slug', 'email'])
    .where((eb) => eb.or([eb('slug', '=', slug), ...(email === null ? [] : [eb('email', '=', email)])]))
    .where('id', '!=', exceptId)
    .execute()
  if (rows.some((row) => row.slug === slug)) {
    throw InvalidError.field('username', 'A user with that username already exists.')
  }
  if (rows.length > 0) throw InvalidError.field('email', 'A user with that email address already exists.')
}
