/** A client of one server. Whatever is not named here is a resource: `api.device('d--0001').get()`. */

import { queryPoints, queryRows } from '../query/query-points.ts'
import type { QueryRequest, QueryRow, QuerySeries } from '../query/query-request.ts'
import { PointWriter, type WriterOptions } from '../write/point-writer.ts'
import { Connection } from './connection.ts'
import type { AnyResource } from './endpoint.ts'
import { HttpClientError, refusalOf } from './http-errors.ts'
import type { Segment } from './parameters.ts'
import { Resource } from './resource.ts'
import { isResourceName, resourceChain } from './resource-chain.ts'
import type { ResourceTree } from './resource-tree.ts'

export interface ApiOptions {
  /** Address of the server, without the path of the API. @default 'https://iotile.cloud' */
  readonly domain?: string | undefined
  /** Scheme of the header `Authorization`: `jwt`, `token` or `Bearer`. @default 'jwt' */
  readonly tokenType?: string | undefined
  /** What stands behind it; left out, `login` or `setToken` provide it. */
  readonly token?: string | null | undefined
  /** False: any certificate is accepted, by this client only, in Node only. @default true */
  readonly verify?: boolean | undefined
  /** How long the server may stay silent, in ms; Infinity for any time. @default 60_000 */
  readonly timeoutMs?: number | undefined
  /** How often a request that reads, replaces or deletes is sent again when the connection fails. @default 2 */
  readonly retries?: number | undefined
  /** What sends requests. @default the global `fetch` */
  readonly fetch?: typeof fetch | undefined
}

export interface Credentials {
  /** E-mail address; servers of Sonde take a user name as well. */
  readonly email: string
  readonly password: string
}

const DEFAULT_DOMAIN = 'https://iotile.cloud'
const TIMEOUT_MS = 60_000
const RETRIES = 2
const RETRIES_MAX = 20
/** Timers go no further. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1
/** Answers to a login that say that the credentials are no good. Others say nothing about them. */
const LOGIN_REFUSED: ReadonlySet<number> = new Set([400, 401, 403])

class ApiClient {
  readonly #connection: Connection

  /** @throws {TypeError} an option that cannot be meant. */
  constructor({ verify = true, ...options }: ApiOptions = {}) {
    this.#connection = new Connection({
      domain: checkedDomain(options.domain ?? DEFAULT_DOMAIN),
      timeoutMs: checkedTimeout(options.timeoutMs ?? TIMEOUT_MS),
      retries: checkedRetries(options.retries ?? RETRIES),
      fetch: async () => {
        if (options.fetch !== undefined) return options.fetch
        if (verify) return (...request) => fetch(...request)
        const { createUnverifiedFetch } = await import('#platform')
        return createUnverifiedFetch()
      },
    })
    this.setToken(options.token ?? null, options.tokenType)
    // biome-ignore lint/correctness/noConstructorReturn: names of resources become properties.
    return new Proxy(this, {
      get(target, key) {
        const own: unknown = Reflect.get(target, key)
        if (key in target) return typeof own === 'function' && key !== 'constructor' ? own.bind(target) : own
        return isResourceName(key) ? target.resource(key) : undefined
      },
      set: (target, key, value) => Reflect.set(target, key, value),
    })
  }

  /** Address of the server, without a slash at the end. */
  get domain(): string {
    return this.#connection.domain
  }

  /** What requests are sent with; null without a login. */
  get token(): string | null {
    return this.#connection.token
  }

  get tokenType(): string {
    return this.#connection.tokenType
  }

  /** Who has logged in; null when nobody has, or a token came from elsewhere. */
  get username(): string | null {
    return this.#connection.username
  }

  setToken(token: string | null, tokenType?: string): void {
    this.#connection.token = token
    if (tokenType !== undefined) this.#connection.tokenType = tokenType
  }

  /**
   * Takes a token for a password. False when the server does not accept them.
   * @throws {RestBaseException} it says anything else, or nothing.
   */
  async login({ email, password }: Credentials): Promise<boolean> {
    const answer = await this.#post('auth/login/', { email, password })
    if (LOGIN_REFUSED.has(answer.status)) return false
    if (answer.refusal) throw answer.refusal
    const token = textOf(answer.body, this.tokenType) ?? textOf(answer.body, 'token')
    if (token === undefined) return false
    this.#connection.token = token
    this.#connection.username = textOf(answer.body, 'username') ?? null
    return true
  }

  /** Ends the session and forgets the token. False, and the token stays, when the server says no. */
  async logout(): Promise<boolean> {
    const answer = await this.#post('auth/logout/', undefined)
    if (answer.refusal && !(answer.refusal instanceof HttpClientError)) throw answer.refusal
    if (answer.status !== 204) return false
    this.#connection.token = null
    this.#connection.username = null
    return true
  }

  /**
   * Changes the JWT, while it is still good, for one that lasts longer. False, and the token is forgotten, when
   * the server does not accept it. @throws {RestBaseException} it says anything else, or nothing.
   */
  async refreshToken(): Promise<boolean> {
    const answer = await this.#post('auth/api-jwt-refresh/', { token: this.token })
    if (answer.refusal && !(answer.refusal instanceof HttpClientError)) throw answer.refusal
    this.#connection.token = answer.refusal ? null : (textOf(answer.body, 'token') ?? null)
    return this.#connection.token !== null
  }

  /** The resource at a path, with the shape that the caller expects there. */
  resource<Shape = AnyResource>(...path: readonly [Segment, ...Segment[]]): Shape {
    return resourceChain(new Resource(this.#connection, path)) as Shape
  }

  /** Points or aggregates of many streams, as columns. */
  query<const Request extends QueryRequest>(request: Request): Promise<QuerySeries<Request>[]> {
    return queryPoints(this.#connection, request)
  }

  /** The same row by row, while the answer comes, however long it is. */
  queryRows<const Request extends QueryRequest>(request: Request): AsyncGenerator<QueryRow<Request>> {
    return queryRows(this.#connection, request)
  }

  /** Writes points by the names of their device and variable, in batches. `close` it in the end. */
  openWriter(options?: WriterOptions): PointWriter {
    return new PointWriter(this.#connection, options)
  }

  /** A login must not carry the token of an older one; a refresh needs none. */
  async #post(
    path: string,
    data: unknown,
  ): Promise<{ status: number; body: unknown; refusal: Error | undefined }> {
    const url = `${this.domain}/api/v1/${path}`
    const isLogout = data === undefined
    const { response, content } = await this.#connection.send({
      method: 'POST',
      url,
      headers: {
        'Content-Type': 'application/json',
        ...(isLogout ? this.#connection.authorization : {}),
      },
      body: isLogout ? undefined : JSON.stringify(data),
    })
    const refusal = response.status >= 400 ? refusalOf(response, url, content) : undefined
    const text = new TextDecoder().decode(content)
    return { status: response.status, body: text === '' || refusal ? undefined : parsed(text), refusal }
  }
}

/** A client of one server: its own methods, and every resource under its name. */
export type Api = ApiClient & ResourceTree
export const Api = ApiClient as unknown as new (options?: ApiOptions) => Api

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function textOf(body: unknown, name: string): string | undefined {
  const value: unknown = Object(body)[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function checkedDomain(domain: string): string {
  const isAddress = URL.canParse(domain) && /^https?:$/.test(new URL(domain).protocol)
  if (!isAddress) {
    throw new TypeError(`${JSON.stringify(domain)} is no address; write one such as http://localhost:8080`)
  }
  return domain.replace(/\/+$/, '')
}

function checkedTimeout(timeoutMs: number): number {
  if (timeoutMs === Infinity || (timeoutMs > 0 && timeoutMs <= TIMEOUT_MS_MAX)) return timeoutMs
  throw new TypeError(`timeoutMs is ${timeoutMs}; give 1 to ${TIMEOUT_MS_MAX}, or Infinity`)
}

function checkedRetries(retries: number): number {
  if (Number.isInteger(retries) && retries >= 0 && retries <= RETRIES_MAX) return retries
  throw new TypeError(`retries is ${retries}; give a whole number from 0 to ${RETRIES_MAX}`)
}
