/**
 * Logins of this API: an account's password against a token of 12 hours. A token is refused everywhere
 * else, and ends when the password changes or the account is no user of this API any more.
 */
import type { Authenticator, PasswordLogin } from '../../access/authenticator.ts'
import { openJwtSessions } from '../../access/jwt.ts'
import { isElectricityUser } from '../../catalog/electricity-users.ts'
import type { AccountRow, CatalogDb } from '../../catalog/schema.ts'
import { UnauthenticatedError } from '../../errors.ts'
import type { Clock } from '../../model/clock.ts'
import { US_PER_HOUR } from '../../model/time.ts'

export interface ElectricityLogins {
  /**
   * A token for a user and password.
   * @throws {UnauthenticatedError} wrong, or no user of this API; the message does not tell which.
   * @throws {RateLimitedError} too many failures before.
   */
  logIn(login: PasswordLogin): Promise<string>
  /** Whether a token is good now. */
  accepts(token: string): Promise<boolean>
}

export interface LoginServices {
  readonly catalog: CatalogDb
  readonly authenticator: Authenticator
  readonly clock: Clock
}

const AUDIENCE = 'electricity'
const TOKEN_LIFE_US = 12 * US_PER_HOUR

export async function openElectricityLogins(services: LoginServices): Promise<ElectricityLogins> {
  const { catalog, authenticator, clock } = services
  const tokens = await openJwtSessions({
    db: catalog,
    audience: AUDIENCE,
    lifeUs: TOKEN_LIFE_US,
    refreshUs: 0,
    clock,
  })
  return {
    async logIn(login) {
      const account = await authenticator.checkPassword(login).catch(hideReason)
      if (!(await isElectricityUser(catalog, account.id))) return refuseLogin()
      return tokens.issue(account)
    },
    async accepts(token) {
      try {
        const { account } = await tokens.check(token)
        return await isElectricityUser(catalog, account.id)
      } catch (error) {
        if (error instanceof UnauthenticatedError) return false
        throw error
      }
    },
  }
}

function hideReason(error: unknown): AccountRow {
  if (error instanceof UnauthenticatedError) return refuseLogin()
  throw error
}

/** In the same words whatever the reason. */
export function refuseLogin(): never {
  throw new UnauthenticatedError('Invalid user and/or password')
}
