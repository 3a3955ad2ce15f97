/** What a report adds to the points that are known: its new readings, with their streams and values. */
import { internalOf } from '../../model/value-chain.ts'
import type { DeviceReport, Reported, ReportedReading } from './device-report.ts'
import type { PlacedTime, TimeStatus } from './reading-times.ts'
import type { ReportStream } from './report-streams.ts'
import type { UnnumberedReading } from './store-readings.ts'

/** Variables of the points that say that a report came, whole or chopped off. */
const COMPLETE_LID = 0x5a05
const CHOPPED_LID = 0x5a06

export interface ReportToPlan extends DeviceReport {
  readonly id: string
  readonly receivedUs: number
}

type ReportStreams = ReadonlyMap<number, ReportStream>

interface TimedReading extends ReportedReading {
  readonly placedUs: number | null
  readonly status: TimeStatus
}

/** Disabled streams are left out, and readings whose value is no number in the stream's format. */
export function planReadings(
  report: ReportToPlan,
  readings: readonly ReportedReading[],
  { times, streams }: { times: ReadonlyMap<Reported, PlacedTime>; streams: ReportStreams },
): UnnumberedReading[] {
  return readings.flatMap((reading) => {
    const { timeUs, status } = times.get(reading)!
    return rowOf({ ...reading, placedUs: timeUs, status }, streams.get(reading.lid), report.id) ?? []
  })
}

/** The point that says that a report came. */
export function planMarker(report: ReportToPlan, streams: ReportStreams): UnnumberedReading[] {
  const marker = markerOf(report)
  return [rowOf(marker, streams.get(marker.lid), report.id) ?? []].flat()
}

export function markerLid({ isChopped }: Pick<DeviceReport, 'isChopped'>): number {
  return isChopped ? CHOPPED_LID : COMPLETE_LID
}

function markerOf(report: ReportToPlan): TimedReading {
  return {
    lid: markerLid(report),
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
  found: ReportStream | undefined,
  reportId: string,
): UnnumberedReading | undefined {
  if (found === undefined || found.stream.enabled === 0) return undefined
  const { stream, chain } = found
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
