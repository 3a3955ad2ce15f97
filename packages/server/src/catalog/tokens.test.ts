import { expect, it } from 'vitest'
import { US_PER_DAY, US_PER_MIN } from '../model/time.ts'
import { addAccount, FIRST_PAGE, openTestCatalog } from './catalog.fixture.ts'
import {
  createToken,
  findToken,
  findTokenByHash,
  listTokens,
  type NewToken,
  revokeLoginTokens,
  revokeToken,
  sweepTokens,
  touchToken,
  trimLoginTokens,
} from './tokens.ts'

async function openAccount() {
  const db = await openTestCatalog()
  const { id: accountId } = await addAccount(db, 'rick')
  const add = (hash: string, more: Partial<NewToken> = {}) =>
    createToken(db, {
      account_id: accountId,
      kind: 'api',
      name: hash,
      hash,
      scopes: 'read write',
      created_at_us: 0,
      expires_at_us: null,
      ...more,
    })
  const list = async (kind: 'api' | 'login' = 'api', nowUs = 0) =>
    (await listTokens(db, { accountId, kind, nowUs }, FIRST_PAGE)).rows.map(({ hash }) => hash)
  return { db, accountId, add, list }
}

it('finds a token by its hash and by its id', async () => {
  const { db, add } = await openAccount()
  const token = await add('h', { id: 'chosen' })
  expect(token).toMatchObject({ id: 'chosen', org_id: null, last_used_at_us: null, revoked_at_us: null })
  expect(await findTokenByHash(db, 'h')).toEqual(token)
  expect(await findToken(db, 'chosen')).toEqual(token)
  expect(await findTokenByHash(db, 'x')).toBeUndefined()
})

it('lists the live tokens of a kind, newest first', async () => {
  const { db, accountId, add, list } = await openAccount()
  await add('old', { created_at_us: 1 })
  await add('new', { created_at_us: 2, expires_at_us: 50 })
  await add('login', { kind: 'login' })
  const revoked = await add('revoked')
  await revokeToken(db, { id: revoked.id, accountId, nowUs: 5 })
  expect(await list('api', 49)).toEqual(['new', 'old'])
  expect(await list('api', 50)).toEqual(['old'])
  expect(await list('login')).toEqual(['login'])
})

it('revokes a token of its account once, and keeps it to be recognised', async () => {
  const { db, accountId, add } = await openAccount()
  const { id } = await add('h')
  expect(await revokeToken(db, { id, accountId: accountId + 1, nowUs: 5 })).toBe(false)
  expect(await revokeToken(db, { id, accountId, nowUs: 5 })).toBe(true)
  expect(await revokeToken(db, { id, accountId, nowUs: 6 })).toBe(false)
  expect(await findTokenByHash(db, 'h')).toMatchObject({ revoked_at_us: 5 })
})

it('revokes the logins of an account and leaves its API tokens', async () => {
  const { db, accountId, add, list } = await openAccount()
  await add('api')
  await add('login 1', { kind: 'login' })
  await add('login 2', { kind: 'login' })
  await revokeLoginTokens(db, { accountId, nowUs: 5 })
  expect([await list('login'), await list('api')]).toEqual([[], ['api']])
})

it('keeps the newest logins of an account', async () => {
  const { db, accountId, add, list } = await openAccount()
  await add('api')
  for (let i = 0; i < 5; i++) await add(`login ${i}`, { kind: 'login', created_at_us: i })
  await trimLoginTokens(db, { accountId, newest: 2 })
  expect([await list('login'), await list('api')]).toEqual([['login 4', 'login 3'], ['api']])
})

it('notes a use at most once a minute', async () => {
  const { db, add } = await openAccount()
  const { id } = await add('h')
  const touch = async (nowUs: number) => {
    await touchToken(db, (await findToken(db, id))!, nowUs)
    return (await findToken(db, id))?.last_used_at_us
  }
  expect(await touch(1_000)).toBe(1_000)
  expect(await touch(1_000 + US_PER_MIN - 1)).toBe(1_000)
  expect(await touch(1_000 + US_PER_MIN)).toBe(1_000 + US_PER_MIN)
})

it('sweeps what ended a week ago', async () => {
  const { db, accountId, add } = await openAccount()
  const week = 7 * US_PER_DAY
  await add('for ever')
  await add('expired', { expires_at_us: 10 })
  await add('expired later', { expires_at_us: 11 })
  const revoked = await add('revoked')
  await revokeToken(db, { id: revoked.id, accountId, nowUs: 10 })
  await sweepTokens(db, 10 + week)
  const kept = await db.selectFrom('tokens').select('hash').orderBy('hash').execute()
  expect(kept.map(({ hash }) => hash)).toEqual(['expired later', 'for ever'])
})
