/** What the tests of this protocol run on: a catalog on disk, a points store, and the meter's real file. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Authenticator } from '../../access/authenticator.ts'
import { openJwtSessions } from '../../access/jwt.ts'
import { Passwords } from '../../access/passwords.ts'
import { RateLimiter } from '../../access/rate-limit.ts'
import { migrate } from '../../catalog/migrate.ts'
import { openSqlite, openSqliteReadOnly } from '../../catalog/open-sqlite.ts'
import { US_PER_S } from '../../model/time.ts'
import { MemoryStore } from '../../points/memory-store.ts'
import { ALL_TIME, type PointStore } from '../../points/point-store.ts'
import { AnswerCache } from './answer-cache.ts'
import type { ElectricityStreams } from './import-electricity.ts'
import { openElectricityLogins } from './logins.ts'

/** The meter's file lies beside the repository. Without it tests are skipped, except where CI is true. */
export const METER_FILE = fileURLToPath(
  new URL('../../../../../../shared/data/Monitoring_report.csv', import.meta.url),
)
export const METER_FILE_MISSING = !existsSync(METER_FILE) && process.env.CI !== 'true'

export const STREAM_IDS = Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8)

export class TestClock {
  #nowUs = Date.UTC(2026, 0, 1) * 1_000

  nowUs(): number {
    return this.#nowUs
  }

  advanceS(seconds: number): void {
    this.#nowUs += seconds * US_PER_S
  }
}

export type TestBench = Awaited<ReturnType<typeof openTestBench>>

/** Close it with `await bench.close()`. */
export async function openTestBench() {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-electricity-'))
  const catalog = openSqlite(join(folder, 'catalog.db'))
  await migrate(catalog, { programVersion: '0.0.0', nowUs: 0 })
  const readOnlyCatalog = openSqliteReadOnly(join(folder, 'catalog.db'))
  const clock = new TestClock()
  const passwords = new Passwords({ cost: 16 })
  const limiter = new RateLimiter({ perAccountMax: 5, perAddressMax: 100, clock })
  const jwts = await openJwtSessions({ db: catalog, audience: 'sonde', clock })
  const authenticator = new Authenticator({ db: catalog, passwords, jwts, limiter, clock })
  const points = new MemoryStore()
  return {
    catalog,
    readOnlyCatalog,
    clock,
    points,
    passwords,
    jwts,
    logins: await openElectricityLogins({ catalog, authenticator, clock }),
    answers: new AnswerCache({ clock }),
    streams: streamsOver(points),
    close: async () => {
      await readOnlyCatalog.destroy()
      await catalog.destroy()
      await rm(folder, { recursive: true })
    },
  }
}

function streamsOver(points: PointStore): ElectricityStreams {
  return {
    ensureStreams: async () => STREAM_IDS,
    isEmpty: async (streamIds) => (await points.extent(streamIds)) === undefined,
    append: (batch) => points.append(batch),
    deleteAll: async (streamIds) => {
      await points.deleteRange(streamIds, ALL_TIME)
    },
  }
}
