import { describe, expect, it } from 'vitest'
import { findAccount, updateAccount } from '../catalog/accounts.ts'
import { addAccount } from '../catalog/catalog.fixture.ts'
import { listTokens } from '../catalog/tokens.ts'
import { ForbiddenError, InvalidError, NotFoundError, RateLimitedError } from '../errors.ts'
import { US_PER_DAY, US_PER_MIN, US_PER_S } from '../model/time.ts'
import { ADDRESS, callerFor, openTestAccess } from './access.fixture.ts'
import { ALL_SCOPES } from './caller.ts'
import { type RefusalReason, RefusedError } from './refusal.ts'
import { issueToken } from './tokens.ts'

async function open() {
  const access = await openTestAccess()
  const { authenticator, db, clock, account } = access
  return {
    ...access,
    login: (password = 'portal gun', name = 'rick', address = ADDRESS) =>
      authenticator.login({ name, password, address }),
    read: (header: string | undefined) => authenticator.byAuthorizationHeader(header, ADDRESS),
    apiToken: (text?: string) =>
      issueToken(db, {
        accountId: account.id,
        kind: 'api',
        name: '',
        scopes: ALL_SCOPES,
        nowUs: clock.nowUs(),
        ...(text === undefined ? {} : { text }),
      }),
  }
}

async function expectRefused(asking: Promise<unknown>, reason: RefusalReason): Promise<void> {
  const error = await asking.catch((error: unknown) => error)
  expect(error).toBeInstanceOf(RefusedError)
  expect((error as RefusedError).reason).toBe(reason)
}

describe('login', () => {
  it('hands out a JWT and an opaque key that both open the account', async () => {
    const { account, clock, login, read } = await open()
    const session = await login()
    expect(session.account).toEqual(account)
    const byJwt = await read(`jwt ${session.jwt}`)
    const byKey = await read(`token ${session.token}`)
    expect(byJwt).toMatchObject({ accountId: account.id, username: 'rick', isStaff: false })
    expect(byKey).toMatchObject({ accountId: account.id, scopes: ALL_SCOPES })
    clock.advance(7 * US_PER_DAY)
    await expectRefused(read(`jwt ${session.jwt}`), 'jwt_expired')
    clock.advance(173 * US_PER_DAY - 1)
    expect(await read(`token ${session.token}`)).toEqual(byKey)
    clock.advance(1)
    await expectRefused(read(`token ${session.token}`), 'token_expired')
  })

  it('takes the user name or the e-mail address', async () => {
    const { db, account, login } = await open()
    await updateAccount(db, { id: account.id, nowUs: 0 }, { email: 'rick@example.org' })
    expect((await login('portal gun', 'Rick@example.org')).account.id).toBe(account.id)
    expect((await login('portal gun', 'rick')).account.id).toBe(account.id)
  })

  it('refuses unknown users and wrong passwords in the same words', async () => {
    const { login } = await open()
    await expectRefused(login('wrong'), 'wrong_password')
    await expectRefused(login('portal gun', 'nobody'), 'unknown_user')
    for (const name of ['rick', 'nobody']) {
      await expect(login('wrong', name)).rejects.toThrow('Username/password combination invalid.')
    }
  })

  it('tells only those with the right password that the account is not active', async () => {
    const { db, account, login } = await open()
    await updateAccount(db, { id: account.id, nowUs: 0 }, { is_active: 0 })
    await expectRefused(login(), 'inactive')
    await expect(login()).rejects.toThrow('This account is not Active.')
    await expectRefused(login('wrong'), 'wrong_password')
  })

  it('replaces an old SHA-256, once', async () => {
    const { db, login, authenticator } = await open()
    const sha256 = 'sha256$1cd74f74444cc669da0d2a77181f8f5c9238afe0e237c3507e6c620814d490aa'
    const { id } = await addAccount(db, 'morty', { password_hash: sha256 })
    await expectRefused(login('Morty', 'morty'), 'wrong_password')
    const { jwt } = await login('morty', 'morty')
    const rehashed = (await findAccount(db, id))?.password_hash
    expect(rehashed).toMatch(/^scrypt\$/)
    await login('morty', 'morty')
    expect((await findAccount(db, id))?.password_hash).toBe(rehashed)
    expect((await authenticator.verify(jwt)).accountId).toBe(id)
  })

  it('keeps the hundred newest keys of an account', async () => {
    const { db, account, clock, login } = await open()
    for (let i = 0; i < 103; i++) {
      clock.advance(1)
      await login()
    }
    const page = { limit: 1, offset: 0 }
    const { count } = await listTokens(
      db,
      { accountId: account.id, kind: 'login', nowUs: clock.nowUs() },
      page,
    )
    expect(count).toBe(100)
  })
})

describe('the limit on failures', () => {
  it('refuses even the right password after too many wrong ones, for 15 minutes', async () => {
    const { clock, login } = await open()
    for (let i = 0; i < 3; i++) await expectRefused(login('wrong'), 'wrong_password')
    await expect(login()).rejects.toThrow(RateLimitedError)
    expect((await login('portal gun', 'rick', '192.0.2.8')).account.username).toBe('rick')
    clock.advance(15 * US_PER_MIN)
    await login()
  })

  it('counts names of one account together, and unknown names too', async () => {
    const { db, account, login } = await open()
    await updateAccount(db, { id: account.id, nowUs: 0 }, { email: 'rick@example.org' })
    await expectRefused(login('wrong', 'rick'), 'wrong_password')
    await expectRefused(login('wrong', 'rick@example.org'), 'wrong_password')
    await expectRefused(login('wrong', 'RICK@example.org'), 'wrong_password')
    await expect(login('wrong', 'rick')).rejects.toThrow(RateLimitedError)
    const elsewhere = '192.0.2.8'
    for (let i = 0; i < 3; i++) await expectRefused(login('x', 'nobody', elsewhere), 'unknown_user')
    await expect(login('x', 'Nobody', elsewhere)).rejects.toThrow(RateLimitedError)
  })

  it('starts again after a success', async () => {
    const { login } = await open()
    for (let i = 0; i < 2; i++) await expectRefused(login('wrong'), 'wrong_password')
    await login()
    for (let i = 0; i < 2; i++) await expectRefused(login('wrong'), 'wrong_password')
    await login()
  })

  it('gives nothing away to many guesses at once', async () => {
    const { login } = await open()
    const guesses = ['a', 'b', 'c', 'd', 'e', 'f', 'portal gun']
    const results = await Promise.allSettled(guesses.map((guess) => login(guess)))
    expect(results.at(-1)).toMatchObject({ status: 'rejected', reason: expect.any(RateLimitedError) })
  })

  it('does not count logins that succeed at the same time', async () => {
    const { login } = await open()
    const logins = await Promise.all(Array.from({ length: 20 }, () => login()))
    expect(new Set(logins.map(({ token }) => token)).size).toBe(20)
  })

  it('counts unknown tokens and forged JWTs per address, but lets good ones pass', async () => {
    const { login, read } = await open()
    const { jwt, token } = await login()
    for (let i = 0; i < 3; i++) await expectRefused(read(`token sonde_${i}`), 'token_unknown')
    for (let i = 0; i < 2; i++) await expectRefused(read(`jwt ${jwt}x`), 'jwt_malformed')
    await expect(read('token sonde_6')).rejects.toThrow(RateLimitedError)
    await expect(read(`jwt ${jwt}x`)).rejects.toThrow(RateLimitedError)
    expect(await read(`token ${token}`)).toBeDefined()
    expect(await read(`jwt ${jwt}`)).toBeDefined()
  })

  it('refuses a token that somebody chose as it refuses passwords', async () => {
    const { clock, read, apiToken } = await open()
    await apiToken('letmein')
    for (let i = 0; i < 5; i++) await expectRefused(read(`token ${i}`), 'token_unknown')
    await expect(read('token letmein')).rejects.toThrow(RateLimitedError)
    clock.advance(15 * US_PER_MIN)
    expect(await read('token letmein')).toBeDefined()
  })

  it('does not count what was good once', async () => {
    const { clock, login, read } = await open()
    const { jwt } = await login()
    clock.advance(7 * US_PER_DAY)
    for (let i = 0; i < 10; i++) await expectRefused(read(`jwt ${jwt}`), 'jwt_expired')
  })
})

describe('byAuthorizationHeader', () => {
  it('takes every scheme in any case', async () => {
    const { account, login, read } = await open()
    const { jwt, token } = await login()
    for (const header of [
      `jwt ${jwt}`,
      `JWT ${jwt}`,
      `Bearer ${jwt}`,
      `bearer  ${jwt} `,
      `token ${token}`,
      `Token ${token}`,
      `BEARER ${token}`,
    ]) {
      expect((await read(header))?.accountId, header).toBe(account.id)
    }
  })

  it('leaves other schemes and no header to the protocol', async () => {
    const { read } = await open()
    for (const header of [undefined, '', '  ', 'Basic cmljazptb3J0eQ==', 'Digest a b', 'a-jwt x']) {
      expect(await read(header)).toBeUndefined()
    }
  })

  it('says what is wrong with a header', async () => {
    const { read } = await open()
    const says = (header: string, message: string) => expect(read(header)).rejects.toThrow(message)
    await says('jwt', 'Invalid Authorization header. No credentials provided.')
    await says('Bearer ', 'Invalid Authorization header. No credentials provided.')
    await says('jwt a b', 'Invalid Authorization header. Credentials string should not contain spaces.')
    await says('jwt garbage', 'Error decoding signature.')
    await says('token garbage', 'Invalid token.')
    await says('Bearer garbage', 'Invalid token.')
    await says('Bearer eyJhbGciOiJub25lIn0.e30.', 'Error decoding signature.')
  })

  it('does not take one kind of credential for the other, remembered or not', async () => {
    const { login, read } = await open()
    const { jwt, token } = await login()
    await read(`jwt ${jwt}`)
    await read(`token ${token}`)
    await expectRefused(read(`token ${jwt}`), 'token_unknown')
    await expectRefused(read(`jwt ${token}`), 'jwt_malformed')
  })

  it('takes a token with dots that an operator chose', async () => {
    const { read, apiToken } = await open()
    await apiToken('my.own.token')
    expect(await read('Bearer my.own.token')).toMatchObject({ username: 'rick' })
  })

  it('remembers an answer for ten seconds, and not beyond the life of the credential', async () => {
    const { db, clock, account, read, apiToken } = await open()
    const { text, row } = await apiToken()
    const header = `Bearer ${text}`
    await read(header)
    await db.updateTable('accounts').set({ is_active: 0 }).where('id', '=', account.id).execute()
    expect(await read(header)).toBeDefined()
    clock.advance(10 * US_PER_S)
    await expectRefused(read(header), 'inactive')

    await db.updateTable('accounts').set({ is_active: 1 }).where('id', '=', account.id).execute()
    const expires_at_us = clock.nowUs() + US_PER_S
    await db.updateTable('tokens').set({ expires_at_us }).where('id', '=', row.id).execute()
    await read(header)
    clock.advance(US_PER_S)
    await expectRefused(read(header), 'token_expired')
  })
})

describe('byPassword', () => {
  it('says who calls, and counts failures as a login does', async () => {
    const { account, authenticator } = await open()
    const by = (password: string) => authenticator.byPassword({ name: 'rick', password, address: ADDRESS })
    expect(await by('portal gun')).toEqual(callerFor(account))
    for (let i = 0; i < 3; i++) await expectRefused(by('wrong'), 'wrong_password')
    await expect(by('portal gun')).rejects.toThrow(RateLimitedError)
  })
})

describe('logout', () => {
  it('ends both credentials of the login at once, whichever it came with', async () => {
    const { authenticator, login, read } = await open()
    for (const kind of ['jwt', 'token'] as const) {
      const session = await login()
      const other = await login()
      const headers = [`jwt ${session.jwt}`, `token ${session.token}`]
      const refreshed = await authenticator.refresh(session.jwt)
      for (const header of headers) await read(header) // Remembered from now on.
      const caller = await read(`${kind} ${session[kind]}`)
      await authenticator.logout(caller!)
      await expectRefused(read(headers[0]), 'jwt_revoked')
      await expectRefused(read(headers[1]), 'token_revoked')
      await expectRefused(read(`jwt ${refreshed}`), 'jwt_revoked')
      await expectRefused(authenticator.refresh(refreshed), 'jwt_revoked')
      expect(await read(`jwt ${other.jwt}`)).toBeDefined()
      expect(await read(`token ${other.token}`)).toBeDefined()
    }
  })

  it('leaves API tokens alone', async () => {
    const { authenticator, read, apiToken } = await open()
    const { text } = await apiToken()
    const caller = await read(`token ${text}`)
    await authenticator.logout(caller!)
    expect(await read(`token ${text}`)).toEqual(caller)
  })

  it('is not undone by an answer that was being read meanwhile', async () => {
    const { authenticator, login, read } = await open()
    const { jwt, token } = await login()
    const caller = await authenticator.verify(jwt)
    const reading = read(`token ${token}`).catch(() => undefined)
    await authenticator.logout(caller)
    await reading
    await expectRefused(read(`token ${token}`), 'token_revoked')
  })
})

describe('changePassword', () => {
  it('ends every session at once, and keeps API tokens', async () => {
    const { account, authenticator, login, read, apiToken } = await open()
    const { jwt, token } = await login()
    const { text } = await apiToken()
    const headers = [`jwt ${jwt}`, `token ${token}`, `token ${text}`]
    for (const header of headers) await read(header)
    const caller = await authenticator.verify(jwt)
    await authenticator.changePassword(caller, { accountId: account.id, password: 'new' })
    await expectRefused(read(headers[0]), 'jwt_credentials_changed')
    await expectRefused(read(headers[1]), 'token_revoked')
    expect(await read(headers[2])).toBeDefined()
    await expectRefused(login('portal gun'), 'wrong_password')
    const again = await login('new')
    expect(await read(`jwt ${again.jwt}`)).toBeDefined()
  })

  it('is for the account itself and for staff, with everything they may do', async () => {
    const { db, account, org, authenticator } = await open()
    const staff = await addAccount(db, 'staff', { is_staff: 1 })
    const other = await addAccount(db, 'other')
    const change = (caller: Parameters<typeof authenticator.changePassword>[0], accountId: number) =>
      authenticator.changePassword(caller, { accountId, password: 'new' })
    await expect(change(callerFor(other), account.id)).rejects.toThrow(ForbiddenError)
    const limited = callerFor(account, { limit: { orgId: org.id } })
    await expect(change(limited, account.id)).rejects.toThrow(ForbiddenError)
    const readOnly = callerFor(account, { scopes: new Set(['read']) })
    await expect(change(readOnly, account.id)).rejects.toThrow(ForbiddenError)
    await change(callerFor(staff), account.id)
    await change(callerFor(account), account.id)
    await expect(change(callerFor(staff), 99)).rejects.toThrow(NotFoundError)
    const empty = authenticator.changePassword(callerFor(account), { accountId: account.id, password: '' })
    await expect(empty).rejects.toThrow(InvalidError)
  })

  it('opens no session for a password that it has just replaced', async () => {
    const { account, authenticator, login } = await open()
    const change = authenticator.changePassword(callerFor(account), {
      accountId: account.id,
      password: 'new',
    })
    const results = await Promise.allSettled([change, ...Array.from({ length: 5 }, () => login())])
    await change
    for (const result of results.slice(1)) {
      if (result.status === 'fulfilled') {
        const { token } = result.value as Awaited<ReturnType<typeof login>>
        await expectRefused(authenticator.byToken(token, ADDRESS), 'token_revoked')
      } else {
        expect(result.reason).toMatchObject({ reason: 'wrong_password' })
      }
    }
  })
})

describe('openSession and issueJwt', () => {
  it('gives a caller a JWT that ends with the session it came from', async () => {
    const { authenticator } = await openTestAccess()
    const { jwt } = await authenticator.login({ name: 'rick', password: 'portal gun', address: ADDRESS })
    const caller = await authenticator.verify(jwt)
    const another = await authenticator.issueJwt(caller)
    await authenticator.logout(caller)
    await expect(authenticator.verify(another)).rejects.toThrow(RefusedError)
  })

  it('are for those who have logged in, not for API tokens', async () => {
    const { account, authenticator, login, read, apiToken } = await open()
    const { token } = await login()
    const caller = (await read(`token ${token}`))!
    const opened = await authenticator.openSession(caller)
    expect((await read(`jwt ${opened.jwt}`))?.accountId).toBe(account.id)
    expect((await read(`token ${opened.token}`))?.accountId).toBe(account.id)
    expect((await authenticator.verify(await authenticator.issueJwt(caller))).accountId).toBe(account.id)
    const byApiToken = (await read(`token ${(await apiToken()).text}`))!
    await expect(authenticator.openSession(byApiToken)).rejects.toThrow(ForbiddenError)
    await expect(authenticator.issueJwt(byApiToken)).rejects.toThrow(ForbiddenError)
  })
})

describe('revokeToken and forgetAccount', () => {
  it('act at once on what is remembered', async () => {
    const { db, account, authenticator, read, apiToken } = await open()
    const { text, row } = await apiToken()
    const other = await apiToken()
    for (const token of [text, other.text]) await read(`token ${token}`)
    expect(await authenticator.revokeToken({ accountId: 99, id: row.id })).toBe(false)
    expect(await read(`token ${text}`)).toBeDefined()
    expect(await authenticator.revokeToken({ accountId: account.id, id: row.id })).toBe(true)
    await expectRefused(read(`token ${text}`), 'token_revoked')
    await updateAccount(db, { id: account.id, nowUs: 0 }, { is_active: 0 })
    authenticator.forgetAccount(account.id)
    await expectRefused(read(`token ${other.text}`), 'inactive')
  })
})

it('sweeps what has long expired', async () => {
  const { db, clock, authenticator, login } = await open()
  const { jwt } = await login()
  await authenticator.logout(await authenticator.verify(jwt))
  const rows = async () => [
    (await db.selectFrom('tokens').select('id').execute()).length,
    (await db.selectFrom('revoked_jwts').select('session_id').execute()).length,
  ]
  clock.advance(7 * US_PER_DAY - 1)
  await authenticator.sweep()
  expect(await rows()).toEqual([1, 1])
  clock.advance(1)
  await authenticator.sweep()
  expect(await rows()).toEqual([0, 1])
  clock.advance(180 * US_PER_DAY)
  await authenticator.sweep()
  expect(await rows()).toEqual([0, 0])
})
