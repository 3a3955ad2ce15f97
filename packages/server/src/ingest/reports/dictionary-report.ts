/** Dictionary reports of format v100, which gateways write: readings and events with names for everything. */
import { InvalidError } from '../../errors.ts'
import { parseIsoUs } from '../../model/time.ts'
import {
  type DeviceReport,
  knownDeviceTime,
  type Reported,
  type ReportedEvent,
  type ReportedReading,
} from './device-report.ts'

const FORMAT = 'v100'
const U16_MAX = 0xffff
const U32_MAX = 0xffffffff
const DEVICE_MAX = 2 ** 48 - 1
/** Selectors beyond 16 bits are those of virtual streamers. */
const SELECTOR_MAX = U32_MAX

type Fields = Readonly<Record<string, unknown>>

/**
 * @param document As it was decoded; nothing is taken for granted.
 * @throws {InvalidError} on the first field that is wrong; the message names it and says what would be right.
 */
export function parseDictionaryReport(document: unknown): DeviceReport {
  const report = fieldsOf('the report', document)
  if (report.format !== FORMAT) {
    throw new InvalidError(`Unsupported Report Format: ${shown(report.format)}`)
  }
  const number = (name: string, max: number) => integer(name, report[name], { min: 0, max })
  return {
    device: number('device', DEVICE_MAX),
    streamerIndex: number('streamer_index', U16_MAX),
    selector: number('streamer_selector', SELECTOR_MAX),
    sentS: number('device_sent_timestamp', U32_MAX),
    reportId: number('incremental_id', U32_MAX),
    lowestId: number('lowest_id', U32_MAX),
    highestId: number('highest_id', U32_MAX),
    isChopped: false,
    readings: list('data', report.data).map((item, i) => readReading(`data[${i}]`, item)),
    events: list('events', report.events).map((item, i) => readEvent(`events[${i}]`, item)),
  }
}

function readReading(name: string, item: unknown): ReportedReading {
  const fields = fieldsOf(name, item)
  const bounds = { min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }
  return { ...readReported(name, fields), raw: integer(`${name}.value`, fields.value, bounds) }
}

function readEvent(name: string, item: unknown): ReportedEvent {
  const fields = fieldsOf(name, item)
  return {
    ...readReported(name, fields),
    extraData: fieldsOf(`${name}.extra_data`, fields.extra_data ?? {}),
    data: fields.data ?? null,
  }
}

function readReported(name: string, fields: Fields): Reported {
  const { streamer_local_id: id, device_timestamp: deviceS } = fields
  return {
    lid: readLid(`${name}.stream`, fields.stream),
    id: integer(`${name}.streamer_local_id`, id, { min: 0, max: U32_MAX }),
    deviceS:
      deviceS === undefined || deviceS === null
        ? null
        : knownDeviceTime(integer(`${name}.device_timestamp`, deviceS, { min: 0, max: U32_MAX })),
    timeUs: readTime(`${name}.timestamp`, fields.timestamp),
  }
}

/** An integer, or the same as up to four hexadecimal digits. */
function readLid(name: string, value: unknown): number {
  if (typeof value === 'string' && /^[0-9a-f]{1,4}$/i.test(value)) return Number.parseInt(value, 16)
  return integer(name, value, { min: 0, max: U16_MAX })
}

function readTime(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined
  const timeUs = typeof value === 'string' ? parseIsoUs(value) : undefined
  if (timeUs === undefined) throw new InvalidError(`${name} is no ISO 8601 time: ${shown(value)}`)
  return timeUs
}

function integer(name: string, value: unknown, { min, max }: { min: number; max: number }): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw new InvalidError(`${name} must be an integer from ${min} to ${max}, not ${shown(value)}`)
}

function list(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new InvalidError(`${name} must be a list`)
}

function fieldsOf(name: string, value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new InvalidError(`${name} must be an object with named fields`)
}

/** Short enough for a message. */
function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 40)
}
