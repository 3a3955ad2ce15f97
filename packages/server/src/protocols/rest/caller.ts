/** Who calls: read once per request, before its handler, from the `Authorization` header. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Authenticator } from '../../access/authenticator.ts'
import type { Caller } from '../../access/caller.ts'
import { UnauthenticatedError } from '../../errors.ts'
import { requireKeyReach } from './key-reach.ts'

const callers = new WeakMap<FastifyRequest, Caller>()

/** Makes every route of a scope ask for credentials. */
export function requireCaller(http: FastifyInstance, authenticator: Authenticator): void {
  http.addHook('onRequest', async (request) => {
    const { authorization } = request.headers
    const caller = await authenticator.byAuthorizationHeader(authorization, request.ip, { withKeys: true })
    if (!caller) throw new UnauthenticatedError('Authentication credentials were not provided.')
    requireKeyReach(caller, { method: request.method, path: request.routeOptions.url ?? '' })
    callers.set(request, caller)
  })
}

/**
 * Who calls a route that is open to everybody; undefined for somebody without credentials.
 * @throws {RefusedError} the credentials are no good.
 */
export function findCaller(
  authenticator: Authenticator,
  request: FastifyRequest,
): Promise<Caller | undefined> {
  return authenticator.byAuthorizationHeader(request.headers.authorization, request.ip)
}

/** The caller of a route in a scope that asks for credentials. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request)
  if (!caller) throw new UnauthenticatedError('Authentication credentials were not provided.')
  return caller
}
