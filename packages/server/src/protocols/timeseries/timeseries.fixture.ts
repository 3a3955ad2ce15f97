/** What the tests of this API run on: its plugin over a catalog on disk and a store in memory. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { openTestAccess } from '../../access/access.fixture.ts'
import { prepareFirstStart } from '../../access/first-start.ts'
import type { AtEnd } from '../../catalog/catalog.fixture.ts'
import { DEFAULT_LIMITS, type Limits, loadConfig } from '../../config.ts'
import { FrontDoor } from '../../http/front-door.ts'
import { openHttp } from '../../http/open-http.ts'
import { IngestService } from '../../ingest/ingest-service.ts'
import { NameResolver } from '../../ingest/name-resolver.ts'
import { MemoryStore } from '../../points/memory-store.ts'
import { PointLists } from '../../query/point-lists.ts'
import { timeseriesPlugin } from './plugin.ts'
import type { TimeseriesServices } from './services.ts'

export const USERS = { 'tok-A': { name: 'Robin', id: 1 }, 'tok-B': { name: 'Eve', id: 2 } }
export const ADMIN = { username: 'admin', password: 'correct horse', token: 'admin-token' }
/** When the clock of the tests begins. */
export const START = '2026-01-01T00:00:00'

export interface Reply<Body = any> {
  readonly status: number
  readonly body: Body
  readonly text: string
  readonly headers: Record<string, unknown>
}

export interface TimeseriesBench {
  readonly http: FastifyInstance
  readonly services: TimeseriesServices
  readonly access: Awaited<ReturnType<typeof openTestAccess>>
  readonly usersPath: string
  readonly store: MemoryStore
  ask(method: string, url: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** The same catalog and store under a new plugin, as after a crash: the old one is not asked to stop. */
  restart(): Promise<TimeseriesBench>
}

export async function openTimeseriesBench(
  options: { limits?: Partial<Limits>; zone?: string; store?: MemoryStore; atEnd?: AtEnd } = {},
): Promise<TimeseriesBench> {
  const { atEnd = onTestFinished } = options
  const access = await openTestAccess(atEnd)
  const { db, clock, passwords } = access
  await prepareFirstStart({ db, passwords, clock }, { ...ADMIN, email: 'admin@localhost', org: 'Home' })
  const folder = await mkdtemp(join(tmpdir(), 'sonde-series-'))
  atEnd(() => rm(folder, { recursive: true }))
  const usersPath = join(folder, 'users.json')
  await writeFile(usersPath, JSON.stringify(USERS))
  return openOver(access, { ...options, atEnd, usersPath, store: options.store ?? new MemoryStore() })
}

async function openOver(
  access: TimeseriesBench['access'],
  {
    limits: changes = {},
    zone = 'UTC',
    atEnd,
    usersPath,
    store,
  }: { limits?: Partial<Limits>; zone?: string; atEnd: AtEnd; usersPath: string; store: MemoryStore },
): Promise<TimeseriesBench> {
  const { db, clock, authenticator, memberships } = access
  const limits = { ...DEFAULT_LIMITS, ...changes }
  const environment = { SONDE_TIMESERIES_USERS: usersPath, SONDE_TIMESERIES_ZONE: zone }
  const config = { ...loadConfig(environment), limits }
  const resolver = new NameResolver(db, limits, clock)
  const door = new FrontDoor()
  const services: TimeseriesServices = {
    config,
    door,
    clock,
    catalog: db,
    authenticator,
    memberships,
    resolver,
    ingest: new IngestService(store, resolver, limits),
    points: new PointLists(store),
  }
  const http = openHttp(config, pino({ enabled: false }), door)
  await http.register(timeseriesPlugin, services)
  atEnd(() => http.close())
  return {
    http,
    services,
    access,
    usersPath,
    store,
    async ask(method, url, body, headers = {}) {
      const reply = await http.inject({
        url,
        method: method as 'GET',
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const isJson = String(reply.headers['content-type']).includes('json') && reply.body !== ''
      return {
        status: reply.statusCode,
        body: isJson ? reply.json() : undefined,
        text: reply.body,
        headers: reply.headers,
      }
    },
    restart: () => openOver(access, { limits: changes, zone, atEnd, usersPath, store }),
  }
}
