/** What the tests of this door run on: its plugin over a catalog on disk and a store in memory, listening. */
import { type AddressInfo, connect } from 'node:net'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { openTestAccess, type TestClock } from '../../access/access.fixture.ts'
import { prepareFirstStart } from '../../access/first-start.ts'
import { RateBudget } from '../../access/rate-budget.ts'
import { RateLimiter } from '../../access/rate-limit.ts'
import type { AtEnd } from '../../catalog/catalog.fixture.ts'
import type { CountedCatalog } from '../../catalog/change-counter.ts'
import { type Config, DEFAULT_LIMITS, type Limits, loadConfig } from '../../config.ts'
import { Shadows } from '../../control/shadows.ts'
import { FrontDoor } from '../../http/front-door.ts'
import { openHttp } from '../../http/open-http.ts'
import { IngestService } from '../../ingest/ingest-service.ts'
import { NameResolver } from '../../ingest/name-resolver.ts'
import { US_PER_HOUR } from '../../model/time.ts'
import { MemoryStore } from '../../points/memory-store.ts'
import { QueryService } from '../../query/query-service.ts'
import { pipelinePlugin } from './plugin.ts'
import type { PipelineServices } from './services.ts'

export const KEY = 'abcdefghijklmnop'
/** The front door leaves every request with this header over, and nothing behind it looks at it. */
export const NOT_FOR_THE_DOOR = { forwarded: 'for=unknown' }

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: any
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface PipelineBench {
  readonly catalog: CountedCatalog
  readonly services: PipelineServices
  readonly store: MemoryStore
  readonly clock: TestClock
  /** Everything that was logged, at every level. */
  readonly logged: () => string
  /** Answered by the front door since the start. */
  readonly hotCount: () => number
  /** `GET ?opt=…`, or with a path `POST /pipeline/stream?…`. */
  ask(request: string, options?: AskOptions): Promise<Reply>
}

export async function openPipelineBench(
  changes: Partial<Omit<Config, 'limits'>> & { limits?: Partial<Limits>; store?: MemoryStore } = {},
  atEnd: AtEnd = onTestFinished,
): Promise<PipelineBench> {
  const { db, clock, passwords } = await openTestAccess(atEnd)
  await prepareFirstStart(
    { db, passwords, clock },
    {
      username: 'admin',
      email: 'admin@localhost',
      password: 'correct horse',
      token: 'admin-token',
      org: 'Home',
    },
  )
  const { store = new MemoryStore(), ...settings } = changes
  const limits = { ...DEFAULT_LIMITS, ...changes.limits }
  const door = new FrontDoor()
  const config = { ...loadConfig({}), ...settings, limits }
  const services: PipelineServices = {
    config,
    clock,
    catalog: db,
    door,
    ingest: new IngestService(store, new NameResolver(db, limits, clock), limits),
    query: new QueryService(store, limits),
    shadows: new Shadows({ db, clock }),
    limiter: new RateLimiter({
      perAccountMax: limits.loginFailuresPerAccountMax,
      perAddressMax: limits.loginFailuresPerAddressMax,
      clock,
    }),
    creations: new RateBudget({
      countMax: limits.pipelineCreationsPerAddressMax,
      windowUs: US_PER_HOUR,
      clock,
    }),
  }
  let logged = ''
  const log = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk
      done()
    },
  })
  const http = openHttp(config, pino({ level: 'trace' }, log), door)
  await http.register(pipelinePlugin, services)
  let hotCount = 0
  door.onAnswered(() => hotCount++)
  await http.listen({ host: '127.0.0.1', port: 0 })
  atEnd(() => http.close())
  const { port } = http.server.address() as AddressInfo
  return {
    catalog: db,
    services,
    store,
    clock,
    logged: () => logged,
    hotCount: () => hotCount,
    ask(request, { headers = {}, body = '' } = {}) {
      const [, method, target] = /^(\S+) (.*)$/s.exec(request)!
      const address = (target.startsWith('?') ? `/pipeline/stream${target}` : target).replace(
        /[^!-~]/gu,
        encodeURIComponent,
      )
      const length = method === 'GET' && body === '' ? {} : { 'content-length': Buffer.byteLength(body) }
      const lines = Object.entries({ host: 'x', connection: 'close', ...length, ...headers })
      const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
      return exchange(port, Buffer.from(`${method} ${address} HTTP/1.1\r\n${head}\r\n${body}`))
    },
  }
}

function exchange(port: number, bytes: Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('utf8').on('data', (text) => {
      received += text
    })
    socket.once('error', reject).once('close', () => {
      const [head, body = ''] = received.split('\r\n\r\n')
      const [statusLine, ...lines] = head.split('\r\n')
      const headers = Object.fromEntries(
        lines.map((line) => [
          line.slice(0, line.indexOf(':')).toLowerCase(),
          line.slice(line.indexOf(':') + 2),
        ]),
      )
      resolve({
        status: Number(statusLine.split(' ')[1]),
        headers,
        body: body === '' ? undefined : JSON.parse(body),
      })
    })
  })
}
