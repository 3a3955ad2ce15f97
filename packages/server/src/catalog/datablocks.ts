/** Data blocks: archives of what devices had measured until then, a trip for example. */
import { formatBlockSlug, formatDeviceSlug } from '@sonde/client'
import { ConflictError, InvalidError, NotFoundError, TooLargeError } from '../errors.ts'
import { archiveStreams } from './archive-streams.ts'
import { containsText } from './contains-text.ts'
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import { archiveProperties, deletePropertiesOf } from './properties.ts'
import type { DataBlockRow } from './schema/events.ts'
import type { CatalogDb } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'
import { deleteStream } from './streams.ts'

export type NewDataBlock = Pick<
  DataBlockRow,
  'device_id' | 'org_id' | 'project_id' | 'title' | 'description' | 'sg' | 'created_by' | 'created_at_us'
> & {
  /** The device's next free number, unless given. */
  readonly block?: number | undefined
  /** Streams of the device that have something to put away. */
  readonly streamIds: readonly number[]
}

export type DataBlockChanges = Partial<Pick<DataBlockRow, 'title' | 'description'>>

export interface DataBlockFilter {
  readonly orgId?: string
  readonly deviceId?: number
  /** Part of the title or the description. */
  readonly text?: string
}

const BLOCK_MAX = 0xffff

/**
 * Makes an archive of a device: streams with all that they hold, and what people described the device with,
 * are the archive's from then on, all at once or not at all.
 * @throws {InvalidError} somebody else archived the streams in the meantime.
 * @throws {ConflictError} the given number is taken.
 * @throws {TooLargeError} the device has had all archives that there are numbers for.
 */
export async function createDataBlock(
  db: CatalogDb,
  { streamIds, ...described }: NewDataBlock,
): Promise<DataBlockRow> {
  return inTransaction(db, async (db) => {
    const device = described.device_id
    const block = described.block ?? (await nextBlock(db, device))
    const row = { ...described, id: await takeIds(db, 'datablock'), block }
    const created = await db
      .insertInto('datablocks')
      .values(row)
      .onConflict((conflict) => conflict.columns(['device_id', 'block']).doNothing())
      .returningAll()
      .executeTakeFirst()
    const slug = formatBlockSlug({ block, device })
    if (created === undefined) throw new ConflictError(`Data block ${slug} exists already.`)
    const movedCount = await archiveStreams(db, { streamIds, block })
    if (movedCount < streamIds.length)
      throw InvalidError.field('device', 'The device is being archived already.')
    await archiveProperties(db, { device: formatDeviceSlug(device), archive: slug })
    return created
  })
}

export async function findDataBlock(
  db: CatalogDb,
  { device, block }: { device: number; block: number },
): Promise<DataBlockRow | undefined> {
  return db
    .selectFrom('datablocks')
    .selectAll()
    .where('device_id', '=', device)
    .where('block', '=', block)
    .executeTakeFirst()
}

/** The latest first. */
export async function listDataBlocks(
  db: CatalogDb,
  { sight, filter = {} }: { sight: Sight; filter?: DataBlockFilter },
  page: Page,
): Promise<Paged<DataBlockRow>> {
  let matches = db.selectFrom('datablocks')
  if (sight.memberId !== undefined) matches = matches.where('org_id', 'in', orgIdsOf(db, sight.memberId))
  if (sight.orgId !== undefined) matches = matches.where('org_id', '=', sight.orgId)
  if (sight.projectId !== undefined) matches = matches.where('project_id', '=', sight.projectId)
  if (sight.deviceId !== undefined) matches = matches.where('device_id', '=', sight.deviceId)
  if (filter.orgId !== undefined) matches = matches.where('org_id', '=', filter.orgId)
  if (filter.deviceId !== undefined) matches = matches.where('device_id', '=', filter.deviceId)
  const { text } = filter
  if (text !== undefined) {
    matches = matches.where((eb) => eb.or([containsText('title', text), containsText('description', text)]))
  }
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('id', 'desc'))
}

/** @throws {NotFoundError} no such archive. */
export async function updateDataBlock(
  db: CatalogDb,
  id: number,
  { title, description }: DataBlockChanges,
): Promise<DataBlockRow> {
  const row = await db
    .updateTable('datablocks')
    .set((eb) => ({ title: title ?? eb.ref('title'), description: description ?? eb.ref('description') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) throw new NotFoundError()
  return row
}

/**
 * Deletes an archive, its streams, events and properties. The points of the streams have to be deleted from
 * the points store before.
 * @throws {NotFoundError} no such archive.
 */
export async function deleteDataBlock(
  db: CatalogDb,
  { id, device_id: device, block }: DataBlockRow,
  streamIds: readonly number[],
): Promise<void> {
  await inTransaction(db, async (db) => {
    for (const streamId of streamIds) await deleteStream(db, streamId)
    await deletePropertiesOf(db, formatBlockSlug({ block, device }))
    const { numDeletedRows } = await db
      .deleteFrom('datablocks')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}

async function nextBlock(db: CatalogDb, deviceId: number): Promise<number> {
  const { last } = await db
    .selectFrom('datablocks')
    .select((eb) => eb.fn.max<number | null>('block').as('last'))
    .where('device_id', '=', deviceId)
    .executeTakeFirstOrThrow()
  const next = Number(last ?? 0) + 1
  if (next <= BLOCK_MAX) return next
  throw new TooLargeError(
    `${formatDeviceSlug(deviceId)} has an archive of number ${BLOCK_MAX}; delete it first`,
  )
}
