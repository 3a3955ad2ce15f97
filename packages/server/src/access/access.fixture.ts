/** What tests of access run on: a catalog on disk, a clock that stands still, and cheap password hashes. */
import { setPasswordHash } from '../catalog/accounts.ts'
import { type AtEnd, addOwner, openTestCatalog } from '../catalog/catalog.fixture.ts'
import type { AccountRow } from '../catalog/schema.ts'
import type { Clock } from '../model/clock.ts'
import { Authenticator } from './authenticator.ts'
import { ALL_SCOPES, type Caller } from './caller.ts'
import { openJwtSessions } from './jwt.ts'
import { Memberships } from './memberships.ts'
import { Passwords } from './passwords.ts'
import { RateLimiter } from './rate-limit.ts'

export class TestClock implements Clock {
  #nowUs = Date.UTC(2026, 0, 1) * 1_000

  nowUs(): number {
    return this.#nowUs
  }

  advance(us: number): void {
    this.#nowUs += us
  }
}

export const ADDRESS = '192.0.2.7'

/** The account `rick` with the password `portal gun`, his organisation and project, and everything of access. */
export async function openTestAccess(atEnd?: AtEnd) {
  const db = await openTestCatalog(atEnd)
  const clock = new TestClock()
  const passwords = new Passwords({ cost: 16 })
  const limiter = new RateLimiter({ perAccountMax: 3, perAddressMax: 5, clock })
  const jwts = await openJwtSessions({ db, audience: 'sonde', clock })
  const authenticator = new Authenticator({ db, passwords, jwts, limiter, clock })
  const memberships = new Memberships({ db, clock })
  const owner = await addOwner(db, 'rick')
  const account = await setPasswordHash(db, {
    id: owner.account.id,
    passwordHash: await passwords.hash('portal gun'),
    nowUs: clock.nowUs(),
  })
  return { ...owner, account, db, clock, passwords, limiter, jwts, authenticator, memberships }
}

/** An account as it calls after a login. */
export function callerFor(account: AccountRow, more: Partial<Caller> = {}): Caller {
  return {
    accountId: account.id,
    username: account.username,
    isStaff: account.is_staff === 1,
    scopes: ALL_SCOPES,
    credential: { kind: 'password' },
    ...more,
  }
}
