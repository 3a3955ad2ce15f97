/**
 * Takes the reports of devices: each reading once, however often and in whatever pieces its report comes.
 *
 * A report is taken in two steps. One transaction of the catalog puts down the readings with their times, the
 * report, and the last reading of its streamer; from then on the readings are safe. Then they become points. Between
 * the two the report is pending, and whoever comes next (the next report of the streamer, the next start of the
 * server) does the second step again.
 */
import { randomUUID } from 'node:crypto'
import { formatDeviceSlug } from '@sonde/client'
import { findDevice } from '../../catalog/devices.ts'
import { createEvents } from '../../catalog/events.ts'
import { inTransaction } from '../../catalog/in-transaction.ts'
import { deleteReadings, deleteReadingsBefore } from '../../catalog/readings.ts'
import type { StreamerRow } from '../../catalog/schema/reports.ts'
import type { CatalogDb, DeviceRow } from '../../catalog/schema.ts'
import { findEngineVersion } from '../../catalog/sensor-graphs.ts'
import { insertReport } from '../../catalog/streamer-reports.ts'
import { advanceStreamer, findOrCreateStreamer, streamerSlug } from '../../catalog/streamers.ts'
import type { Limits } from '../../config.ts'
import { InvalidError, NotFoundError, OverloadedError } from '../../errors.ts'
import type { Clock } from '../../model/clock.ts'
import { US_PER_DAY, US_PER_S } from '../../model/time.ts'
import { ALL_TIME, type TimeRange } from '../../points/point-store.ts'
import type { IngestService } from '../ingest-service.ts'
import type { DeviceReport, ReportedReading } from './device-report.ts'
import { KeyedQueues } from './keyed-queues.ts'
import { type KeptEvent, planEvents } from './plan-events.ts'
import { markerLid, planMarker, planReadings } from './plan-readings.ts'
import { findReportStreams } from './report-streams.ts'
import { comesElsewhere, newItems, timesOf } from './report-timeline.ts'
import { settlePending, settleReport } from './settle-report.ts'
import { storeReadings } from './store-readings.ts'

export interface ReportIntakeDeps {
  readonly catalog: CatalogDb
  readonly ingest: IngestService
  readonly clock: Clock
  readonly limits: Pick<Limits, 'streamsPerProjectMax'>
}

export interface ReceivedReport {
  readonly report: DeviceReport
  /** Those of the report, with their documents kept. */
  readonly events: readonly KeptEvent[]
  /** When the uploader got it from the device. */
  readonly receivedUs: number
  readonly accountId: number
  /** The file as it came, kept as a blob. */
  readonly file: {
    readonly sha256: string
    readonly sizeBytes: number
    readonly name: string
    readonly mediaType: string
  }
}

const WAITING_PER_STREAMER_MAX = 8
const WAITING_MAX = 64
const ANOTHER_SERVER_RETRY_MS = 1_000

export class ReportIntake {
  readonly #deps: ReportIntakeDeps
  readonly #queues = new KeyedQueues({ perKeyMax: WAITING_PER_STREAMER_MAX, overallMax: WAITING_MAX })

  constructor(deps: ReportIntakeDeps) {
    this.#deps = deps
    deps.ingest.beforeDelete((streamIds, range) => deleteReadings(deps.catalog, streamIds, openEnded(range)))
  }

  /**
   * Resolves once everything of the report that is new is durable.
   * @throws {NotFoundError} there is no such device.
   * @throws {InvalidError} nobody has claimed the device, or a time cannot be stored; nothing was.
   * @throws {OverloadedError} too many reports wait, or the store is behind; to be sent again.
   */
  async receive(received: ReceivedReport): Promise<void> {
    const { device, streamerIndex } = received.report
    const slug = streamerSlug({ device_id: device, streamer_index: streamerIndex })
    await this.#queues.run(slug, async () => {
      const { catalog } = this.#deps
      const { id, streamerId } = await inTransaction(catalog, (db) => this.#store(db, received))
      await settlePending(this.#deps, streamerId)
      await settleReport(this.#deps, id)
    })
  }

  /** Finishes reports that a failure or the end of the process interrupted; resolves to how many. */
  async recover(): Promise<number> {
    return settlePending(this.#deps)
  }

  /** From time to time: what waits for its second step, and what retention has dropped the points of. */
  async sweep(retentionDays: number | undefined): Promise<void> {
    const { catalog, clock } = this.#deps
    await this.recover()
    if (retentionDays === undefined) return
    const today = Math.floor(clock.nowUs() / US_PER_DAY)
    await deleteReadingsBefore(catalog, (today - retentionDays) * US_PER_DAY)
  }

  async #store(db: CatalogDb, received: ReceivedReport): Promise<{ id: string; streamerId: number }> {
    const { clock, limits } = this.#deps
    const { report, receivedUs, accountId, file } = received
    const device = await claimedDevice(db, report.device)
    const nowUs = clock.nowUs()
    const streamer = await findOrCreateStreamer(db, {
      device_id: device.id,
      streamer_index: report.streamerIndex,
      selector: report.selector,
      process_engine_ver: await findEngineVersion(db, device),
      created_by: accountId,
      created_at_us: nowUs,
    })
    const baseUs = receivedUs - report.sentS * US_PER_S
    const id = randomUUID()
    const items = [...newItems(report.readings, streamer), ...newItems(received.events, streamer)]
    const times = timesOf(items, { report, streamer, baseUs })
    const wanted = items.filter((item) => !comesElsewhere(item, { report, streamer }))
    const streams = await findReportStreams(
      db,
      wanted.length === 0 ? [] : [...wanted.map(({ lid }) => lid), markerLid(report)],
      {
        projectId: device.project_id,
        deviceId: device.id,
        accountId,
        nowUs,
        streamsPerProjectMax: limits.streamsPerProjectMax,
      },
    )
    const plan = { ...report, id, receivedUs }
    const readings = planReadings(plan, wanted.filter(isReading), { times, streams })
    const made = { created_by: accountId, created_at_us: nowUs }
    const events = planEvents(wanted.filter(isEvent), { times, streams, receivedUs, made })
    const ids = [...readings.map((row) => row.reading_id), ...events.map((row) => row.streamer_local_id ?? 0)]
    ids.sort((a, b) => a - b)
    await storeReadings(db, ids.length === 0 ? [] : [...readings, ...planMarker(plan, streams)])
    await createEvents(db, events)
    await insertReport(db, {
      id,
      streamer_id: streamer.id,
      original_first_id: report.lowestId,
      original_last_id: report.highestId,
      actual_first_id: ids[0] ?? 0,
      actual_last_id: ids.at(-1) ?? 0,
      sent_at_us: receivedUs,
      device_sent_s: report.sentS,
      incremental_id: report.reportId,
      is_pending: 1,
      file_sha256: file.sha256,
      file_bytes: file.sizeBytes,
      file_name: file.name,
      media_type: file.mediaType,
      created_at_us: nowUs,
      created_by: accountId,
    })
    const lastId = items.reduce((last, item) => Math.max(last, item.id), 0)
    if (items.length > 0) await advance(db, streamer, { lastId, baseUs })
    return { id, streamerId: streamer.id }
  }
}

/** Without bounds where a range has none, so that readings without a time go with all others. */
function openEnded({ fromUs, toUs }: TimeRange): { fromUs?: number; toUs?: number } {
  return {
    ...(fromUs > ALL_TIME.fromUs ? { fromUs } : {}),
    ...(toUs < ALL_TIME.toUs ? { toUs } : {}),
  }
}

async function claimedDevice(db: CatalogDb, id: number): Promise<DeviceRow & { project_id: number }> {
  const device = await findDevice(db, id)
  if (!device) throw new NotFoundError()
  const { project_id } = device
  if (project_id !== null) return { ...device, project_id }
  throw new InvalidError(`Device ${formatDeviceSlug(id)} has not been claimed. Yet, it is uploading a report`)
}

function isReading(item: ReportedReading | KeptEvent): item is ReportedReading {
  return 'raw' in item
}

function isEvent(item: ReportedReading | KeptEvent): item is KeptEvent {
  return 'extraData' in item
}

/** Not for a report that brings nothing new: it says nothing new of the device's start either. */
async function advance(
  db: CatalogDb,
  streamer: StreamerRow,
  { lastId, baseUs }: { lastId: number; baseUs: number },
): Promise<void> {
  const isMine = await advanceStreamer(db, streamer, { lastId, lastRebootUs: baseUs })
  if (!isMine)
    throw new OverloadedError('Another server takes a report of this streamer', ANOTHER_SERVER_RETRY_MS)
}
