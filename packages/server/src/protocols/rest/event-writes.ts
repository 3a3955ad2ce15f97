/** Events as `POST event/` and `POST event/upload/` bring them. */
import type { FastifyRequest } from 'fastify'
import { createEvents, type EventDocument } from '../../catalog/events.ts'
import type { EventRow } from '../../catalog/schema/events.ts'
import type { StreamRow } from '../../catalog/schema.ts'
import { AppError, InvalidError } from '../../errors.ts'
import { callerOf } from './caller.ts'
import type { WriteRejection } from './data-writes.ts'
import { keepValue } from './event-documents.ts'
import type { RestServices } from './services.ts'
import { readTime, WriteTargets } from './write-targets.ts'

/** One item of the body, as it came. */
export interface WrittenEvent {
  readonly stream?: unknown
  readonly timestamp?: unknown
  readonly extra_data?: unknown
  readonly data?: unknown
  readonly device_timestamp?: unknown
  readonly streamer_local_id?: unknown
}

export interface StoredEvent {
  readonly row: EventRow
  readonly stream: StreamRow
}

export interface EventOutcome {
  readonly stored: readonly StoredEvent[]
  readonly rejected: readonly WriteRejection[]
}

interface CheckedEvent {
  readonly stream: StreamRow
  readonly timeUs: number
  readonly extra: Readonly<Record<string, unknown>>
  readonly deviceTimestamp: number | undefined
  readonly streamerLocalId: number | undefined
  readonly document: EventDocument | undefined
}

/** Documents on their way to the disk at a time. */
const DOCUMENTS_AT_ONCE = 8

/** Stores what is good of a list, all of that at once, and says what is wrong with the rest. */
export async function writeEvents(
  services: RestServices,
  request: FastifyRequest,
  items: readonly WrittenEvent[],
): Promise<EventOutcome> {
  const targets = new WriteTargets(services, request)
  const checked: CheckedEvent[] = []
  const rejected: WriteRejection[] = []
  for (let start = 0; start < items.length; start += DOCUMENTS_AT_ONCE) {
    const some = items.slice(start, start + DOCUMENTS_AT_ONCE)
    const outcomes = await Promise.allSettled(some.map((item) => check(services, targets, item)))
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') checked.push(outcome.value)
      else rejected.push(rejectionOf(outcome.reason, start + i))
    }
  }
  return { stored: await store(services, request, checked), rejected }
}

/** Stores an event whose document is kept already. @throws {AppError} what is wrong with it. */
export async function writeEvent(
  services: RestServices,
  request: FastifyRequest,
  item: WrittenEvent,
  keepDocument: () => Promise<EventDocument>,
): Promise<StoredEvent> {
  const targets = new WriteTargets(services, request)
  const event = await check(services, targets, { ...item, data: undefined })
  const [stored] = await store(services, request, [{ ...event, document: await keepDocument() }])
  return stored
}

async function check(
  services: RestServices,
  targets: WriteTargets,
  item: WrittenEvent,
): Promise<CheckedEvent> {
  const { stream } = await targets.find(item.stream)
  const event = {
    stream,
    timeUs: readTime(item.timestamp),
    extra: readExtra(services, item.extra_data ?? {}),
    deviceTimestamp: readCount('device_timestamp', item.device_timestamp),
    streamerLocalId: readCount('streamer_local_id', item.streamer_local_id),
  }
  const { data } = item
  if (data === undefined || data === null) return { ...event, document: undefined }
  if (typeof data !== 'object') throw InvalidError.field('data', 'Give an object or a list.')
  return { ...event, document: await keepValue(services, data) }
}

async function store(
  { catalog, clock }: RestServices,
  request: FastifyRequest,
  events: readonly CheckedEvent[],
): Promise<StoredEvent[]> {
  const made = { created_by: callerOf(request).accountId, created_at_us: clock.nowUs() }
  const rows = await createEvents(
    catalog,
    events.map(({ stream, timeUs, extra, deviceTimestamp, streamerLocalId, document }) => ({
      stream_id: stream.id,
      time_us: timeUs,
      extra,
      document,
      ...(deviceTimestamp === undefined ? {} : { device_timestamp: deviceTimestamp }),
      ...(streamerLocalId === undefined ? {} : { streamer_local_id: streamerLocalId }),
      ...made,
    })),
  )
  return rows.map((row, i) => ({ row, stream: events[i].stream }))
}

/** @throws {InvalidError} no object, or a long one. */
export function readExtra({ config }: RestServices, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw InvalidError.field('extra_data', 'Give an object.')
  }
  const { textBytesMax } = config.limits
  if (Buffer.byteLength(JSON.stringify(value)) <= textBytesMax) return value as Record<string, unknown>
  throw InvalidError.field(
    'extra_data',
    `The object is longer than ${textBytesMax} bytes; what is long belongs into data.`,
  )
}

/** Also as text, since forms know nothing else. */
function readCount(field: string, value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const count = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value
  if (Number.isInteger(count) && (count as number) >= 0 && (count as number) <= 0xffff_ffff) {
    return count as number
  }
  throw InvalidError.field(field, 'Give a whole number of 32 bits.')
}

function rejectionOf(error: unknown, row: number): WriteRejection {
  const isOfRow =
    error instanceof AppError && ['invalid', 'forbidden', 'not_found', 'too_large'].includes(error.code)
  if (!isOfRow) throw error
  return { row, reason: error.message, error }
}
