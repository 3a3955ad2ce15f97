/** Events: what happened in a stream at a time, described by an object, and by a document if need be. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { NotFoundError, TooLargeError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { inChunks } from './in-chunks.ts'
import { inTransaction } from './in-transaction.ts'
import type { Page, Paged } from './page.ts'
import type { EventRow } from './schema/events.ts'
import type { CatalogDb } from './schema.ts'

export type NewEvent = Pick<EventRow, 'stream_id' | 'time_us' | 'created_by' | 'created_at_us'> & {
  readonly extra: Readonly<Record<string, unknown>>
  /** The document's blob; `ext` says whether it is compressed. */
  readonly document?: EventDocument | undefined
} & Partial<Pick<EventRow, 'device_timestamp' | 'streamer_local_id' | 'dirty_ts' | 'status'>>

export interface EventDocument {
  readonly ext: 'json' | 'json.gz'
  readonly sha256: string
  readonly sizeBytes: number
}

/** Inclusive bounds, either of which may be missing. */
export interface NumberRange {
  readonly least?: number | undefined
  readonly most?: number | undefined
}

export interface EventFilter {
  readonly fromUs?: number | undefined
  /** Exclusive. */
  readonly toUs?: number | undefined
  readonly ids?: NumberRange
  readonly streamerLocalIds?: NumberRange
  readonly deviceTimestamps?: NumberRange
  /** Also those that are hidden. */
  readonly withErrors?: boolean
}

/** Streams with events that one list may speak of; SQLite takes 32,766 parameters in a statement. */
const STREAMS_MAX = 20_000
const STREAMS_PER_LOOK = 500

/** In the order given, all of them or none. */
export async function createEvents(db: CatalogDb, events: readonly NewEvent[]): Promise<EventRow[]> {
  if (events.length === 0) return []
  return inTransaction(db, async (db) => {
    const firstId = await takeIds(db, 'event', events.length)
    const rows = events.map((event, i) => rowOf(event, firstId + i))
    await inChunks(rows, async (chunk) => {
      await db.insertInto('events').values(chunk).execute()
      return []
    })
    return rows
  })
}

export async function findEvent(db: CatalogDb, id: number): Promise<EventRow | undefined> {
  return db.selectFrom('events').selectAll().where('id', '=', id).executeTakeFirst()
}

/**
 * Events of streams by the device's numbers of them; those without one come first, by time.
 * With `newest`, only so many of the latest, by time.
 * @throws {TooLargeError} more of the streams have events than one list may speak of.
 */
export async function listEvents(
  db: CatalogDb,
  { streamIds, filter = {}, newest }: { streamIds: readonly number[]; filter?: EventFilter; newest?: number },
  page: Page,
): Promise<Paged<EventRow>> {
  const ids = await streamsWithEvents(db, streamIds)
  if (ids.length === 0) return { count: 0, rows: [] }
  const matches = matchEvents(db, ids, filter)
  const counted = await matches.select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  const total = Number(counted.count)
  const count = Math.min(total, newest ?? total)
  const limit = Math.min(page.limit, count - page.offset)
  if (limit <= 0) return { count, rows: [] }
  const all = matches.selectAll()
  const ordered = newest === undefined ? all.orderBy('streamer_local_id') : all
  const rows = await ordered
    .orderBy('time_us')
    .orderBy('id')
    .limit(limit)
    .offset(total - count + page.offset)
    .execute()
  return { count, rows }
}

/** How many events each of some streams has; those without any, or with hidden ones only, are absent. */
export async function countEventsByStream(
  db: CatalogDb,
  streamIds: readonly number[],
  { withErrors = false }: { withErrors?: boolean } = {},
): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  for await (const piece of pieces(streamIds)) {
    const rows = await db
      .selectFrom('events')
      .select(['stream_id', (eb) => eb.fn.countAll<number>().as('count')])
      .where('stream_id', 'in', piece)
      .where('is_error', '<=', withErrors ? 1 : 0)
      .groupBy('stream_id')
      .execute()
    for (const { stream_id, count } of rows) counts.set(stream_id, Number(count))
  }
  return counts
}

/** Replaces what describes an event. @throws {NotFoundError} no such event. */
export async function updateEvent(
  db: CatalogDb,
  id: number,
  { extra, document }: Partial<Pick<NewEvent, 'extra' | 'document'>>,
): Promise<EventRow> {
  const changes = { ...(extra && extraColumns(extra)), ...(document && documentColumns(document)) }
  const event =
    Object.keys(changes).length === 0
      ? await findEvent(db, id)
      : await db.updateTable('events').set(changes).where('id', '=', id).returningAll().executeTakeFirst()
  if (event === undefined) throw new NotFoundError()
  return event
}

/** @throws {NotFoundError} no such event. */
export async function deleteEvent(db: CatalogDb, id: number): Promise<void> {
  const { numDeletedRows } = await db.deleteFrom('events').where('id', '=', id).executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) throw new NotFoundError()
}

/** Deletes the events of streams, hidden ones too; resolves to how many there were. */
export async function deleteEventsOfStreams(
  db: CatalogDb,
  streamIds: readonly number[],
  { fromUs, toUs }: Pick<EventFilter, 'fromUs' | 'toUs'> = {},
): Promise<number> {
  let count = 0
  for await (const piece of pieces(streamIds)) {
    const { numDeletedRows } = await matchTimes(db.deleteFrom('events').where('stream_id', 'in', piece), {
      fromUs,
      toUs,
    }).executeTakeFirstOrThrow()
    count += Number(numDeletedRows)
  }
  return count
}

async function streamsWithEvents(db: CatalogDb, streamIds: readonly number[]): Promise<number[]> {
  const found: number[] = []
  for await (const piece of pieces(streamIds)) {
    const rows = await db
      .selectFrom('events')
      .select('stream_id')
      .distinct()
      .where('stream_id', 'in', piece)
      .execute()
    for (const { stream_id } of rows) found.push(stream_id)
  }
  if (found.length <= STREAMS_MAX) return found
  throw new TooLargeError(`More than ${STREAMS_MAX} streams with events; name a device or a variable`)
}

/** The catalog holds the event loop for as long as it looks, so others get their turn between pieces. */
async function* pieces(ids: readonly number[]): AsyncGenerator<number[]> {
  for (let start = 0; start < ids.length; start += STREAMS_PER_LOOK) {
    if (start > 0) await nextTurn()
    yield ids.slice(start, start + STREAMS_PER_LOOK)
  }
}

function matchEvents(db: CatalogDb, streamIds: number[], filter: EventFilter) {
  let matches = matchTimes(db.selectFrom('events').where('stream_id', 'in', streamIds), filter)
  const ranges = [
    ['id', filter.ids],
    ['streamer_local_id', filter.streamerLocalIds],
    ['device_timestamp', filter.deviceTimestamps],
  ] as const
  for (const [column, range] of ranges) {
    if (range?.least !== undefined) matches = matches.where(column, '>=', range.least)
    if (range?.most !== undefined) matches = matches.where(column, '<=', range.most)
  }
  return filter.withErrors ? matches : matches.where('is_error', '=', 0)
}

interface TimeMatcher<Query> {
  where(column: 'time_us', operator: '>=' | '<', value: number): Query
}

function matchTimes<Query extends TimeMatcher<Query>>(
  query: Query,
  { fromUs, toUs }: Pick<EventFilter, 'fromUs' | 'toUs'>,
): Query {
  const started = fromUs === undefined ? query : query.where('time_us', '>=', fromUs)
  return toUs === undefined ? started : started.where('time_us', '<', toUs)
}

function rowOf(event: NewEvent, id: number): EventRow {
  return {
    id,
    stream_id: event.stream_id,
    time_us: event.time_us,
    device_timestamp: event.device_timestamp ?? null,
    streamer_local_id: event.streamer_local_id ?? 0,
    dirty_ts: event.dirty_ts ?? 0,
    status: event.status ?? 'unk',
    ...extraColumns(event.extra),
    ...documentColumns(event.document),
    created_at_us: event.created_at_us,
    created_by: event.created_by,
  }
}

function extraColumns(extra: Readonly<Record<string, unknown>>) {
  return { extra_data: JSON.stringify(extra), is_error: Number(Object.hasOwn(extra, 'error')) }
}

function documentColumns(document: EventDocument | undefined) {
  const { ext = '', sha256 = null, sizeBytes = null } = document ?? {}
  return { ext, data_sha256: sha256, data_bytes: sizeBytes }
}
