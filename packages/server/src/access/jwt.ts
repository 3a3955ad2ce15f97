/**
 * Signed session tokens (HS256). Each audience has its own: what one protocol hands out, another refuses.
 * A JWT ends with its time, with a logout of its session, and with a change of the account's password.
 */
import { createSecretKey, type KeyObject, randomUUID } from 'node:crypto'
import { findAccount } from '../catalog/accounts.ts'
import { isJwtSessionRevoked, revokeJwtSession } from '../catalog/revoked-jwts.ts'
import type { AccountRow, CatalogDb } from '../catalog/schema.ts'
import { getOrCreateSecret } from '../catalog/settings.ts'
import { type Clock, systemClock } from '../model/clock.ts'
import { once } from '../model/once.ts'
import { US_PER_DAY, US_PER_S } from '../model/time.ts'
import type { JwtCredential } from './caller.ts'
import { RefusedError } from './refusal.ts'

export interface JwtSessionsOptions {
  readonly db: CatalogDb
  /** Who the tokens are for; a token of another audience is refused. */
  readonly audience: string
  /** How long a token lives. Default 7 days. */
  readonly lifeUs?: number
  /** For how long after the login its tokens can be refreshed. Default 180 days; 0 means not at all. */
  readonly refreshUs?: number
  readonly clock?: Clock
}

/** A session to continue: its id, and the time of its login in seconds. */
export interface JwtSession {
  readonly id: string
  readonly originS: number
}

export interface CheckedJwt {
  readonly account: AccountRow
  readonly credential: JwtCredential
  readonly session: JwtSession
}

/** What is in a token. All times are seconds since the Unix epoch. */
interface JwtClaims {
  readonly user_id: number
  readonly username: string
  readonly email: string | null
  readonly exp: number
  readonly iat: number
  /** Time of the login that this token goes back to. */
  readonly orig_iat: number
  readonly jti: string
  /** Session: the same for all tokens that go back to one login. */
  readonly sid: string
  /**
   * The account's `credentials_changed_at_us` when the token was made. Seconds would not do: a login may
   * follow a change of password within the same one.
   */
  readonly cred: number
}

const JWT_LIFE_US = 7 * US_PER_DAY
const JWT_REFRESH_US = 180 * US_PER_DAY

const SECRET_NAME = 'jwt_secret'
const SECRET_BYTES = 64

const loadJose = once(() => import('jose'))

/** Reads the secret of this installation, which the first call makes. */
export async function openJwtSessions(options: JwtSessionsOptions): Promise<JwtSessions> {
  const secret = await getOrCreateSecret(options.db, { name: SECRET_NAME, sizeBytes: SECRET_BYTES })
  return new JwtSessions(createSecretKey(secret), options)
}

export class JwtSessions {
  readonly #key: KeyObject
  readonly #db: CatalogDb
  readonly #audience: string
  readonly #lifeUs: number
  readonly #refreshUs: number
  readonly #clock: Clock

  constructor(key: KeyObject, options: JwtSessionsOptions) {
    this.#key = key
    this.#db = options.db
    this.#audience = options.audience
    this.#lifeUs = options.lifeUs ?? JWT_LIFE_US
    this.#refreshUs = options.refreshUs ?? JWT_REFRESH_US
    this.#clock = options.clock ?? systemClock
  }

  /** A token for an account; of a new session unless one is given to continue. */
  async issue(account: AccountRow, session?: JwtSession): Promise<string> {
    const nowS = Math.floor(this.#clock.nowUs() / US_PER_S)
    const claims: JwtClaims = {
      user_id: account.id,
      username: account.username,
      email: account.email,
      exp: nowS + Math.floor(this.#lifeUs / US_PER_S),
      iat: nowS,
      orig_iat: session?.originS ?? nowS,
      jti: randomUUID(),
      sid: session?.id ?? randomUUID(),
      cred: account.credentials_changed_at_us,
    }
    const { SignJWT } = await loadJose()
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setAudience(this.#audience)
      .sign(this.#key)
  }

  /**
   * Checks signature, audience and time, that the session was not ended, and that the account is active
   * and has still the same password.
   * @throws {RefusedError} one of `jwt_malformed`, `jwt_expired`, `jwt_revoked`, `jwt_credentials_changed`
   *   and `inactive`.
   */
  async check(text: string): Promise<CheckedJwt> {
    const claims = await this.#decode(text)
    if (await isJwtSessionRevoked(this.#db, claims.sid)) throw new RefusedError('jwt_revoked')
    const account = await findAccount(this.#db, claims.user_id)
    if (account === undefined) throw new RefusedError('jwt_revoked')
    if (account.credentials_changed_at_us !== claims.cred) throw new RefusedError('jwt_credentials_changed')
    if (account.is_active === 0) throw new RefusedError('inactive')
    return {
      account,
      session: { id: claims.sid, originS: claims.orig_iat },
      credential: {
        kind: 'jwt',
        jti: claims.jti,
        expiresAtUs: claims.exp * US_PER_S,
        sessionId: claims.sid,
      },
    }
  }

  /**
   * A new token of the same session for one that is still valid.
   * @throws {RefusedError} as `check`, or `jwt_refresh_expired`.
   */
  async refresh(text: string): Promise<string> {
    const { account, session } = await this.check(text)
    if (this.#clock.nowUs() > session.originS * US_PER_S + this.#refreshUs) {
      throw new RefusedError('jwt_refresh_expired')
    }
    return this.issue(account, session)
  }

  /** Ends a session: all of its tokens are refused from now on, until the last of them has expired. */
  async end(sessionId: string): Promise<void> {
    const expiresAtUs = this.#clock.nowUs() + this.#refreshUs + this.#lifeUs
    await revokeJwtSession(this.#db, { sessionId, expiresAtUs })
  }

  async #decode(text: string): Promise<JwtClaims> {
    const { errors, jwtVerify } = await loadJose()
    try {
      const { payload } = await jwtVerify<JwtClaims>(text, this.#key, {
        algorithms: ['HS256'],
        audience: this.#audience,
        currentDate: new Date(this.#clock.nowUs() / 1_000),
      })
      return payload
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new RefusedError('jwt_expired')
      if (error instanceof errors.JOSEError) throw new RefusedError('jwt_malformed')
      throw error
    }
  }
}
