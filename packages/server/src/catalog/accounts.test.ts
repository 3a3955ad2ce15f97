import { describe, expect, it } from 'vitest'
import { InvalidError, NotFoundError } from '../errors.ts'
import {
  createAccount,
  findAccount,
  findAccountByEmail,
  findAccountByLoginName,
  findAccountBySlug,
  findAccountByUsername,
  findAccountsByIds,
  listAccounts,
  replacePasswordHash,
  setPasswordHash,
  updateAccount,
} from './accounts.ts'
import { addAccount, openTestCatalog } from './catalog.fixture.ts'

/** The field that a refused write names. */
async function refusedField(write: Promise<unknown>): Promise<string | undefined> {
  const error = await write.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(InvalidError)
  return Object.keys((error as InvalidError).fields ?? {})[0]
}

describe('createAccount', () => {
  it('starts inactive and without staff rights, with a slug from the user name', async () => {
    const db = await openTestCatalog()
    const account = await createAccount(db, {
      username: 'user.new',
      email: ' New@Example.ORG ',
      password_hash: 'h',
      created_at_us: 7,
    })
    expect(account).toEqual({
      id: 1,
      username: 'user.new',
      email: 'new@example.org',
      slug: 'usernew',
      name: '',
      tagline: '',
      password_hash: 'h',
      is_staff: 0,
      is_active: 0,
      created_at_us: 7,
      updated_at_us: 7,
      credentials_changed_at_us: 7,
    })
  })

  it('refuses what cannot be a user name or an e-mail address', async () => {
    const db = await openTestCatalog()
    const refused = async (field: string, username: string, email?: string) =>
      expect(await refusedField(addAccount(db, username, { email: email ?? null })), username).toBe(field)
    await refused('username', '')
    await refused('username', 'two words')
    await refused('username', 'tab\tbed')
    await refused('username', '...')
    await refused('username', 'rick@example.org')
    await refused('username', 'rick@example.org', 'morty@example.org')
    await refused('email', 'rick', 'nowhere')
    await refused('email', 'rick', 'a b@example.org')
    await refused('email', 'rick', '')
    expect(await addAccount(db, 'Rick@Example.org', { email: 'rick@example.org' })).toMatchObject({ id: 1 })
  })

  it('refuses names that are taken, also in another case or with other dots', async () => {
    const db = await openTestCatalog()
    await addAccount(db, 'rick', { email: 'rick@example.org' })
    expect(await refusedField(addAccount(db, 'rick'))).toBe('username')
    expect(await refusedField(addAccount(db, 'Rick'))).toBe('username')
    expect(await refusedField(addAccount(db, 'r.ick'))).toBe('username')
    expect(await refusedField(addAccount(db, 'morty', { email: 'RICK@example.org' }))).toBe('email')
    expect(await addAccount(db, 'morty')).toMatchObject({ id: 2, email: null })
    expect(await addAccount(db, 'summer')).toMatchObject({ id: 3, email: null })
  })

  it('lets exactly one of two at once have a name', async () => {
    const db = await openTestCatalog()
    const results = await Promise.allSettled([addAccount(db, 'rick'), addAccount(db, 'rick')])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})

it('finds an account by any of its names', async () => {
  const db = await openTestCatalog()
  const account = await addAccount(db, 'user.new', { email: 'new@example.org' })
  const other = await addAccount(db, 'other')
  expect(await findAccount(db, account.id)).toEqual(account)
  expect(await findAccountByUsername(db, 'user.new')).toEqual(account)
  expect(await findAccountByEmail(db, ' NEW@example.org')).toEqual(account)
  expect(await findAccountBySlug(db, 'UserNew')).toEqual(account)
  expect(await findAccountByLoginName(db, 'user.new')).toEqual(account)
  expect(await findAccountByLoginName(db, 'New@Example.org')).toEqual(account)
  expect(await findAccountByLoginName(db, 'nobody')).toBeUndefined()
  expect(await findAccountByLoginName(db, 'nobody@example.org')).toBeUndefined()
  const found = await findAccountsByIds(db, [account.id, other.id, 99, other.id])
  expect(found.map(({ id }) => id).sort()).toEqual([account.id, other.id])
})

it('pages through accounts by id', async () => {
  const db = await openTestCatalog()
  for (const username of ['a', 'b', 'c']) await addAccount(db, username)
  const page = async (limit: number, offset: number) => {
    const { count, rows } = await listAccounts(db, { limit, offset })
    return [count, rows.map(({ username }) => username).join('')]
  }
  expect(await page(2, 0)).toEqual([3, 'ab'])
  expect(await page(2, 2)).toEqual([3, 'c'])
  expect(await page(2, 3)).toEqual([3, ''])
})

describe('updateAccount', () => {
  it('changes what is given and leaves the rest', async () => {
    const db = await openTestCatalog()
    const account = await addAccount(db, 'rick', { email: 'rick@example.org', name: 'Rick' })
    const changed = await updateAccount(db, { id: account.id, nowUs: 9 }, { tagline: 'wubba' })
    expect(changed).toEqual({ ...account, tagline: 'wubba', updated_at_us: 9 })
    expect(await updateAccount(db, { id: account.id, nowUs: 10 }, {})).toEqual({
      ...changed,
      updated_at_us: 10,
    })
  })

  it('gives a renamed account a new slug, and refuses names of others', async () => {
    const db = await openTestCatalog()
    const rick = await addAccount(db, 'rick', { email: 'rick@example.org' })
    const morty = await addAccount(db, 'morty')
    const change = (changes: Parameters<typeof updateAccount>[2]) =>
      updateAccount(db, { id: morty.id, nowUs: 1 }, changes)
    expect(await refusedField(change({ username: 'RICK' }))).toBe('username')
    expect(await refusedField(change({ email: 'Rick@example.org' }))).toBe('email')
    expect(await change({ username: 'Morty.C', email: 'M@example.org' })).toMatchObject({
      slug: 'mortyc',
      email: 'm@example.org',
    })
    expect(await findAccount(db, rick.id)).toEqual(rick)
  })

  it('activates, and says so when there is no such account', async () => {
    const db = await openTestCatalog()
    const { id } = await addAccount(db, 'rick', { is_active: 0 })
    expect(await updateAccount(db, { id, nowUs: 1 }, { is_active: 1 })).toMatchObject({ is_active: 1 })
    await expect(updateAccount(db, { id: 99, nowUs: 1 }, { is_active: 1 })).rejects.toThrow(NotFoundError)
  })
})

it('moves the credentials on with every password, also when the clock stands still', async () => {
  const db = await openTestCatalog()
  const { id } = await addAccount(db, 'rick', { created_at_us: 50 })
  expect(await setPasswordHash(db, { id, passwordHash: 'a', nowUs: 50 })).toMatchObject({
    password_hash: 'a',
    credentials_changed_at_us: 51,
  })
  expect(await setPasswordHash(db, { id, passwordHash: 'b', nowUs: 90 })).toMatchObject({
    password_hash: 'b',
    credentials_changed_at_us: 90,
  })
  await expect(setPasswordHash(db, { id: 99, passwordHash: 'c', nowUs: 90 })).rejects.toThrow(NotFoundError)
})

it('replaces the form of a hash only while the password is the same', async () => {
  const db = await openTestCatalog()
  const { id } = await addAccount(db, 'rick', { password_hash: 'old', created_at_us: 5 })
  await replacePasswordHash(db, { id, before: 'old', after: 'new' })
  await replacePasswordHash(db, { id, before: 'old', after: 'newest' })
  expect(await findAccount(db, id)).toMatchObject({ password_hash: 'new', credentials_changed_at_us: 5 })
})

it('works inside of a transaction, and goes with it', async () => {
  const db = await openTestCatalog()
  const failing = db.transaction().execute(async (db) => {
    await addAccount(db, 'rick')
    throw new RangeError('changed its mind')
  })
  await expect(failing).rejects.toThrow(RangeError)
  expect(await findAccountByUsername(db, 'rick')).toBeUndefined()
})
