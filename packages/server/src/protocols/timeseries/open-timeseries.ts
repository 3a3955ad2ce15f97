/**
 * Puts the parts of this API together, and brings what is remembered of points up to the points store: what a
 * crash has kept from being written there.
 */
import type { FastifyBaseLogger } from 'fastify'
import { InvalidError } from '../../errors.ts'
import { US_PER_DAY } from '../../model/time.ts'
import { findZoneClock, type ZoneClock } from '../../model/zone-clock.ts'
import { rangeOf } from '../../query/point-lists.ts'
import { readMarker } from './marker.ts'
import { Ownership } from './ownership.ts'
import { PointIds } from './point-ids.ts'
import { PointIndex } from './point-index.ts'
import { PointReader } from './point-reader.ts'
import { PointWriter } from './point-writer.ts'
import { Removals } from './removals.ts'
import { SeriesBook } from './series-book.ts'
import type { TimeseriesServices } from './services.ts'
import { Stamps } from './stamps.ts'
import { UserFile } from './user-file.ts'
import { Writers } from './writers.ts'

export interface Timeseries {
  readonly services: TimeseriesServices
  readonly log: FastifyBaseLogger
  readonly zone: ZoneClock
  readonly book: SeriesBook
  readonly index: PointIndex
  readonly stamps: Stamps
  readonly reader: PointReader
  readonly writer: PointWriter
  readonly removals: Removals
  readonly writers: Writers
  readonly ownership: Ownership
  close(): Promise<void>
}

const REFRESH_USERS_MS = 2_000
const SWEEP_MS = 6 * 60 * 60 * 1_000

/** @throws {InvalidError} the file of users or the time zone of the configuration is no good. */
export async function openTimeseries(
  services: TimeseriesServices,
  log: FastifyBaseLogger,
): Promise<Timeseries> {
  const { catalog, clock, config, ingest, points, authenticator, memberships } = services
  const zone = findZoneClock(config.timeseriesZone)
  if (zone === undefined) {
    throw new InvalidError(
      `SONDE_TIMESERIES_ZONE is "${config.timeseriesZone}"; it must be an IANA zone such as UTC`,
    )
  }
  const users = await openUsers(config.timeseriesUsers, log)
  const book = new SeriesBook(services)
  const index = new PointIndex({
    catalog,
    onFailure: (error) => log.error({ err: error }, 'ids of points could not be written; trying again'),
  })
  const ids = new PointIds(catalog)
  const stamps = new Stamps(clock)
  const removals = new Removals({ catalog, clock, ingest, points, book, index })
  const interrupted = await book.load()
  await readUnindexed({ book, index, points })
  for (const series of interrupted) {
    removals.finish(series).catch((error) => log.error({ err: error }, 'a series could not be removed'))
  }

  const refresh = setInterval(() => void users?.refresh(), REFRESH_USERS_MS).unref()
  const { retentionDays } = config
  const sweep = setInterval(() => {
    if (retentionDays === undefined) return
    removals
      .sweep(clock.nowUs() - (retentionDays + 1) * US_PER_DAY)
      .catch((error) => log.error({ err: error }, 'old ids of points could not be removed'))
  }, SWEEP_MS).unref()

  return {
    services,
    log,
    zone,
    book,
    index,
    stamps,
    reader: new PointReader({ book, points }),
    writer: new PointWriter({ book, ids, index, stamps, ingest, points, limits: config.limits }),
    removals,
    writers: new Writers({ authenticator, catalog, users }),
    ownership: new Ownership({ catalog, memberships }),
    async close() {
      clearInterval(refresh)
      clearInterval(sweep)
      try {
        await index.close()
      } finally {
        await ids.close()
      }
    },
  }
}

async function openUsers(path: string | undefined, log: FastifyBaseLogger): Promise<UserFile | undefined> {
  if (path === undefined) return undefined
  const onProblem = (error: unknown) => log.error({ err: error }, 'the users stay as they were')
  return UserFile.open({ path, onProblem })
}

/** Points behind the latest indexed one of their series, of which a crash has lost the rows. */
async function readUnindexed({
  book,
  index,
  points,
}: Pick<Timeseries, 'book' | 'index'> & Pick<TimeseriesServices, 'points'>): Promise<void> {
  for (const series of book.all()) {
    const { id: seriesId, indexed_to_us: indexedToUs, point_stream_id: streamId } = series.row
    const range = rangeOf(indexedToUs === null ? {} : { startUs: indexedToUs + 1 })
    for await (const { timeUs, value } of points.all([streamId], range)) {
      const marker = readMarker(value)
      if (marker === undefined) continue
      index.add({ id: marker.id, series_id: seriesId, time_us: timeUs })
      series.count++
      series.lastUs = timeUs
    }
  }
  await index.flush()
}
