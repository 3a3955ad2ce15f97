/** Who is calling, as every service sees it, whatever the credential was. */
import { InvalidError } from '../errors.ts'

export const SCOPES = ['read', 'write', 'provision', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** What a password or a login is good for: everything that the account may do. */
export const ALL_SCOPES: ReadonlySet<Scope> = new Set(SCOPES)

/**
 * The part of the model that a token is limited to: the innermost that is given, with the ones that it
 * lies in. `orgId` is null for a device that nobody has claimed; such a token opens nothing.
 */
export interface CallerLimit {
  readonly orgId: string | null
  readonly projectId?: number
  readonly deviceId?: number
}

export type CallerCredential =
  | JwtCredential
  | { readonly kind: 'token'; readonly id: string; readonly tokenKind: 'login' | 'api' }
  | { readonly kind: 'password' }
  | { readonly kind: 'key'; readonly id: string; readonly keyKind: KeyKind }

/**
 * A key belongs to a device or an organisation and not to a person: no account's roles are behind it.
 * `accountId` of such a caller is who made the key, for notes of who made what.
 */
export type KeyKind = 'device' | 'org'

export interface JwtCredential {
  readonly kind: 'jwt'
  readonly jti: string
  readonly expiresAtUs: number
  /** Shared by a JWT and all that are refreshed from it, and by the login key handed out with it. */
  readonly sessionId: string
}

export interface Caller {
  readonly accountId: number
  readonly username: string
  readonly isStaff: boolean
  readonly scopes: ReadonlySet<Scope>
  readonly limit?: CallerLimit
  readonly credential: CallerCredential
}

/** Reads blank-separated scopes. @throws {InvalidError} an unknown one. */
export function parseScopes(text: string): ReadonlySet<Scope> {
  const scopes = new Set<Scope>()
  for (const word of text.split(' ').filter((word) => word !== '')) {
    const scope = SCOPES.find((scope) => scope === word)
    if (scope === undefined) {
      throw InvalidError.field('scopes', `"${word}" is no scope; choose from ${SCOPES.join(', ')}.`)
    }
    scopes.add(scope)
  }
  return scopes
}

/** Always in the same order. */
export function formatScopes(scopes: ReadonlySet<Scope>): string {
  return SCOPES.filter((scope) => scopes.has(scope)).join(' ')
}
