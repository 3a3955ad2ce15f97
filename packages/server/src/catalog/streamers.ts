/** Streamers: the queues of a device, each of which sends its readings in reports. */
import { formatStreamerSlug } from '@sonde/client'
import type { SelectQueryBuilder } from 'kysely'
import { ConflictError, NotFoundError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { StreamerRow } from './schema/reports.ts'
import type { CatalogDb, CatalogTables } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'

/** What only the system streamer of a device selects; `is_system` follows from it unless it is given. */
export const SYSTEM_SELECTOR = 0x5fff

export type StreamerChanges = Partial<
  Pick<StreamerRow, 'selector' | 'process_engine_ver' | 'last_id' | 'is_system'>
>

export type NewStreamer = Pick<StreamerRow, 'device_id' | 'streamer_index' | 'created_by' | 'created_at_us'> &
  Pick<StreamerRow, 'selector'> &
  StreamerChanges

export type StreamerKey = Pick<StreamerRow, 'device_id' | 'streamer_index'>

export interface StreamerFilter {
  readonly deviceId?: number
  /** Both of these: the streamer of that slug. */
  readonly slugDeviceId?: number
  readonly streamerIndex?: number
  readonly selector?: number
}

export function streamerSlug({ device_id, streamer_index }: StreamerKey): string {
  return formatStreamerSlug({ device: device_id, index: streamer_index })
}

/** @throws {ConflictError} the device has a streamer of that index already. */
export async function createStreamer(db: CatalogDb, streamer: NewStreamer): Promise<StreamerRow> {
  const created = await insertStreamer(db, streamer)
  if (created === undefined) throw new ConflictError(`Streamer ${streamerSlug(streamer)} exists already.`)
  return created
}

/** The streamer of that index, made if need be; what exists is returned as it is. */
export async function findOrCreateStreamer(db: CatalogDb, streamer: NewStreamer): Promise<StreamerRow> {
  const existing = await findStreamer(db, streamer)
  const found = existing ?? (await insertStreamer(db, streamer)) ?? (await findStreamer(db, streamer))
  if (found === undefined) throw new NotFoundError()
  return found
}

async function insertStreamer(db: CatalogDb, streamer: NewStreamer): Promise<StreamerRow | undefined> {
  return inTransaction(db, async (db) =>
    db
      .insertInto('streamers')
      .values({
        id: await takeIds(db, 'streamer'),
        device_id: streamer.device_id,
        streamer_index: streamer.streamer_index,
        selector: streamer.selector,
        process_engine_ver: streamer.process_engine_ver ?? 0,
        last_id: streamer.last_id ?? 0,
        last_reboot_at_us: null,
        is_system: streamer.is_system ?? Number(streamer.selector === SYSTEM_SELECTOR),
        created_at_us: streamer.created_at_us,
        created_by: streamer.created_by,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst(),
  )
}

export async function findStreamer(
  db: CatalogDb,
  { device_id, streamer_index }: StreamerKey,
): Promise<StreamerRow | undefined> {
  return db
    .selectFrom('streamers')
    .selectAll()
    .where('device_id', '=', device_id)
    .where('streamer_index', '=', streamer_index)
    .executeTakeFirst()
}

/** Streamers by device and index. */
export async function listStreamers(
  db: CatalogDb,
  { sight, filter = {} }: { sight: Sight; filter?: StreamerFilter },
  page: Page,
): Promise<Paged<StreamerRow>> {
  let matches = db.selectFrom('streamers')
  const devices = devicesInSight(db, sight)
  if (devices) matches = matches.where('streamers.device_id', 'in', devices)
  if (filter.deviceId !== undefined) matches = matches.where('device_id', '=', filter.deviceId)
  if (filter.slugDeviceId !== undefined) matches = matches.where('device_id', '=', filter.slugDeviceId)
  if (filter.streamerIndex !== undefined) matches = matches.where('streamer_index', '=', filter.streamerIndex)
  if (filter.selector !== undefined) matches = matches.where('selector', '=', filter.selector)
  return readPage(matches, page, (matches) =>
    matches.selectAll('streamers').orderBy('streamers.device_id').orderBy('streamers.streamer_index'),
  )
}

/** @throws {NotFoundError} no such streamer. */
export async function updateStreamer(
  db: CatalogDb,
  id: number,
  changes: StreamerChanges,
): Promise<StreamerRow> {
  const streamer =
    Object.keys(changes).length === 0
      ? await db.selectFrom('streamers').selectAll().where('id', '=', id).executeTakeFirst()
      : await db.updateTable('streamers').set(changes).where('id', '=', id).returningAll().executeTakeFirst()
  if (streamer === undefined) throw new NotFoundError()
  return streamer
}

/**
 * Part of the transaction that stores what came with it.
 * @returns False when somebody else has advanced the streamer since it was read; nothing was changed.
 */
export async function advanceStreamer(
  db: CatalogDb,
  { id, last_id }: Pick<StreamerRow, 'id' | 'last_id'>,
  { lastId, lastRebootUs }: { lastId: number; lastRebootUs: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('streamers')
    .set({ last_id: lastId, last_reboot_at_us: lastRebootUs })
    .where('id', '=', id)
    .where('last_id', '=', last_id)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** Deletes a streamer and its reports; the points that it brought stay. @throws {NotFoundError} none such. */
export async function deleteStreamer(db: CatalogDb, id: number): Promise<void> {
  await inTransaction(db, async (db) => {
    await db.deleteFrom('streamer_reports').where('streamer_id', '=', id).execute()
    const { numDeletedRows } = await db.deleteFrom('streamers').where('id', '=', id).executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}

/** As for a device that begins anew: its readings are numbered from 1 again. */
export async function deleteStreamersOfDevice(db: CatalogDb, deviceId: number): Promise<void> {
  await inTransaction(db, async (db) => {
    const own = db.selectFrom('streamers').select('streamers.id').where('device_id', '=', deviceId)
    await db.deleteFrom('streamer_reports').where('streamer_id', 'in', own).execute()
    await db.deleteFrom('streamers').where('device_id', '=', deviceId).execute()
  })
}

/** Numbers of the devices in sight, as a subquery; undefined when all of them are. */
export function devicesInSight(
  db: CatalogDb,
  sight: Sight,
): SelectQueryBuilder<CatalogTables, 'devices', { id: number }> | undefined {
  if (Object.keys(sight).length === 0) return undefined
  let devices = db.selectFrom('devices').select('devices.id')
  if (sight.memberId !== undefined) devices = devices.where('org_id', 'in', orgIdsOf(db, sight.memberId))
  if (sight.orgId !== undefined) devices = devices.where('org_id', '=', sight.orgId)
  if (sight.projectId !== undefined) devices = devices.where('project_id', '=', sight.projectId)
  if (sight.deviceId !== undefined) devices = devices.where('devices.id', '=', sight.deviceId)
  return devices
}
