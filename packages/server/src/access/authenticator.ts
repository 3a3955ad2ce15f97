/**
 * Finds out who is calling: by password, JWT or opaque token. What was found is remembered for some
 * seconds, because every ingest request asks; logout, revocation and a change of password done here are
 * seen at once, those of another server on the same catalog when the memory fades.
 */
import { randomUUID } from 'node:crypto'
import {
  findAccount,
  findAccountByLoginName,
  replacePasswordHash,
  setPasswordHash,
} from '../catalog/accounts.ts'
import { inTransaction } from '../catalog/in-transaction.ts'
import { revokeKey } from '../catalog/keys.ts'
import { deleteReset } from '../catalog/password-resets.ts'
import { sweepRevokedJwts } from '../catalog/revoked-jwts.ts'
import type { AccountRow, CatalogDb } from '../catalog/schema.ts'
import { revokeLoginTokens, revokeToken, sweepTokens, trimLoginTokens } from '../catalog/tokens.ts'
import { ForbiddenError } from '../errors.ts'
import { type Clock, systemClock } from '../model/clock.ts'
import { US_PER_S } from '../model/time.ts'
import { ALL_SCOPES, type Caller, type CallerCredential, type KeyKind } from './caller.ts'
import type { JwtSessions } from './jwt.ts'
import { type KeyOwner, resolveKey } from './keys.ts'
import type { Passwords } from './passwords.ts'
import { requireStaff, requireWholeAccount } from './permissions.ts'
import type { RateLimiter } from './rate-limit.ts'
import { RecentMap } from './recent-map.ts'
import { type RefusalReason, RefusedError } from './refusal.ts'
import { isRandomToken, issueToken, LOGIN_KEY_LIFE_US, resolveToken } from './tokens.ts'

export interface AuthenticatorOptions {
  readonly db: CatalogDb
  readonly passwords: Passwords
  readonly jwts: JwtSessions
  readonly limiter: RateLimiter
  readonly clock?: Clock
}

export interface PasswordLogin {
  /** User name or e-mail address. */
  readonly name: string
  readonly password: string
  /** Of the client, for the rate limits. */
  readonly address: string
}

/** What a login hands out. A logout with either of the two ends both. */
export interface OpenedSession {
  readonly account: AccountRow
  readonly jwt: string
  /** Opaque, 180 days. */
  readonly token: string
}

interface Resolved {
  readonly caller: Caller
  readonly expiresAtUs: number | null
}

const REMEMBERED_MAX = 10_000
const REMEMBERED_US = 10 * US_PER_S
/** Per account; a program that logs in again and again pushes out its own oldest keys. */
const LOGIN_KEYS_MAX = 100

/**
 * Refusals that may be guesses and count as failures. A token that was good once, and has expired or was
 * revoked, is no guess: a forgotten device with one must not lock out its whole site.
 */
const GUESSES: ReadonlySet<RefusalReason> = new Set(['jwt_malformed', 'token_unknown'])

export class Authenticator {
  readonly #db: CatalogDb
  readonly #passwords: Passwords
  readonly #jwts: JwtSessions
  readonly #limiter: RateLimiter
  readonly #clock: Clock
  readonly #resolved: RecentMap<string, Resolved>

  constructor({ db, passwords, jwts, limiter, clock = systemClock }: AuthenticatorOptions) {
    this.#db = db
    this.#passwords = passwords
    this.#jwts = jwts
    this.#limiter = limiter
    this.#clock = clock
    this.#resolved = new RecentMap({ entriesMax: REMEMBERED_MAX, ageUsMax: REMEMBERED_US, clock })
  }

  /** Changes whenever a credential that was good may not be any more, as far as it is done here. */
  get epoch(): number {
    return this.#resolved.epoch
  }

  /**
   * @throws {RefusedError} one of `unknown_user`, `wrong_password` and `inactive`.
   * @throws {RateLimitedError} too many failures before.
   * @throws {OverloadedError} too many logins at once.
   */
  async login(credentials: PasswordLogin): Promise<OpenedSession> {
    return this.#openSession(await this.checkPassword(credentials))
  }

  /** For protocols that send the password with every request. @throws as `login`. */
  async byPassword(credentials: PasswordLogin): Promise<Caller> {
    return callerOf(await this.checkPassword(credentials), { kind: 'password' })
  }

  /** The account that a password opens. @throws as `login`. */
  async checkPassword({ name, password, address }: PasswordLogin): Promise<AccountRow> {
    const account = await findAccountByLoginName(this.#db, name)
    const attempt = { address, account: account ? `#${account.id}` : name.trim().toLowerCase() }
    this.#limiter.check(attempt)
    const isRight = await this.#passwords.verify(password, account?.password_hash)
    // Many attempts at once pass the first check; those that come after too many failures learn nothing.
    this.#limiter.check(attempt)
    if (account === undefined || !isRight) {
      this.#limiter.failed(attempt)
      throw new RefusedError(account === undefined ? 'unknown_user' : 'wrong_password')
    }
    this.#limiter.succeeded(attempt)
    if (account.is_active === 0) throw new RefusedError('inactive')
    if (this.#passwords.isOutdated(account.password_hash)) {
      const after = await this.#passwords.hash(password)
      await replacePasswordHash(this.#db, { id: account.id, before: account.password_hash, after })
    }
    return account
  }

  /**
   * Reads `jwt <JWT>`, `Token <opaque token>` and `Bearer <either>`; the scheme in any case. A protocol that
   * knows what a caller without an account may do asks `withKeys` for `a-jwt <key of a device>` and
   * `Api-Key <key of an organisation>` as well.
   * @returns undefined without a header and for any other scheme, which its protocol may know.
   * @throws {RefusedError} the header is malformed, or as `byBearer`.
   * @throws {RateLimitedError} too many failures before.
   */
  async byAuthorizationHeader(
    header: string | undefined,
    address: string,
    { withKeys = false }: { withKeys?: boolean } = {},
  ): Promise<Caller | undefined> {
    const [scheme, ...credentials] = (header ?? '').trim().split(/\s+/)
    const read = this.#readerOf(scheme.toLowerCase(), withKeys)
    if (read === undefined) return undefined
    if (credentials.length === 0) throw new RefusedError('no_credentials')
    if (credentials.length > 1) throw new RefusedError('credentials_with_spaces')
    return read(credentials[0], address)
  }

  /**
   * A JWT or an opaque token, whichever it is.
   * @throws {RefusedError} as `JwtSessions.check` or `byToken`.
   * @throws {RateLimitedError} too many failures before.
   */
  async byBearer(text: string, address: string): Promise<Caller> {
    return isJwt(text) ? this.#byJwt(text, address) : this.byToken(text, address)
  }

  /**
   * An opaque token only.
   * @throws {RefusedError} one of `token_unknown`, `token_expired`, `token_revoked` and `inactive`.
   * @throws {RateLimitedError} too many failures before.
   */
  async byToken(text: string, address: string): Promise<Caller> {
    return this.#resolve(`token ${text}`, address, async () => {
      // One that the operator chose may be guessed; of the random ones a good one passes at any time.
      if (!isRandomToken(text)) this.#limiter.check({ address })
      return resolveToken(this.#db, { text, nowUs: this.#clock.nowUs() })
    })
  }

  /**
   * A key of a device or of an organisation. The caller has no roles and is limited to what the key belongs to.
   * @throws {RefusedError} one of `token_unknown`, `token_expired` and `token_revoked`.
   * @throws {RateLimitedError} too many failures before.
   */
  async byKey(kind: KeyKind, text: string, address: string): Promise<Caller> {
    return this.#resolve(`key ${kind} ${text}`, address, () =>
      resolveKey(this.#db, { kind, text, nowUs: this.#clock.nowUs() }),
    )
  }

  /** Ends the session of a login, with its JWTs and its opaque key. API tokens and passwords have none. */
  async logout({ accountId, credential }: Caller): Promise<void> {
    const sessionId = sessionOf(credential)
    if (sessionId === undefined) return
    await this.#jwts.end(sessionId)
    await revokeToken(this.#db, { id: sessionId, accountId, nowUs: this.#clock.nowUs() })
    this.#resolved.deleteWhere(({ caller }) => sessionOf(caller.credential) === sessionId)
  }

  /** Whose JWT this is. @throws {RefusedError} as `JwtSessions.check`. */
  async verify(jwt: string): Promise<Caller> {
    const { account, credential } = await this.#jwts.check(jwt)
    return callerOf(account, credential)
  }

  /** A new JWT for one that is still valid. @throws {RefusedError} as `JwtSessions.refresh`. */
  async refresh(jwt: string): Promise<string> {
    return this.#jwts.refresh(jwt)
  }

  /**
   * A new session for a caller who has logged in already.
   * @throws {ForbiddenError} the caller has an API token, which opens less than a session does.
   */
  async openSession(caller: Caller): Promise<OpenedSession> {
    return this.#openSession(await this.#accountOfLogin(caller))
  }

  /** A JWT of the caller's own session, so that a logout ends it too. @throws {ForbiddenError} as `openSession`. */
  async issueJwt(caller: Caller): Promise<string> {
    const account = await this.#accountOfLogin(caller)
    const id = sessionOf(caller.credential) ?? randomUUID()
    return this.#jwts.issue(account, { id, originS: Math.floor(this.#clock.nowUs() / US_PER_S) })
  }

  /**
   * Ends all sessions of the account as well; its API tokens stay. Staff may do it for others.
   * @throws {ForbiddenError} the caller may not; a token needs `admin` without a limit.
   * @throws {InvalidError} the password is empty or too long.
   * @throws {NotFoundError} no such account.
   */
  async changePassword(
    caller: Caller,
    { accountId, password }: { accountId: number; password: string },
  ): Promise<void> {
    if (caller.accountId !== accountId) requireStaff(caller)
    else requireWholeAccount(caller)
    const passwordHash = await this.#passwords.hash(password)
    const nowUs = this.#clock.nowUs()
    await inTransaction(this.#db, async (db) => {
      await setPasswordHash(db, { id: accountId, passwordHash, nowUs })
      await revokeLoginTokens(db, { accountId, nowUs })
      await deleteReset(db, accountId)
    })
    this.forgetAccount(accountId)
  }

  /** Revokes a token of this account; false when it has no such live token. */
  async revokeToken({ accountId, id }: { accountId: number; id: string }): Promise<boolean> {
    const isRevoked = await revokeToken(this.#db, { accountId, id, nowUs: this.#clock.nowUs() })
    this.#resolved.deleteWhere(
      ({ caller: { credential } }) => credential.kind === 'token' && credential.id === id,
    )
    return isRevoked
  }

  /** Revokes a key of this device or organisation; false when it has no such live key. */
  async revokeKey(owner: KeyOwner, id: string): Promise<boolean> {
    const isRevoked = await revokeKey(this.#db, { ...owner, id, nowUs: this.#clock.nowUs() })
    this.#resolved.deleteWhere(
      ({ caller: { credential } }) => credential.kind === 'key' && credential.id === id,
    )
    return isRevoked
  }

  /** Has what was changed about an account (active, staff) seen by the next request. */
  forgetAccount(accountId: number): void {
    this.#resolved.deleteWhere(({ caller }) => caller.accountId === accountId)
  }

  /** Deletes what has long expired; for a timer of some hours. */
  async sweep(): Promise<void> {
    const nowUs = this.#clock.nowUs()
    await sweepTokens(this.#db, nowUs)
    await sweepRevokedJwts(this.#db, nowUs)
  }

  async #byJwt(text: string, address: string): Promise<Caller> {
    return this.#resolve(`jwt ${text}`, address, async () => {
      const { account, credential } = await this.#jwts.check(text)
      return { caller: callerOf(account, credential), expiresAtUs: credential.expiresAtUs }
    })
  }

  #readerOf(
    scheme: string,
    withKeys: boolean,
  ): ((text: string, address: string) => Promise<Caller>) | undefined {
    switch (scheme) {
      case 'jwt':
        return (text, address) => this.#byJwt(text, address)
      case 'token':
        return (text, address) => this.byToken(text, address)
      case 'bearer':
        return (text, address) => this.byBearer(text, address)
      case 'a-jwt':
        return withKeys ? (text, address) => this.byKey('device', text, address) : undefined
      case 'api-key':
        return withKeys ? (text, address) => this.byKey('org', text, address) : undefined
      default:
        return undefined
    }
  }

  async #resolve(key: string, address: string, read: () => Promise<Resolved>): Promise<Caller> {
    const remembered = this.#resolved.get(key)
    if (
      remembered !== undefined &&
      this.#clock.nowUs() < (remembered.expiresAtUs ?? Number.POSITIVE_INFINITY)
    ) {
      return remembered.caller
    }
    const { epoch } = this.#resolved
    try {
      const resolved = await read()
      this.#resolved.setRead(key, resolved, epoch)
      return resolved.caller
    } catch (error) {
      if (error instanceof RefusedError && GUESSES.has(error.reason)) {
        this.#limiter.check({ address })
        this.#limiter.failed({ address })
      }
      throw error
    }
  }

  async #accountOfLogin({ accountId, credential }: Caller): Promise<AccountRow> {
    if (credential.kind === 'token' && credential.tokenKind === 'api') {
      throw new ForbiddenError('An API token cannot open a session.')
    }
    if (credential.kind === 'key') throw new ForbiddenError('A key cannot open a session.')
    const account = await findAccount(this.#db, accountId)
    if (account === undefined) throw new RefusedError('unknown_user')
    return account
  }

  async #openSession(account: AccountRow): Promise<OpenedSession> {
    const nowUs = this.#clock.nowUs()
    const session = { id: randomUUID(), originS: Math.floor(nowUs / US_PER_S) }
    const token = await inTransaction(this.#db, async (db) => {
      const current = await findAccount(db, account.id)
      // The password may have changed while it was being checked.
      if (current?.credentials_changed_at_us !== account.credentials_changed_at_us) {
        throw new RefusedError('wrong_password')
      }
      const issued = await issueToken(db, {
        id: session.id,
        accountId: account.id,
        kind: 'login',
        name: 'login',
        scopes: ALL_SCOPES,
        expiresAtUs: nowUs + LOGIN_KEY_LIFE_US,
        nowUs,
      })
      await trimLoginTokens(db, { accountId: account.id, newest: LOGIN_KEYS_MAX })
      return issued.text
    })
    return { account, jwt: await this.#jwts.issue(account, session), token }
  }
}

function callerOf(account: AccountRow, credential: CallerCredential): Caller {
  return {
    accountId: account.id,
    username: account.username,
    isStaff: account.is_staff === 1,
    scopes: ALL_SCOPES,
    credential,
  }
}

/** The login that a credential goes back to; a login key has the id of its session. */
function sessionOf(credential: CallerCredential): string | undefined {
  switch (credential.kind) {
    case 'jwt':
      return credential.sessionId
    case 'token':
      return credential.tokenKind === 'login' ? credential.id : undefined
    case 'password':
    case 'key':
      return undefined
  }
}

/** Three parts, of which the first begins like the JSON of a header; anything else is an opaque token. */
function isJwt(text: string): boolean {
  return text.startsWith('eyJ') && text.split('.', 4).length === 3
}
