/**
 * Who calls: read once per request, before its body. Clients of InfluxDB send a token, a user's name and
 * password in one of three ways, or a token in the place of the password.
 */
import { hash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Authenticator } from '../../access/authenticator.ts'
import type { Caller } from '../../access/caller.ts'
import { RefusedError } from '../../access/refusal.ts'
import { isRandomToken } from '../../access/tokens.ts'
import { UnauthenticatedError } from '../../errors.ts'

/** Where clients put their credentials, and where they call from. */
export interface CredentialsOfRequest {
  readonly authorization: string | undefined
  readonly query: Readonly<Record<string, string | undefined>>
  readonly address: string
}

interface Pair {
  readonly name: string
  readonly password: string
}

/** Pairs with a token that somebody chose; more of them are tried anew every time. */
const REMEMBERED_MAX = 1_000

const callers = new WeakMap<FastifyRequest, Caller>()

/** Makes every route of a scope ask for credentials. */
export function requireCaller(http: FastifyInstance, credentials: InfluxCredentials): void {
  http.addHook('onRequest', async (request) => {
    callers.set(request, await credentials.callerOf(credentialsOf(request)))
  })
}

export function credentialsOf({ headers, query, ip }: FastifyRequest): CredentialsOfRequest {
  const { authorization } = headers
  return { authorization, query: query as CredentialsOfRequest['query'], address: ip }
}

/** The caller of a route in a scope that asks for credentials. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request)
  if (!caller) throw new UnauthenticatedError('unauthorized access')
  return caller
}

export class InfluxCredentials {
  readonly #authenticator: Authenticator
  /** Hashes of pairs whose password is no password but a token. */
  readonly #tokenPairs = new Set<string>()

  constructor(authenticator: Authenticator) {
    this.#authenticator = authenticator
  }

  /**
   * @throws {RefusedError} the credentials are no good.
   * @throws {UnauthenticatedError} there are none.
   * @throws {RateLimitedError} too many failures before.
   */
  async callerOf({ authorization, query, address }: CredentialsOfRequest): Promise<Caller> {
    const pair = authorization === undefined ? pairOfQuery(query) : pairOfHeader(authorization)
    if (pair !== undefined) return this.#byPair(pair, address)
    const caller = await this.#authenticator.byAuthorizationHeader(authorization, address)
    if (caller === undefined) throw new UnauthenticatedError('unauthorized access')
    return caller
  }

  async #byPair(pair: Pair, address: string): Promise<Caller> {
    const { name, password } = pair
    if (name === '' || isRandomToken(password)) return this.#authenticator.byToken(password, address)
    const key = hash('sha256', JSON.stringify([name, password]))
    if (this.#tokenPairs.has(key)) {
      const caller = await this.#byTokenOrNot(password, address)
      if (caller !== undefined) return caller
      this.#tokenPairs.delete(key)
    }
    try {
      return await this.#authenticator.byPassword({ name, password, address })
    } catch (error) {
      if (!(error instanceof RefusedError) || error.reason === 'inactive') throw error
      const caller = await this.#byTokenOrNot(password, address)
      if (caller === undefined) throw error
      if (this.#tokenPairs.size < REMEMBERED_MAX) this.#tokenPairs.add(key)
      return caller
    }
  }

  async #byTokenOrNot(text: string, address: string): Promise<Caller | undefined> {
    try {
      return await this.#authenticator.byToken(text, address)
    } catch (error) {
      if (error instanceof RefusedError) return undefined
      throw error
    }
  }
}

function pairOfQuery({ u, p }: CredentialsOfRequest['query']): Pair | undefined {
  return u === undefined && p === undefined ? undefined : { name: u ?? '', password: p ?? '' }
}

/** `Basic …`, or `Token name:password` as clients of version 1.8 send it. */
function pairOfHeader(header: string): Pair | undefined {
  const [, scheme, text] = /^(basic|token)\s+(\S.*)$/i.exec(header.trim()) ?? []
  if (scheme === undefined) return undefined
  const isBasic = scheme.toLowerCase() === 'basic'
  const pair = isBasic ? Buffer.from(text, 'base64').toString('utf8') : text
  const colon = pair.indexOf(':')
  if (colon < 0 && isBasic) throw new RefusedError('no_credentials')
  return colon < 0 ? undefined : { name: pair.slice(0, colon), password: pair.slice(colon + 1) }
}
