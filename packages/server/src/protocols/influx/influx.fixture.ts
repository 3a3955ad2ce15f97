/** What the tests of this door run on: its plugin over a catalog on disk and a store in memory. */
import type { FastifyInstance, InjectOptions } from 'fastify'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { callerFor, openTestAccess, type TestClock } from '../../access/access.fixture.ts'
import type { Scope } from '../../access/caller.ts'
import { prepareFirstStart } from '../../access/first-start.ts'
import { registerAccount } from '../../access/registration.ts'
import { issueApiToken, type TokenLimit } from '../../access/tokens.ts'
import { findAccountByUsername } from '../../catalog/accounts.ts'
import { FIRST_PAGE } from '../../catalog/catalog.fixture.ts'
import { listDevices } from '../../catalog/devices.ts'
import type { Role } from '../../catalog/members.ts'
import { findOrgBySlug } from '../../catalog/orgs.ts'
import { listProjects } from '../../catalog/projects.ts'
import { listStreams } from '../../catalog/streams.ts'
import { listVariables } from '../../catalog/variables.ts'
import { DEFAULT_LIMITS, type Limits, loadConfig } from '../../config.ts'
import { FrontDoor } from '../../http/front-door.ts'
import { openHttp } from '../../http/open-http.ts'
import { IngestService } from '../../ingest/ingest-service.ts'
import { NameResolver } from '../../ingest/name-resolver.ts'
import { MemoryStore } from '../../points/memory-store.ts'
import { ALL_TIME } from '../../points/point-store.ts'
import { influxPlugin } from './plugin.ts'
import type { InfluxServices } from './services.ts'

export const ADMIN = { username: 'admin', password: 'correct horse', token: 'admin-token' }

export interface Reply<Body = any> {
  readonly status: number
  readonly body: Body
  readonly text: string
  readonly headers: Record<string, unknown>
}

export interface AskOptions {
  readonly body?: string | Buffer
  readonly method?: InjectOptions['method']
  /** The administrator's token unless given; `null` sends none. */
  readonly authorization?: string | null
  readonly headers?: Record<string, string>
}

export interface InfluxBench {
  readonly http: FastifyInstance
  readonly services: InfluxServices
  readonly resolver: NameResolver
  readonly clock: TestClock
  readonly passwords: Awaited<ReturnType<typeof openTestAccess>>['passwords']
  ask(url: string, options?: AskOptions): Promise<Reply>
  /** Everything that is stored, as `project/device/variable` with times and values, in order. */
  stored(): Promise<Record<string, (readonly [timeUs: number, value: number | string])[]>>
  /** An active account with the password `secret`, a member of the first organisation. */
  addUser(username: string, role: Role): Promise<void>
  /** A new API token of the administrator, or of somebody else. */
  addToken(scopes: readonly Scope[], limit?: TokenLimit, username?: string): Promise<string>
}

export async function openInfluxBench({
  limits: changes = {},
  store = new MemoryStore(),
  stoppedReason,
}: {
  limits?: Partial<Limits>
  store?: MemoryStore
  stoppedReason?: string
} = {}): Promise<InfluxBench> {
  const access = await openTestAccess(onTestFinished)
  const { db, clock, passwords, authenticator, memberships } = access
  await prepareFirstStart({ db, passwords, clock }, { ...ADMIN, email: 'admin@localhost', org: 'Home' })
  const limits = { ...DEFAULT_LIMITS, ...changes }
  const config = { ...loadConfig({}), limits }
  const resolver = new NameResolver(db, limits, clock)
  const door = new FrontDoor()
  const services: InfluxServices = {
    config,
    door,
    clock,
    catalog: db,
    authenticator,
    memberships,
    ingest: new IngestService(store, resolver, limits),
    stoppedReason: async () => stoppedReason,
  }
  const http = openHttp(config, pino({ enabled: false }), door)
  await http.register(influxPlugin, services)
  onTestFinished(() => http.close())

  const accountOf = async (username: string) => (await findAccountByUsername(db, username))!
  return {
    http,
    services,
    resolver,
    clock,
    passwords,
    async ask(url, { body, method = 'POST', authorization = `Token ${ADMIN.token}`, headers = {} } = {}) {
      const reply = await http.inject({
        url,
        method,
        headers: { ...(authorization === null ? {} : { authorization }), ...headers },
        ...(body === undefined ? {} : { payload: body }),
      })
      const isJson = String(reply.headers['content-type']).includes('json') && reply.body !== ''
      return {
        status: reply.statusCode,
        body: isJson ? reply.json() : undefined,
        text: reply.body,
        headers: reply.headers,
      }
    },
    async stored() {
      const all: Record<string, (readonly [number, number | string])[]> = {}
      const names = new Map<string, string>()
      for (const { id, name } of (await listProjects(db, { sight: {} }, FIRST_PAGE)).rows)
        names.set(`p${id}`, name)
      for (const { id, label } of (await listDevices(db, { sight: {} }, FIRST_PAGE)).rows)
        names.set(`d${id}`, label)
      for (const { project_id, lid, name } of (await listVariables(db, { sight: {} }, FIRST_PAGE)).rows) {
        names.set(`v${project_id}.${lid}`, name)
      }
      for (const row of (await listStreams(db, { sight: {} }, FIRST_PAGE)).rows) {
        const keys = [`p${row.project_id}`, `d${row.device_id}`, `v${row.project_id}.${row.variable_lid}`]
        const { timesUs, values, texts } = await store.readRange(row.id, ALL_TIME)
        const points = Array.from(timesUs, (timeUs, i) => [timeUs, texts?.get(i) ?? values[i]] as const)
        all[keys.map((key) => names.get(key)).join('/')] = points
      }
      return all
    },
    async addUser(username, role) {
      const email = `${username}@example.org`
      await registerAccount({ db, passwords, clock }, { username, email, password: 'secret', isActive: true })
      const org = await findOrgBySlug(db, 'home')
      await memberships.add({ orgId: org!.id, accountId: (await accountOf(username)).id, role })
    },
    async addToken(scopes, limit, username = ADMIN.username) {
      const caller = callerFor(await accountOf(username))
      const { text } = await issueApiToken(db, caller, {
        name: 'test',
        scopes: new Set(scopes),
        ...(limit === undefined ? {} : { limit }),
        nowUs: clock.nowUs(),
      })
      return text
    },
  }
}
