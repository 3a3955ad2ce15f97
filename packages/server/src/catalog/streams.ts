/**
 * Streams: one variable of one device in one project, and the number under which the points store keeps
 * its points. A stream that has points but no record of its own is here too, unregistered.
 */
import { formatStreamSlug } from '@sonde/client'
import { sql } from 'kysely'
import { ConflictError, NotFoundError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { deleteEventsOfStreams } from './events.ts'
import { inChunks } from './in-chunks.ts'
import { inTransaction } from './in-transaction.ts'
import { orderedUuid } from './ordered-uuid.ts'
import { type Page, type Paged, readPage } from './page.ts'
import { prepared } from './prepared.ts'
import type { CatalogDb, StreamRow } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'

/** Columns that a person may set; the units are JSON of `units.ts`. */
export type StreamChanges = Partial<
  Pick<
    StreamRow,
    | 'var_type'
    | 'data_label'
    | 'data_type'
    | 'enabled'
    | 'mdo_type'
    | 'mdo_label'
    | 'multiplication_factor'
    | 'division_factor'
    | 'offset_value'
    | 'raw_value_format'
    | 'input_unit'
    | 'output_unit'
    | 'derived_stream'
  >
>

/** `device_id` 0 makes a virtual stream; a `block` other than 0 an archived one. */
export type NewStream = Pick<
  StreamRow,
  'project_id' | 'device_id' | 'variable_lid' | 'is_registered' | 'created_by' | 'created_at_us'
> &
  Partial<Pick<StreamRow, 'uuid' | 'block'>> &
  StreamChanges

/** What the slug of a stream is made of. */
export type StreamKey = Pick<StreamRow, 'project_id' | 'device_id' | 'variable_lid'> &
  Partial<Pick<StreamRow, 'block'>>

/** Enough of a stream to read its points, and to say whose they are. */
export interface StreamReference
  extends Pick<StreamRow, 'id' | 'slug' | 'project_id' | 'device_id' | 'block' | 'variable_lid'> {
  readonly org_id: string
  readonly project_name: string
  /** Null for a stream without a device, or of a device that was deleted. */
  readonly device_label: string | null
  /** Null while nobody has named the variable. */
  readonly variable_name: string | null
}

export interface StreamFilter {
  /** Any of these, in their full, lower-case form; at least one. */
  readonly slugs?: readonly string[]
  readonly orgId?: string
  readonly projectId?: number
  readonly deviceId?: number
  /** Any of these; at least one. */
  readonly deviceIds?: readonly number[]
  readonly block?: number
  readonly variable?: { readonly projectId: number; readonly lid: number }
  /** Number of the variable, in whichever project. */
  readonly lid?: number
  /** Any of these; at least one. */
  readonly lids?: readonly number[]
  readonly enabled?: boolean
  readonly archived?: boolean
  readonly virtual?: boolean
  /** Leaves out streams of devices without the `active` flag; virtual ones stay. */
  readonly activeOnly?: boolean
  /** Only those with a stream record, or only those without. */
  readonly registered?: boolean
}

/** An archived stream's slug names its data block and no project. */
export function streamSlug({ project_id, device_id, variable_lid, block = 0 }: StreamKey): string {
  return formatStreamSlug({
    project: block === 0 ? project_id : 0,
    device: device_id,
    block,
    lid: variable_lid,
  })
}

/** @throws {ConflictError} the stream exists already; an unregistered one is for `registerStream`. */
export async function createStream(db: CatalogDb, stream: NewStream): Promise<StreamRow> {
  return inTransaction(db, async (db) => {
    const slug = streamSlug(stream)
    const existing = await findStreamBySlug(db, slug)
    if (existing !== undefined) throw new ConflictError(`Stream ${slug} exists already.`)
    return insertStream(db, stream)
  })
}

/** The stream of this slug, made if need be; what exists is returned as it is. */
export async function findOrCreateStream(db: CatalogDb, stream: NewStream): Promise<StreamRow> {
  return inTransaction(db, async (db) => {
    const [{ id }] = await findOrCreateStreams(db, [stream])
    const [row] = await findStreamsByIds(db, [id])
    return row
  })
}

/** What somebody who writes points has to know of a stream. */
export type StreamNumber = Pick<StreamRow, 'id' | 'slug' | 'enabled'>

/**
 * As `findOrCreateStream`, for many at once and in their order. Statements on SQLite hold the event loop:
 * a caller with tens of thousands of new streams comes in pieces.
 */
export async function findOrCreateStreams(
  db: CatalogDb,
  streams: readonly NewStream[],
): Promise<StreamNumber[]> {
  return inTransaction(db, async (db) => {
    const slugs = streams.map(streamSlug)
    const rows = new Map<string, StreamNumber>()
    const read = async (slugs: readonly string[]) => {
      for (const row of await inChunks(slugs, (chunk) => selectNumbers(db, chunk))) rows.set(row.slug, row)
    }
    await read(slugs)
    const missing = new Map<string, NewStream>()
    slugs.forEach((slug, i) => {
      if (!rows.has(slug)) missing.set(slug, streams[i])
    })
    if (missing.size > 0) {
      const firstId = await takeIds(db, 'stream', missing.size)
      const made = Array.from(missing, ([slug, stream], i) => givenColumns(rowOf(stream, firstId + i, slug)))
      for (let start = 0; start < made.length; start += ROWS_PER_INSERT) {
        const inserted = await insertStreams(db, made.slice(start, start + ROWS_PER_INSERT))
        for (const row of inserted) rows.set(row.slug, row)
      }
      // Another server may have made some of them in the meantime.
      const others = [...missing.keys()].filter((slug) => !rows.has(slug))
      if (others.length > 0) await read(others)
    }
    return slugs.map((slug) => rows.get(slug)!)
  })
}

/** Few enough that SQLite's text of the statement is kept, too. */
const ROWS_PER_INSERT = 50

const selectNumbers = prepared(
  (db, slugs: readonly string[]) =>
    db.selectFrom('streams').select(['id', 'slug', 'enabled']).where('slug', 'in', slugs),
  { valuesMax: 500 },
)

const insertStreams = prepared(
  (db, rows: readonly StreamRow[]) =>
    db
      .insertInto('streams')
      .values(rows)
      .onConflict((conflict) => conflict.column('slug').doNothing())
      .returning(['id', 'slug', 'enabled']),
  { valuesMax: ROWS_PER_INSERT * 23 },
)

/**
 * Gives an unregistered stream its record, or creates a registered one.
 * @throws {ConflictError} it is registered already.
 */
export async function registerStream(
  db: CatalogDb,
  stream: Omit<NewStream, 'is_registered'>,
): Promise<StreamRow> {
  return inTransaction(db, async (db) => {
    const registered: NewStream = { ...stream, is_registered: 1 }
    const existing = await findStreamBySlug(db, streamSlug(stream))
    if (existing === undefined) return insertStream(db, registered)
    if (existing.is_registered === 1) throw new ConflictError(`Stream ${existing.slug} exists already.`)
    return db
      .updateTable('streams')
      .set({ ...columnsOf(registered), uuid: stream.uuid?.toLowerCase() ?? existing.uuid, is_registered: 1 })
      .where('id', '=', existing.id)
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

export async function findStream(db: CatalogDb, id: number): Promise<StreamRow | undefined> {
  return db.selectFrom('streams').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The slug in its full, lower-case form. */
export async function findStreamBySlug(db: CatalogDb, slug: string): Promise<StreamRow | undefined> {
  return db.selectFrom('streams').selectAll().where('slug', '=', slug).executeTakeFirst()
}

/** In no particular order; slugs without a stream are absent. */
export async function findStreamsBySlugs(db: CatalogDb, slugs: Iterable<string>): Promise<StreamRow[]> {
  return inChunks(slugs, (chunk) => db.selectFrom('streams').selectAll().where('slug', 'in', chunk).execute())
}

/** In no particular order; ids without a stream are absent. */
export async function findStreamsByIds(db: CatalogDb, ids: Iterable<number>): Promise<StreamRow[]> {
  return inChunks(ids, (chunk) => db.selectFrom('streams').selectAll().where('id', 'in', chunk).execute())
}

/** The numbers of all streams. */
export async function listStreamIds(db: CatalogDb): Promise<number[]> {
  const rows = await db.selectFrom('streams').select('id').execute()
  return rows.map(({ id }) => id)
}

/** Streams in the order of their making. */
export async function listStreams(
  db: CatalogDb,
  { sight, filter = {} }: { sight: Sight; filter?: StreamFilter },
  page: Page,
): Promise<Paged<StreamRow>> {
  return readPage(matchStreams(db, sight, filter), page, (matches) =>
    matches.selectAll('streams').orderBy('streams.id'),
  )
}

/** The same streams with the names around them, in place of their descriptions and without counting them. */
export function listStreamReferences(
  db: CatalogDb,
  { sight, filter = {} }: { sight: Sight; filter?: StreamFilter },
  { limit }: Pick<Page, 'limit'>,
): Promise<StreamReference[]> {
  return selectReferences(db, { sight, filter, limit: BigInt(limit) })
}

const selectReferences = prepared(
  (db, { sight, filter, limit }: { sight: Sight; filter: StreamFilter; limit: bigint }) =>
    matchStreams(db, sight, filter)
      .innerJoin('projects', 'projects.id', 'streams.project_id')
      .leftJoin('devices', 'devices.id', 'streams.device_id')
      .leftJoin('variables', (join) =>
        join
          .onRef('variables.project_id', '=', 'streams.project_id')
          .onRef('variables.lid', '=', 'streams.variable_lid'),
      )
      .select([
        'streams.id',
        'streams.slug',
        'streams.project_id',
        'streams.device_id',
        'streams.block',
        'streams.variable_lid',
        'projects.org_id',
        'projects.name as project_name',
        'devices.label as device_label',
        'variables.name as variable_name',
      ])
      .orderBy('streams.id')
      .limit(limit),
)

export async function countStreamsOfProject(db: CatalogDb, projectId: number): Promise<number> {
  const { count } = await db
    .selectFrom('streams')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** @throws {NotFoundError} no such stream. */
export async function updateStream(db: CatalogDb, id: number, changes: StreamChanges): Promise<StreamRow> {
  const stream =
    Object.keys(changes).length === 0
      ? await findStream(db, id)
      : await db.updateTable('streams').set(changes).where('id', '=', id).returningAll().executeTakeFirst()
  if (stream === undefined) throw new NotFoundError()
  return stream
}

/**
 * Forgets a stream, its number and its events. Its points have to be deleted from the points store before.
 * @throws {NotFoundError} no such stream.
 */
export async function deleteStream(db: CatalogDb, id: number): Promise<void> {
  await inTransaction(db, async (db) => {
    await deleteEventsOfStreams(db, [id])
    await db.deleteFrom('readings').where('stream_id', '=', id).execute()
    const { numDeletedRows } = await db.deleteFrom('streams').where('id', '=', id).executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}

async function insertStream(db: CatalogDb, stream: NewStream): Promise<StreamRow> {
  const row = rowOf(stream, await takeIds(db, 'stream'))
  const inserted = await db
    .insertInto('streams')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (inserted === undefined) throw new ConflictError(`Stream ${row.slug} or its UUID exists already.`)
  return inserted
}

function rowOf(stream: NewStream, id: number, slug = streamSlug(stream)): StreamRow {
  return {
    id,
    uuid: stream.uuid?.toLowerCase() ?? orderedUuid(),
    slug,
    project_id: stream.project_id,
    device_id: stream.device_id,
    block: stream.block ?? 0,
    variable_lid: stream.variable_lid,
    is_registered: stream.is_registered,
    has_readings: 0,
    ...columnsOf(stream),
  }
}

/** Without columns that are null, as they are when they are not given: a statement of many rows is shorter so. */
function givenColumns(row: StreamRow): StreamRow {
  const given: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) if (value !== null) given[name] = value
  return given as unknown as StreamRow
}

/** What describes a stream, beside its key; used when it is made and when it is registered later. */
function columnsOf(stream: NewStream) {
  return {
    var_type: stream.var_type ?? null,
    data_label: stream.data_label ?? '',
    data_type: stream.data_type ?? '00',
    enabled: stream.enabled ?? 1,
    mdo_type: stream.mdo_type ?? 'V',
    mdo_label: stream.mdo_label ?? '',
    multiplication_factor: stream.multiplication_factor ?? null,
    division_factor: stream.division_factor ?? null,
    offset_value: stream.offset_value ?? null,
    raw_value_format: stream.raw_value_format ?? 'auto',
    input_unit: stream.input_unit ?? null,
    output_unit: stream.output_unit ?? null,
    derived_stream: stream.derived_stream ?? null,
    created_at_us: stream.created_at_us,
    created_by: stream.created_by,
  }
}

function matchStreams(db: CatalogDb, sight: Sight, filter: StreamFilter) {
  let matches = db.selectFrom('streams')
  // A project has many streams. With a device or slugs given, the plus keeps the project's index aside.
  const few = [sight.deviceId, filter.deviceId, filter.deviceIds, filter.slugs]
  const areFew = few.some((given) => given !== undefined)
  const projectId = areFew ? sql<number>`+streams.project_id` : sql<number>`streams.project_id`
  if (sight.projectId !== undefined) matches = matches.where(projectId, '=', sight.projectId)
  if (sight.deviceId !== undefined) matches = matches.where('streams.device_id', '=', sight.deviceId)
  if (sight.memberId !== undefined || sight.orgId !== undefined || filter.orgId !== undefined) {
    let projects = db.selectFrom('projects').select('projects.id')
    if (sight.memberId !== undefined) projects = projects.where('org_id', 'in', orgIdsOf(db, sight.memberId))
    if (sight.orgId !== undefined) projects = projects.where('org_id', '=', sight.orgId)
    if (filter.orgId !== undefined) projects = projects.where('org_id', '=', filter.orgId)
    matches = matches.where(projectId, 'in', projects)
  }
  if (filter.slugs !== undefined) matches = matches.where('streams.slug', 'in', filter.slugs)
  if (filter.projectId !== undefined) matches = matches.where(projectId, '=', filter.projectId)
  if (filter.deviceId !== undefined) matches = matches.where('streams.device_id', '=', filter.deviceId)
  if (filter.deviceIds !== undefined) matches = matches.where('streams.device_id', 'in', filter.deviceIds)
  if (filter.block !== undefined) matches = matches.where('streams.block', '=', filter.block)
  if (filter.variable !== undefined) {
    matches = matches
      .where('streams.project_id', '=', filter.variable.projectId)
      .where('streams.variable_lid', '=', filter.variable.lid)
  }
  if (filter.lid !== undefined) matches = matches.where('streams.variable_lid', '=', filter.lid)
  if (filter.lids !== undefined) matches = matches.where('streams.variable_lid', 'in', filter.lids)
  if (filter.enabled !== undefined) matches = matches.where('streams.enabled', '=', filter.enabled ? 1 : 0)
  if (filter.archived !== undefined) {
    matches = matches.where('streams.block', filter.archived ? '!=' : '=', 0)
  }
  if (filter.virtual !== undefined) {
    matches = matches.where('streams.device_id', filter.virtual ? '=' : '!=', 0)
  }
  if (filter.registered !== undefined) {
    matches = matches.where('streams.is_registered', '=', filter.registered ? 1 : 0)
  }
  if (filter.activeOnly) {
    const inactive = db.selectFrom('devices').select('devices.id').where('devices.active', '=', 0)
    matches = matches.where('streams.device_id', 'not in', inactive)
  }
  return matches
}
