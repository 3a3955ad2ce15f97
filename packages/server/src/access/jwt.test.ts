import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { setPasswordHash, updateAccount } from '../catalog/accounts.ts'
import { addAccount } from '../catalog/catalog.fixture.ts'
import { getOrCreateSecret } from '../catalog/settings.ts'
import { US_PER_DAY, US_PER_HOUR, US_PER_S } from '../model/time.ts'
import { openTestAccess } from './access.fixture.ts'
import { type JwtSessions, openJwtSessions } from './jwt.ts'
import { type RefusalReason, RefusedError } from './refusal.ts'

async function expectRefused(asking: Promise<unknown>, reason: RefusalReason): Promise<void> {
  const error = await asking.catch((error: unknown) => error)
  expect(error).toBeInstanceOf(RefusedError)
  expect((error as RefusedError).reason).toBe(reason)
}

/** Lets the days pass and refreshes every six of them; returns the last token. */
async function keepAlive(
  { jwts, clock }: { jwts: JwtSessions; clock: { advance(us: number): void } },
  jwt: string,
  days: number,
): Promise<string> {
  let latest = jwt
  for (let day = 6; day <= days; day += 6) {
    clock.advance(6 * US_PER_DAY)
    latest = await jwts.refresh(latest)
  }
  return latest
}

describe('a token', () => {
  it('says whose it is and until when', async () => {
    const { jwts, account, clock } = await openTestAccess()
    const nowS = clock.nowUs() / US_PER_S
    const jwt = await jwts.issue({ ...account, email: 'rick@example.org' })
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'HS256', typ: 'JWT' })
    expect(decodeJwt(jwt)).toMatchObject({
      user_id: account.id,
      username: 'rick',
      email: 'rick@example.org',
      iat: nowS,
      orig_iat: nowS,
      exp: nowS + 7 * 24 * 3_600,
      jti: expect.any(String),
    })
    const { account: found, credential } = await jwts.check(jwt)
    expect(found).toEqual(account)
    expect(credential).toMatchObject({ kind: 'jwt', jti: decodeJwt(jwt).jti })
    expect(credential.expiresAtUs).toBe((nowS + 7 * 24 * 3_600) * US_PER_S)
  })

  it('is refused from the second it expires', async () => {
    const { jwts, account, clock } = await openTestAccess()
    const jwt = await jwts.issue(account)
    clock.advance(7 * US_PER_DAY - 1)
    await jwts.check(jwt)
    clock.advance(1)
    await expectRefused(jwts.check(jwt), 'jwt_expired')
    await expect(jwts.check(jwt)).rejects.toThrow('Signature has expired.')
  })

  it('is refused when it was not signed here', async () => {
    const { db, jwts, account } = await openTestAccess()
    const jwt = await jwts.issue(account)
    const [header, payload, signature] = jwt.split('.')
    const claims = decodeJwt(jwt)
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
    const otherKey = new TextEncoder().encode('x'.repeat(64))
    const sameKey = await getOrCreateSecret(db, { name: 'jwt_secret', sizeBytes: 64 })
    const sign = (key: Uint8Array, alg: string) => new SignJWT(claims).setProtectedHeader({ alg }).sign(key)
    const forged = Buffer.from(JSON.stringify({ ...claims, user_id: 99 })).toString('base64url')
    for (const text of [
      '',
      'garbage',
      'a.b.c',
      `${header}.${payload}.`,
      `${header}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`,
      `${header}.${forged}.${signature}`,
      `${none}.${payload}.`,
      await sign(otherKey, 'HS256'),
      await sign(sameKey, 'HS512'),
    ]) {
      await expectRefused(jwts.check(text), 'jwt_malformed')
    }
    await expect(jwts.check('garbage')).rejects.toThrow('Error decoding signature.')
    expect(await jwts.check(await sign(sameKey, 'HS256'))).toMatchObject({ account: { id: account.id } })
  })

  it('is refused by every other audience', async () => {
    const { db, jwts, account, clock } = await openTestAccess()
    const meter = await openJwtSessions({ db, audience: 'meter', lifeUs: 12 * US_PER_HOUR, clock })
    await expectRefused(meter.check(await jwts.issue(account)), 'jwt_malformed')
    const jwt = await meter.issue(account)
    await expectRefused(jwts.check(jwt), 'jwt_malformed')
    await meter.check(jwt)
    clock.advance(12 * US_PER_HOUR)
    await expectRefused(meter.check(jwt), 'jwt_expired')
  })

  it('outlives a restart', async () => {
    const { db, jwts, account, clock } = await openTestAccess()
    const jwt = await jwts.issue(account)
    const restarted = await openJwtSessions({ db, audience: 'sonde', clock })
    expect((await restarted.check(jwt)).account.id).toBe(account.id)
  })
})

describe('the account of a token', () => {
  it('may not have changed its password since, not even in the same second', async () => {
    const { db, jwts, account, clock } = await openTestAccess()
    const before = await jwts.issue(account)
    const nowUs = clock.nowUs()
    const changed = await setPasswordHash(db, { id: account.id, passwordHash: 'x', nowUs })
    await expectRefused(jwts.check(before), 'jwt_credentials_changed')
    await jwts.check(await jwts.issue(changed))
  })

  it('has to be active and to exist', async () => {
    const { db, jwts, account } = await openTestAccess()
    const jwt = await jwts.issue(account)
    await updateAccount(db, { id: account.id, nowUs: 0 }, { is_active: 0 })
    await expectRefused(jwts.check(jwt), 'inactive')
    const gone = await addAccount(db, 'gone')
    const orphan = await jwts.issue(gone)
    await db.deleteFrom('accounts').where('id', '=', gone.id).execute()
    await expectRefused(jwts.check(orphan), 'jwt_revoked')
  })
})

describe('a refresh', () => {
  it('gives a new token that lives longer and goes back to the same login', async () => {
    const { jwts, account, clock } = await openTestAccess()
    const first = await jwts.issue(account)
    const sameSecond = await jwts.refresh(first)
    expect(sameSecond).not.toBe(first)
    clock.advance(6 * US_PER_DAY)
    const second = await jwts.refresh(first)
    clock.advance(6 * US_PER_DAY)
    await expectRefused(jwts.refresh(first), 'jwt_expired')
    await jwts.check(second)
    expect(decodeJwt(second)).toMatchObject({
      orig_iat: decodeJwt(first).orig_iat,
      sid: decodeJwt(first).sid,
    })
    expect(decodeJwt(second).jti).not.toBe(decodeJwt(first).jti)
  })

  it('works until 180 days after the login', async () => {
    const { jwts, account, clock } = await openTestAccess()
    const jwt = await keepAlive({ jwts, clock }, await jwts.issue(account), 180)
    await jwts.refresh(jwt)
    clock.advance(1)
    await expectRefused(jwts.refresh(jwt), 'jwt_refresh_expired')
    await expect(jwts.refresh(jwt)).rejects.toThrow('Refresh has expired.')
    await jwts.check(jwt)
  })

  it('is refused with garbage', async () => {
    const { jwts } = await openTestAccess()
    await expectRefused(jwts.refresh('garbage'), 'jwt_malformed')
  })
})

it('ends a session with all of its tokens, and no other', async () => {
  const { db, jwts, account, clock } = await openTestAccess()
  const first = await jwts.issue(account)
  const refreshed = await jwts.refresh(first)
  const other = await jwts.issue(account)
  await jwts.end((await jwts.check(refreshed)).credential.sessionId)
  for (const jwt of [first, refreshed]) {
    await expectRefused(jwts.check(jwt), 'jwt_revoked')
    await expectRefused(jwts.refresh(jwt), 'jwt_revoked')
  }
  await jwts.check(other)
  const { expires_at_us } = await db.selectFrom('revoked_jwts').selectAll().executeTakeFirstOrThrow()
  expect(expires_at_us).toBe(clock.nowUs() + 187 * US_PER_DAY)
})
