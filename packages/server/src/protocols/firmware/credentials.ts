/**
 * Who calls. Updaters of boards take a URL and sometimes a name with a password, so that a device's key or a token
 * comes in the query, as a password, or in an `Authorization` header of its own.
 */
import type { FastifyRequest } from 'fastify'
import type { Authenticator } from '../../access/authenticator.ts'
import type { Caller } from '../../access/caller.ts'
import { RefusedError } from '../../access/refusal.ts'
import { UnauthenticatedError } from '../../errors.ts'

/** The user name that says that the password is a token; with any other it is the key of a device. */
const TOKEN_USER = 'token'

/**
 * @throws {RefusedError} the credentials are no good.
 * @throws {UnauthenticatedError} there are none.
 * @throws {RateLimitedError} too many failures before.
 */
export async function callerOf(authenticator: Authenticator, request: FastifyRequest): Promise<Caller> {
  const { authorization } = request.headers
  const { key, token } = request.query as { key?: string; token?: string }
  const address = request.ip
  const pair = pairOf(authorization)
  if (pair !== undefined) {
    if (pair.name === TOKEN_USER) return authenticator.byToken(pair.password, address)
    return authenticator.byKey('device', pair.password, address)
  }
  if (authorization !== undefined) {
    const caller = await authenticator.byAuthorizationHeader(authorization, address, { withKeys: true })
    if (caller !== undefined) return caller
  }
  if (key) return authenticator.byKey('device', key, address)
  if (token) return authenticator.byToken(token, address)
  throw new UnauthenticatedError(
    'Send the key of the device: ?key=…, as the password of any user, or "Authorization: a-jwt …".',
  )
}

/** What came in the query is needed again by links of an answer. */
export function queryCredentials(request: FastifyRequest): string {
  const { key, token } = request.query as { key?: string; token?: string }
  const parameters = new URLSearchParams({ ...(key && { key }), ...(token && { token }) }).toString()
  return parameters === '' ? '' : `?${parameters}`
}

function pairOf(header: string | undefined): { name: string; password: string } | undefined {
  const [, text] = /^basic\s+(\S+)\s*$/i.exec(header ?? '') ?? []
  if (text === undefined) return undefined
  const pair = Buffer.from(text, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 0) throw new RefusedError('no_credentials')
  return { name: pair.slice(0, colon), password: pair.slice(colon + 1) }
}
