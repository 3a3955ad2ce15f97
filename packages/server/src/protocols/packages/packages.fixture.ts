/** What the tests of this protocol run on: its plugin beside the native API, a catalog and blobs on disk. */
import type { InjectOptions } from 'fastify'
import { pino } from 'pino'
import { openTestAccess } from '../../access/access.fixture.ts'
import { Authenticator } from '../../access/authenticator.ts'
import { RateLimiter } from '../../access/rate-limit.ts'
import { openTestBlobs } from '../../blobs/blobs.fixture.ts'
import { type AtEnd, addAccount } from '../../catalog/catalog.fixture.ts'
import { loadConfig, type PackagesConfig } from '../../config.ts'
import { firstPartsBelow } from '../../http/first-parts.ts'
import { openHttp } from '../../http/open-http.ts'
import { restPlugin } from '../rest/plugin.ts'
import { openRestBench } from '../rest/rest.fixture.ts'
import { PackageLogins } from './logins.ts'
import { packagesPlugin } from './plugin.ts'

export interface Part {
  readonly name: string
  /** Undefined for a plain field. */
  readonly fileName?: string | undefined
  readonly content?: string | Buffer
  /** Instead of what is made of the names. */
  readonly disposition?: string
}

export interface Answer {
  readonly status: number
  readonly text: string
  readonly bytes: Buffer
  readonly headers: Record<string, unknown>
}

export interface AskOptions {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  readonly token?: string | undefined
  /** Sent as JSON; a text is sent as it is. */
  readonly json?: unknown
  readonly headers?: Record<string, string>
}

export type PackagesBench = Awaited<ReturnType<typeof openPackagesBench>>

const BOUNDARY = 'sonde-test-boundary'

/** With `hasNative` the native API is there too. The administrator `admin` has the password `correct horse` and is account 2. */
export async function openPackagesBench(
  atEnd: AtEnd,
  { hasNative = false, ...changes }: Partial<PackagesConfig> & { hasNative?: boolean } = {},
) {
  const access = await openTestAccess(atEnd)
  const { db: catalog, clock, passwords, jwts } = access
  const limiter = new RateLimiter({ perAccountMax: 50, perAddressMax: 100, clock })
  const authenticator = new Authenticator({ db: catalog, passwords, jwts, limiter, clock })
  const blobs = await openTestBlobs(atEnd)
  const config = { ...loadConfig({}).packages, ...changes }
  const registrations = new RateLimiter({ perAccountMax: 20, perAddressMax: 20, clock })
  const logins = new PackageLogins({ config, catalog, clock, authenticator, passwords, registrations })
  await addAccount(catalog, 'admin', {
    password_hash: await passwords.hash('correct horse'),
    is_staff: 1,
    created_at_us: clock.nowUs(),
  })
  const http = openHttp(loadConfig({}), pino({ enabled: false }))
  const names = firstPartsBelow(http, '/api/v1')
  if (hasNative) {
    const { services } = await openRestBench({}, atEnd)
    await http.register(restPlugin, { ...services, catalog, authenticator, prefix: '/api/v1' })
  }
  const isTaken = (name: string) => names.has(name)
  await http.register(packagesPlugin, {
    prefix: '/api/v1',
    ...{ config, catalog, clock, blobs, logins, isTaken },
  })
  atEnd(() => http.close())

  const send = async (path: string, options: InjectOptions): Promise<Answer> => {
    const reply = await http.inject({ ...options, url: `/api/v1${path}` })
    return {
      status: reply.statusCode,
      text: reply.body,
      bytes: reply.rawPayload,
      headers: reply.headers,
    }
  }
  const ask = async (path: string, { method = 'GET', token, json, headers = {} }: AskOptions = {}) =>
    send(path, {
      method,
      headers: { ...tokenHeader(token), ...(json === undefined ? {} : JSON_TYPE), ...headers },
      ...(json === undefined ? {} : { payload: typeof json === 'string' ? json : JSON.stringify(json) }),
    })
  const post = async (path: string, json: unknown, token?: string) =>
    ask(path, { method: 'POST', json, token })
  const getToken = async (username: string, password: string): Promise<string> =>
    JSON.parse((await post('/user/get_token', { username, password })).text).token
  return {
    http,
    catalog,
    clock,
    blobs,
    authenticator,
    passwords,
    ask,
    post,
    getToken,
    /** A new user with the password `password`; resolves to its token. */
    async user(username: string): Promise<string> {
      await post('/user/add', { username, password: 'password' })
      return getToken(username, 'password')
    },
    /** Sends a form of these parts. */
    async form(
      path: string,
      parts: readonly Part[],
      { method = 'POST', token, headers = {} }: AskOptions = {},
    ) {
      const contentType = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
      return send(path, {
        method,
        headers: { ...contentType, ...tokenHeader(token), ...headers },
        payload: formOf(parts),
      })
    },
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** The two parts of an ordinary upload. */
export function upload(parameters: unknown, fileName: string, content: string | Buffer = 'bytes'): Part[] {
  return [jsonPart(JSON.stringify(parameters)), { name: 'file', fileName, content }]
}

export function jsonPart(fileName: string): Part {
  return { name: 'json', fileName, content: '' }
}

export function formOf(parts: readonly Part[]): Buffer {
  const pieces = parts.flatMap(({ name, fileName, content = '', disposition }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName.replace(/["\\]/g, '\\$&')}"`
    const value = disposition ?? `form-data; name="${name}"${file}`
    return [`--${BOUNDARY}\r\nContent-Disposition: ${value}\r\n\r\n`, content, '\r\n']
  })
  return Buffer.concat([...pieces, `--${BOUNDARY}--\r\n`].map((piece) => Buffer.from(piece)))
}

function tokenHeader(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { token }
}
