/** What a report adds to what is known: its new readings with streams, times and values. */

import type { StreamerRow } from '../../catalog/schema/reports.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import { InvalidError } from '../../errors.ts'
import { TIME_US_MIN } from '../../model/time.ts'
import { internalOf } from '../../model/value-chain.ts'
import { type DeviceReport, REBOOT_LID, type Reported, type ReportedReading } from './device-report.ts'
import { handlesReboots, placeTimes, type TimeStatus } from './reading-times.ts'
import { findReportStreams, type ReportStream, type StreamsOfReport } from './report-streams.ts'
import type { UnnumberedReading } from './store-readings.ts'

/** Variables of the points that say that a report came, whole or chopped off. */
const COMPLETE_LID = 0x5a05
const CHOPPED_LID = 0x5a06

export interface ReportToPlan extends DeviceReport {
  readonly id: string
  readonly receivedUs: number
  readonly baseUs: number
}

export interface PlannedReadings {
  readonly readings: readonly UnnumberedReading[]
  /** Of those that came from the device; 0 when there are none. */
  readonly firstId: number
  readonly lastId: number
}

interface TimedReading extends ReportedReading {
  readonly placedUs: number | null
  readonly status: TimeStatus
}

/** What the streamer has not sent before, each number once, in the device's order. */
export function newReadings(
  { readings }: Pick<DeviceReport, 'readings'>,
  { last_id }: Pick<StreamerRow, 'last_id'>,
): ReportedReading[] {
  const byId = new Map<number, ReportedReading>()
  for (const reading of readings) {
    if (reading.id > last_id && !byId.has(reading.id)) byId.set(reading.id, reading)
  }
  return [...byId.values()].sort((a, b) => a.id - b.id)
}

/**
 * Disabled streams are left out, and readings whose value is no number in the stream's format.
 * @throws {InvalidError} a time lies outside of what can be stored.
 */
export async function planReadings(
  db: CatalogDb,
  { report, streamer, streams }: { report: ReportToPlan; streamer: StreamerRow; streams: StreamsOfReport },
): Promise<PlannedReadings> {
  const timed = withTimes(newReadings(report, streamer), { report, streamer })
  const marker = markerOf(report)
  const lids = timed.map(({ lid }) => lid)
  const found = await findReportStreams(db, timed.length === 0 ? [] : [...lids, marker.lid], streams)
  const row = (reading: TimedReading) => rowOf(reading, found.get(reading.lid)!, report.id)
  const kept = timed.flatMap((reading) => row(reading) ?? [])
  if (kept.length === 0) return { readings: [], firstId: 0, lastId: 0 }
  const [first] = kept
  const last = kept[kept.length - 1]
  return {
    readings: [...kept, row(marker) ?? []].flat(),
    firstId: first.reading_id,
    lastId: last.reading_id,
  }
}

function withTimes(
  readings: readonly ReportedReading[],
  { report, streamer }: { report: ReportToPlan; streamer: StreamerRow },
): TimedReading[] {
  const engine = { engineVersion: streamer.process_engine_ver, selector: report.selector }
  const { baseUs } = report
  const times = placeTimes(readings, { ...engine, baseUs, previousBaseUs: streamer.last_reboot_at_us })
  const timed = readings.map((reading, i) => {
    const { timeUs, status } = times[i]
    checkTime(reading, timeUs)
    return { ...reading, placedUs: timeUs, status }
  })
  // Restarts come with the readings of the system, which are a streamer of their own.
  const comeElsewhere = handlesReboots(engine) && streamer.is_system === 0
  return comeElsewhere ? timed.filter(({ lid }) => lid !== REBOOT_LID) : timed
}

function checkTime({ id }: Reported, timeUs: number | null): void {
  if (timeUs === null || (Number.isSafeInteger(timeUs) && timeUs >= TIME_US_MIN)) return
  throw new InvalidError(`The time of reading ${id} lies outside of what can be stored; check ?timestamp=`)
}

function markerOf(report: ReportToPlan): TimedReading {
  return {
    lid: report.isChopped ? CHOPPED_LID : COMPLETE_LID,
    id: report.reportId,
    deviceS: report.sentS,
    timeUs: report.receivedUs,
    raw: report.streamerIndex,
    placedUs: report.receivedUs,
    status: 'cln',
  }
}

function rowOf(
  { id, deviceS, raw, placedUs, status }: TimedReading,
  { stream, chain }: ReportStream,
  reportId: string,
): UnnumberedReading | undefined {
  if (stream.enabled === 0) return undefined
  const value = internalOf(chain, raw)
  if (!Number.isFinite(value)) return undefined
  return {
    stream_id: stream.id,
    time_us: placedUs,
    reading_id: id,
    device_s: deviceS,
    int_value: raw,
    value,
    status,
    report_id: reportId,
  }
}
