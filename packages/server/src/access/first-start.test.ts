import { describe, expect, it } from 'vitest'
import { listAccounts } from '../catalog/accounts.ts'
import { addAccount, FIRST_PAGE, openTestCatalog } from '../catalog/catalog.fixture.ts'
import { findRole } from '../catalog/members.ts'
import { listOrgs } from '../catalog/orgs.ts'
import { InvalidError } from '../errors.ts'
import { TestClock } from './access.fixture.ts'
import { type FirstStartChoices, prepareFirstStart } from './first-start.ts'
import { Passwords } from './passwords.ts'
import { resolveToken } from './tokens.ts'

const NOTHING: FirstStartChoices = {
  username: undefined,
  email: undefined,
  password: undefined,
  token: undefined,
  org: undefined,
}

async function openEmpty() {
  const db = await openTestCatalog()
  const passwords = new Passwords({ cost: 16 })
  const clock = new TestClock()
  const prepare = (choices: Partial<FirstStartChoices> = {}) =>
    prepareFirstStart({ db, passwords, clock }, { ...NOTHING, ...choices })
  return { db, passwords, clock, prepare }
}

describe('the first start', () => {
  it('makes an administrator, an organisation and a token for everything', async () => {
    const { db, passwords, clock, prepare } = await openEmpty()
    const made = (await prepare())!
    expect(made).toEqual({
      username: 'admin',
      email: 'admin@localhost',
      org: 'Home',
      password: expect.stringMatching(/^(?:[a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/),
      token: expect.stringMatching(/^sonde_[\w-]{43}$/),
    })
    const { rows } = await listAccounts(db, FIRST_PAGE)
    const [admin] = rows
    expect(rows).toHaveLength(1)
    expect(admin).toMatchObject({ username: 'admin', slug: 'admin', is_staff: 1, is_active: 1 })
    expect(await passwords.verify(made.password!, admin.password_hash)).toBe(true)
    const [org] = (await listOrgs(db, { sight: {} }, FIRST_PAGE)).rows
    expect(org).toMatchObject({ name: 'Home', slug: 'home' })
    expect(await findRole(db, { orgId: org.id, accountId: admin.id })).toBe('a0')
    const { caller } = await resolveToken(db, { text: made.token!, nowUs: clock.nowUs() })
    expect(caller).toMatchObject({
      isStaff: true,
      scopes: new Set(['read', 'write', 'provision', 'admin']),
    })
    expect(caller.limit).toBeUndefined()
  })

  it('takes what the operator chose, and does not repeat it', async () => {
    const { db, passwords, clock, prepare } = await openEmpty()
    const made = await prepare({
      username: 'rick',
      email: 'Rick@Example.org',
      password: 'portal gun',
      token: 'my.token',
      org: 'Smith & Sons',
    })
    expect(made).toEqual({
      username: 'rick',
      email: 'rick@example.org',
      org: 'Smith & Sons',
      password: undefined,
      token: undefined,
    })
    const [rick] = (await listAccounts(db, FIRST_PAGE)).rows
    expect(await passwords.verify('portal gun', rick.password_hash)).toBe(true)
    const { caller } = await resolveToken(db, { text: 'my.token', nowUs: clock.nowUs() })
    expect(caller.accountId).toBe(rick.id)
  })

  it('takes a user name that is an e-mail address', async () => {
    const { prepare } = await openEmpty()
    expect(await prepare({ username: 'rick@example.org' })).toMatchObject({ email: 'rick@example.org' })
  })

  it('leaves nothing behind when a choice is refused, so that the next start can do better', async () => {
    const { db, prepare } = await openEmpty()
    await expect(prepare({ token: 'two words' })).rejects.toThrow(InvalidError)
    await expect(prepare({ username: 'two words' })).rejects.toThrow(InvalidError)
    await expect(prepare({ org: '!!!' })).rejects.toThrow(InvalidError)
    expect((await listAccounts(db, FIRST_PAGE)).count).toBe(0)
    expect(await prepare()).toMatchObject({ username: 'admin' })
  })
})

describe('a later start', () => {
  it('does nothing', async () => {
    const { db, prepare } = await openEmpty()
    await prepare()
    expect(await prepare()).toBeUndefined()
    expect(await prepare({ username: 'other', password: 'x' })).toBeUndefined()
    expect((await listAccounts(db, FIRST_PAGE)).count).toBe(1)
  })

  it('is every start but one of several at once', async () => {
    const { db, prepare } = await openEmpty()
    const made = await Promise.all([prepare(), prepare(), prepare()])
    expect(made.filter((one) => one !== undefined)).toHaveLength(1)
    expect((await listAccounts(db, FIRST_PAGE)).count).toBe(1)
  })
})

it('makes an administrator also where an import came before the first start', async () => {
  const { db, prepare } = await openEmpty()
  await addAccount(db, 'meter')
  expect(await prepare()).toMatchObject({ username: 'admin' })
})
