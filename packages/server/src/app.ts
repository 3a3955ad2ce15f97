/**
 * The composition root: the only file that names concrete stores. It opens them, hands them to the services,
 * the services to the protocols, and takes everything down again in the reverse order.
 */
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type Logger, pino } from 'pino'
import { Authenticator } from './access/authenticator.ts'
import { type FirstStart, prepareFirstStart } from './access/first-start.ts'
import { openJwtSessions } from './access/jwt.ts'
import { Memberships } from './access/memberships.ts'
import { PasswordResets } from './access/password-resets.ts'
import { Passwords } from './access/passwords.ts'
import { RateBudget } from './access/rate-budget.ts'
import { RateLimiter } from './access/rate-limit.ts'
import { Backups } from './backup/backups.ts'
import { FileStore } from './blobs/file-store.ts'
import { findNamedBlobs } from './catalog/blob-references.ts'
import type { CountedCatalog } from './catalog/change-counter.ts'
import { migrate } from './catalog/migrate.ts'
import { openSqlite, openSqliteReadOnly } from './catalog/open-sqlite.ts'
import type { CatalogDb } from './catalog/schema.ts'
import type { Config } from './config.ts'
import { Commands } from './control/commands.ts'
import { Shadows } from './control/shadows.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import { firstPartsBelow } from './http/first-parts.ts'
import { FrontDoor } from './http/front-door.ts'
import { openHttp } from './http/open-http.ts'
import { publicUrlOf } from './http/public-url.ts'
import { IngestService } from './ingest/ingest-service.ts'
import { NameResolver } from './ingest/name-resolver.ts'
import { ReportIntake } from './ingest/reports/report-intake.ts'
import { systemClock } from './model/clock.ts'
import { US_PER_DAY, US_PER_HOUR, US_PER_MS } from './model/time.ts'
import { type OperatorFile, writeOperatorFile } from './operator-file.ts'
import { ChunkStore } from './points/chunk/chunk-store.ts'
import { AnswerCache } from './protocols/electricity/answer-cache.ts'
import { importElectricity } from './protocols/electricity/import-electricity.ts'
import { parseImportUser } from './protocols/electricity/import-user.ts'
import { openElectricityLogins } from './protocols/electricity/logins.ts'
import { openMeterStreams } from './protocols/electricity/meter-streams.ts'
import { electricityPlugin } from './protocols/electricity/plugin.ts'
import { firmwarePlugin } from './protocols/firmware/plugin.ts'
import { influxPlugin } from './protocols/influx/plugin.ts'
import { PackageLogins } from './protocols/packages/logins.ts'
import { packagesPlugin } from './protocols/packages/plugin.ts'
import { pipelinePlugin } from './protocols/pipeline/plugin.ts'
import { restPlugin } from './protocols/rest/plugin.ts'
import type { RestServices } from './protocols/rest/services.ts'
import { docsRoutes } from './protocols/site/docs-routes.ts'
import { healthRoutes } from './protocols/site/health-routes.ts'
import { landingRoutes } from './protocols/site/landing-routes.ts'
import { metricsRoutes } from './protocols/site/metrics-routes.ts'
import { timeseriesPlugin } from './protocols/timeseries/plugin.ts'
import { DataLists } from './query/data-lists.ts'
import { PointLists } from './query/point-lists.ts'
import { QueryService } from './query/query-service.ts'
import { StreamSelector } from './query/stream-selector.ts'
import { DeviceUpdates } from './rollout/device-updates.ts'
import type { RolloutParts } from './rollout/rollout-steps.ts'
import { Rollouts } from './rollout/rollouts.ts'
import { openVersionPoints } from './rollout/version-points.ts'
import { VERSION } from './version.ts'

export interface App {
  readonly log: Logger
  /** For tests, which send requests without a network. */
  readonly http: FastifyInstance
  /** What the first start of this data folder generated; undefined at every later start. */
  readonly firstStart: FirstStart | undefined
  /** Takes requests from now on; resolves to the address to use on this machine. */
  start(): Promise<string>
  /** Takes no more requests, answers those under way, and closes the stores. */
  stop(): Promise<void>
}

/** Of the memory budget: two heads, of 24 bytes a point, take a fifth, and summaries of chunks an eighth. */
const HEAD_POINTS_PER_MB = 4_096
const SUMMARIES_SHARE = 8

const SWEEP_MS = (6 * US_PER_HOUR) / US_PER_MS
const ROLLOUT_SWEEP_MS = 30_000

/**
 * Opens the stores and replays the log, so that no request sees a half-open store.
 * @throws {ConflictError} another process uses the data folder.
 * @throws {InvalidError} the catalog was written by a newer version.
 */
export async function buildApp(config: Config): Promise<App> {
  const log = pino({ level: config.logLevel, base: null }, pino.destination(2))
  const clock = systemClock
  const opened = await openStores(config, log)
  const { catalog, readOnlyCatalog, store, blobs } = opened

  const passwords = new Passwords()
  const firstStart = await prepareFirstStart({ db: catalog, passwords }, config.init)
  const failureLimits = {
    perAccountMax: config.limits.loginFailuresPerAccountMax,
    perAddressMax: config.limits.loginFailuresPerAddressMax,
  }
  const limiter = new RateLimiter(failureLimits)
  const jwts = await openJwtSessions({ db: catalog, audience: 'sonde' })
  const authenticator = new Authenticator({ db: catalog, passwords, jwts, limiter })
  const passwordResets = new PasswordResets({
    db: catalog,
    passwords,
    authenticator,
    onRequested: ({ username, slug }) =>
      log.warn(
        { username },
        `somebody asks for a new password; staff make a token with POST /api/v1/account/${slug}/reset_token/`,
      ),
    onFailure: (error) => log.error({ err: error }, 'a request for a new password could not be noted'),
  })
  const resolver = new NameResolver(catalog, config.limits, clock)
  const ingest = new IngestService(store, resolver, config.limits)
  const electricity = {
    readOnlyCatalog,
    logins: await openElectricityLogins({ catalog, authenticator, clock }),
    answers: new AnswerCache({ clock }),
  }
  const backups = new Backups({ dataDir: config.dataDir, store, blobs, clock, programVersion: VERSION })
  const points = new PointLists(store)
  const reports = new ReportIntake({ catalog, ingest, clock, limits: config.limits })
  const recovered = await reports.recover()
  if (recovered > 0) log.info({ reports: recovered }, 'reports that were interrupted were finished')
  const readVersions = openVersionPoints(catalog, (ids) => store.latest(ids))
  const rolloutParts: RolloutParts = {
    db: catalog,
    clock,
    readVersions,
    onStopped: (stopped) => log.warn(stopped, 'a rollout stopped by itself'),
  }
  const rollouts = new Rollouts(rolloutParts)
  const rest: RestServices = {
    config,
    clock,
    catalog,
    authenticator,
    memberships: new Memberships({ db: catalog }),
    passwords,
    passwordResets,
    ingest,
    resolver,
    selector: new StreamSelector({ catalog, clock }),
    query: new QueryService(store, config.limits),
    points,
    data: new DataLists({ points, catalog }),
    reports,
    blobs,
    publicUrl: publicUrlOf(config.publicUrl),
    shadows: new Shadows({ db: catalog, clock }),
    commands: new Commands({ db: catalog, clock }),
    rollouts,
    importElectricity({ accountId, user, ...request }) {
      const streams = openMeterStreams({ catalog, clock, ingest, resolver }, accountId)
      return importElectricity(
        { catalog, readOnlyCatalog, passwords, clock, streams, answers: electricity.answers },
        { ...request, user: user === undefined ? undefined : parseImportUser(user) },
      )
    },
    async backup(request) {
      const backup = await backups.write(request)
      log.info(backup, 'a backup was written')
      return backup
    },
  }

  const registrations = new RateLimiter({
    perAccountMax: config.limits.registrationsPerAddressMax,
    perAddressMax: config.limits.registrationsPerAddressMax,
  })
  const packageLogins = new PackageLogins({
    config: config.packages,
    catalog,
    clock,
    authenticator,
    passwords,
    registrations,
  })

  const door = new FrontDoor()
  const http = openHttp(config, log, door)
  docsRoutes(http, () => openHttp(config, log, new FrontDoor()))
  const nativeNames = firstPartsBelow(http, '/api/v1')
  const stoppedReason = async () => (await store.stats()).stoppedReason
  healthRoutes(http, { stoppedReason })
  metricsRoutes(http, { ingestTotals: () => ingest.totals, store: () => store.stats(), door })
  await http.register(restPlugin, { ...rest, door, prefix: '/api/v1' })
  await http.register(packagesPlugin, {
    prefix: '/api/v1',
    config: config.packages,
    catalog,
    clock,
    blobs,
    logins: packageLogins,
    isTaken: (name) => nativeNames.has(name),
  })
  await http.register(electricityPlugin, electricity)
  await http.register(influxPlugin, { ...rest, door, stoppedReason })
  await http.register(timeseriesPlugin, { ...rest, door })
  await http.register(pipelinePlugin, {
    ...rest,
    catalog,
    door,
    // Counted apart, so that boards with a wrong key do not lock people out.
    limiter: new RateLimiter(failureLimits),
    creations: new RateBudget({
      countMax: config.limits.pipelineCreationsPerAddressMax,
      windowUs: US_PER_HOUR,
    }),
  })
  await http.register(firmwarePlugin, {
    prefix: '/firmware',
    ...rest,
    updates: new DeviceUpdates(rolloutParts),
  })
  await http.register(landingRoutes)
  http.setNotFoundHandler((_request, reply) => reply.code(404).send({ detail: 'Not found.' }))

  const sweeper = setInterval(() => {
    authenticator.sweep().catch((error) => log.error({ err: error }, 'old tokens could not be removed'))
    reports
      .sweep(config.retentionDays)
      .catch((error) => log.error({ err: error }, 'reports could not be finished, or their readings dropped'))
    passwordResets
      .sweep()
      .catch((error) => log.error({ err: error }, 'old requests for passwords could not be removed'))
    blobs
      .sweep((hashes) => findNamedBlobs(catalog, hashes))
      .catch((error) => log.error({ err: error }, 'files that nothing needs any more could not be removed'))
  }, SWEEP_MS)
  const rolloutSweeper = setInterval(() => {
    rollouts.sweep().catch((error) => log.error({ err: error }, 'rollouts could not be looked at'))
  }, ROLLOUT_SWEEP_MS)
  let operatorFile: OperatorFile | undefined

  return {
    log,
    http,
    firstStart,
    async start() {
      await http.listen({ host: config.host, port: config.port })
      const { port } = http.server.address() as AddressInfo
      operatorFile = await writeOperatorFile(
        { catalog, clock },
        { folder: config.dataDir, url: `http://${localHost(config.host)}:${port}` },
      )
      return config.publicUrl ?? `http://${shownHost(config.host)}:${port}`
    },
    async stop() {
      clearInterval(sweeper)
      clearInterval(rolloutSweeper)
      await http.close()
      await operatorFile?.remove()
      await opened.close()
    },
  }
}

interface Stores {
  readonly catalog: CountedCatalog
  readonly readOnlyCatalog: CatalogDb
  readonly store: ChunkStore
  readonly blobs: FileStore
  close(): Promise<void>
}

async function openStores(config: Config, log: Logger): Promise<Stores> {
  const lock = await lockFolder(config.dataDir)
  try {
    return await openLocked(config, log, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

async function openLocked(config: Config, log: Logger, lock: FolderLock): Promise<Stores> {
  const catalogPath = join(config.dataDir, 'catalog.db')
  const catalog = openSqlite(catalogPath)
  const taken = await migrate(catalog, { programVersion: VERSION, nowUs: systemClock.nowUs() })
  if (taken.length > 0) log.debug({ migrations: taken }, 'the catalog was brought up to date')
  const readOnlyCatalog = openSqliteReadOnly(catalogPath)
  const blobs = await FileStore.open(join(config.dataDir, 'blobs'))
  const store = await ChunkStore.open({
    folder: join(config.dataDir, 'points'),
    batchPointsMax: config.limits.batchRowsMax,
    queuedPointsMax: config.limits.queuedPointsMax,
    headPointsMax: config.memoryMaxMb * HEAD_POINTS_PER_MB,
    summaryBytesMax: (config.memoryMaxMb / SUMMARIES_SHARE) * 2 ** 20,
    retentionMs: config.retentionDays && (config.retentionDays * US_PER_DAY) / US_PER_MS,
    onTornTail: (tail) => log.warn(tail, 'the log ended in a torn record, which nobody was told is stored'),
    onIntakeStopped: (error) =>
      log.fatal({ err: error }, 'no points are taken any more; free or mend the disk, then restart'),
    onSettleFailure: (error) =>
      log.error(
        { err: error },
        'points could not be moved into chunks, merged or dropped; trying again later',
      ),
  })
  return {
    catalog,
    readOnlyCatalog,
    store,
    blobs,
    async close() {
      await store.close()
      await readOnlyCatalog.destroy()
      await catalog.destroy()
      lock.release()
    },
  }
}

/** Where a program on this machine reaches a server that listens on `host`. */
function localHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

function shownHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? 'localhost' : localHost(host)
}
