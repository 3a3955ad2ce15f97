/** What the tests of this protocol run on: the whole REST API over a catalog on disk and a store in memory. */
import type { FastifyInstance, InjectOptions } from 'fastify'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { callerFor, openTestAccess, type TestClock } from '../../access/access.fixture.ts'
import { prepareFirstStart } from '../../access/first-start.ts'
import { PasswordResets } from '../../access/password-resets.ts'
import { registerAccount } from '../../access/registration.ts'
import { openTestBlobs } from '../../blobs/blobs.fixture.ts'
import { findAccountByUsername } from '../../catalog/accounts.ts'
import type { AtEnd } from '../../catalog/catalog.fixture.ts'
import type { Role } from '../../catalog/members.ts'
import { findOrgBySlug } from '../../catalog/orgs.ts'
import { type Config, DEFAULT_LIMITS, type Limits, loadConfig } from '../../config.ts'
import { Commands } from '../../control/commands.ts'
import { Shadows } from '../../control/shadows.ts'
import { FrontDoor } from '../../http/front-door.ts'
import { openHttp } from '../../http/open-http.ts'
import { publicUrlOf } from '../../http/public-url.ts'
import { IngestService } from '../../ingest/ingest-service.ts'
import { NameResolver } from '../../ingest/name-resolver.ts'
import { ReportIntake } from '../../ingest/reports/report-intake.ts'
import { MemoryStore } from '../../points/memory-store.ts'
import { DataLists } from '../../query/data-lists.ts'
import { PointLists } from '../../query/point-lists.ts'
import { QueryService } from '../../query/query-service.ts'
import { StreamSelector } from '../../query/stream-selector.ts'
import { Rollouts } from '../../rollout/rollouts.ts'
import { openVersionPoints } from '../../rollout/version-points.ts'
import { restPlugin } from './plugin.ts'
import type { RestServices } from './services.ts'

export const ADMIN = {
  username: 'admin',
  email: 'admin@localhost',
  password: 'correct horse',
  token: 'admin-token',
}
export const ORG = 'home'

export interface Reply<Body = any> {
  readonly status: number
  readonly body: Body
  readonly text: string
  readonly headers: Record<string, unknown>
}

export interface RestBench {
  readonly http: FastifyInstance
  /** Each method of each address below `/api/v1`, such as `GET /device/:slug/`. */
  readonly routes: readonly string[]
  readonly door: FrontDoor
  readonly services: RestServices
  readonly store: MemoryStore
  readonly clock: TestClock
  /** Sends a request, as the administrator unless told otherwise; `null` sends no credentials. */
  ask(path: string, options?: AskOptions): Promise<Reply>
  /** An active account with the password `secret`; a member when a role is given. Resolves to its token. */
  user(username: string, role?: Role): Promise<string>
}

export interface AskOptions {
  readonly method?: InjectOptions['method']
  readonly body?: unknown
  readonly token?: string | null
  readonly headers?: Record<string, string>
}

export async function openRestBench(
  changes: Partial<Omit<Config, 'limits'>> & { limits?: Partial<Limits> } = {},
  atEnd: AtEnd = onTestFinished,
): Promise<RestBench> {
  const access = await openTestAccess(atEnd)
  const { db, clock, passwords } = access
  await prepareFirstStart({ db, passwords, clock }, { ...ADMIN, org: 'Home' })
  const limits = { ...DEFAULT_LIMITS, ...changes.limits }
  const config = { ...loadConfig({}), ...changes, limits }
  const store = new MemoryStore()
  const resolver = new NameResolver(db, limits, clock)
  const ingest = new IngestService(store, resolver, limits)
  const points = new PointLists(store)
  const readVersions = openVersionPoints(db, (ids) => store.latest(ids))
  const services: RestServices = {
    config,
    clock,
    catalog: db,
    authenticator: access.authenticator,
    memberships: access.memberships,
    passwords,
    ingest,
    passwordResets: new PasswordResets({ db, passwords, clock, authenticator: access.authenticator }),
    resolver,
    selector: new StreamSelector({ catalog: db, clock }),
    query: new QueryService(store, limits),
    points,
    data: new DataLists({ points, catalog: db }),
    reports: new ReportIntake({ catalog: db, ingest, clock, limits }),
    blobs: await openTestBlobs(atEnd),
    publicUrl: publicUrlOf('http://sonde.test'),
    shadows: new Shadows({ db, clock }),
    commands: new Commands({ db, clock }),
    rollouts: new Rollouts({ db, clock, readVersions }),
    importElectricity: async () => 0,
    backup: async ({ folder }) => ({ folder, takenAt: '', points: 0, files: 0, bytes: 0 }),
  }
  const door = new FrontDoor()
  const http = openHttp(config, pino({ enabled: false }), door)
  const routes: string[] = []
  http.addHook('onRoute', ({ method, url, schema }) => {
    if (schema?.hide) return
    for (const name of [method].flat()) routes.push(`${name} ${url.slice('/api/v1'.length)}`)
  })
  await http.register(restPlugin, { ...services, door, prefix: '/api/v1' })
  atEnd(() => http.close())

  const ask = async (path: string, options: AskOptions = {}): Promise<Reply> => {
    const { method = 'GET', body, token = ADMIN.token, headers = {} } = options
    const reply = await http.inject({
      url: `/api/v1/${path}`,
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Token ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const isJson = String(reply.headers['content-type']).includes('json') && reply.body !== ''
    return {
      status: reply.statusCode,
      body: isJson ? reply.json() : undefined,
      text: reply.body,
      headers: reply.headers,
    }
  }

  const user = async (username: string, role?: Role): Promise<string> => {
    const email = `${username}@example.org`
    await registerAccount({ db, passwords, clock }, { username, email, password: 'secret', isActive: true })
    const account = await findAccountByUsername(db, username)
    const org = await findOrgBySlug(db, ORG)
    if (account && org && role) await access.memberships.add({ orgId: org.id, accountId: account.id, role })
    return (await access.authenticator.openSession(callerFor(account!))).token
  }

  return { http, routes, door, services, store, clock, ask, user }
}
