/** Devices: what measures. A device belongs to nobody until it is claimed for a project. */
import { formatDeviceSlug } from '@sonde/client'
import { ConflictError, InvalidError, NotFoundError } from '../errors.ts'
import { checkChosenId, takeFreeId, takeFreeIds } from './free-ids.ts'
import { inChunks } from './in-chunks.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import { prepared } from './prepared.ts'
import { findProject } from './projects.ts'
import { deletePropertiesOf, idsWithProperty, type PropertyFilter } from './properties.ts'
import { forgetFirmware } from './rollout-devices.ts'
import type { CatalogDb, DeviceRow } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'
import { deleteStreamersOfDevice } from './streamers.ts'

/** With a `project_id` the device is claimed by its creator at once. */
export type NewDevice = Pick<DeviceRow, 'created_by' | 'created_at_us'> &
  Partial<Pick<DeviceRow, 'id' | 'project_id'>> &
  DeviceChanges

export type DeviceChanges = Partial<
  Pick<DeviceRow, 'label' | 'active' | 'external_id' | 'sg' | 'template' | 'lat' | 'lon' | 'state' | 'busy'>
>

export interface DeviceFilter {
  readonly orgId?: string
  readonly projectId?: number
  readonly externalId?: string
  readonly sg?: string
  readonly template?: string
  readonly label?: string
  readonly claimed?: boolean
  /** Only those with the `active` flag. */
  readonly activeOnly?: boolean
  readonly property?: PropertyFilter
}

/**
 * Takes the next free number unless `id` is given. The organisation is that of the project.
 * @throws {InvalidError} the given number is out of range, or there is no such project.
 * @throws {ConflictError} the given number is taken.
 */
export async function createDevice(db: CatalogDb, device: NewDevice): Promise<DeviceRow> {
  if (device.id !== undefined) checkChosenId('device', device.id)
  return inTransaction(db, async (db) => {
    const projectId = device.project_id ?? null
    const orgId = projectId === null ? null : await orgOfProject(db, projectId)
    const id = device.id ?? (await takeFreeId(db, 'device'))
    const created = await db
      .insertInto('devices')
      .values(rowOf(device, { id, orgId }))
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    if (created === undefined) throw new ConflictError(`Device ${formatDeviceSlug(id)} exists already.`)
    return created
  })
}

/**
 * Devices of a project that differ in their labels only, in the order of these; answers their numbers.
 * @throws {InvalidError} there is no such project.
 */
export async function createDevices(
  db: CatalogDb,
  { labels, ...device }: NewDevice & { project_id: number; labels: readonly string[] },
): Promise<number[]> {
  if (labels.length === 0) return []
  return inTransaction(db, async (db) => {
    const orgId = await orgOfProject(db, device.project_id)
    const ids = await takeFreeIds(db, 'device', labels.length)
    const rows = labels.map((label, i) => rowOf({ ...device, label }, { id: ids[i], orgId }))
    await inChunks(rows, async (chunk) => {
      await db.insertInto('devices').values(chunk).execute()
      return []
    })
    return ids
  })
}

function rowOf(device: NewDevice, { id, orgId }: { id: number; orgId: string | null }): DeviceRow {
  const projectId = device.project_id ?? null
  const isClaimed = projectId !== null
  return {
    id,
    project_id: projectId,
    org_id: orgId,
    label: device.label ?? '',
    active: device.active ?? 1,
    external_id: device.external_id ?? '',
    sg: device.sg ?? null,
    template: device.template ?? '',
    lat: device.lat ?? null,
    lon: device.lon ?? null,
    state: device.state ?? 'N1',
    busy: device.busy ?? 0,
    created_at_us: device.created_at_us,
    created_by: device.created_by,
    claimed_by: isClaimed ? device.created_by : null,
    claimed_at_us: isClaimed ? device.created_at_us : null,
  }
}

export async function findDevice(db: CatalogDb, id: number): Promise<DeviceRow | undefined> {
  return db.selectFrom('devices').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Up to ten devices that are called one of these elsewhere, of any organisation. */
export async function findDevicesByExternalIds(
  db: CatalogDb,
  externalIds: readonly string[],
): Promise<DeviceRow[]> {
  return db
    .selectFrom('devices')
    .selectAll()
    .where('external_id', 'in', externalIds)
    .orderBy('id')
    .limit(10)
    .execute()
}

/** Labels may repeat; the device with the lowest number is meant. */
export async function findDeviceByLabel(
  db: CatalogDb,
  { projectId, label }: { projectId: number; label: string },
): Promise<DeviceRow | undefined> {
  return db
    .selectFrom('devices')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('label', '=', label)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

/** As `findDeviceByLabel` for each of several labels: numbers by label; labels without a device are absent. */
export async function findDeviceIdsByLabels(
  db: CatalogDb,
  { projectId, labels }: { projectId: number; labels: readonly string[] },
): Promise<Map<string, number>> {
  const rows = await inChunks(labels, (chunk) =>
    db
      .selectFrom('devices')
      .select(['label', (eb) => eb.fn.min<number>('id').as('id')])
      .where('project_id', '=', projectId)
      .where('label', 'in', chunk)
      .groupBy('label')
      .execute(),
  )
  return new Map(rows.map(({ label, id }) => [label, id]))
}

/** Numbers of the devices of that label, in whichever project; at most `limit`, and when there are more, any. */
export async function findDeviceIdsByLabel(
  db: CatalogDb,
  { label, limit }: { label: string; limit: number },
): Promise<number[]> {
  return (await selectIdsByLabel(db, { label, limit: BigInt(limit) })).map(({ id }) => id)
}

const selectIdsByLabel = prepared((db, { label, limit }: { label: string; limit: bigint }) =>
  db.selectFrom('devices').select('id').where('label', '=', label).limit(limit),
)

/** In no particular order; ids without a device are absent. */
export async function findDevicesByIds(db: CatalogDb, ids: readonly number[]): Promise<DeviceRow[]> {
  return inChunks(ids, (chunk) => db.selectFrom('devices').selectAll().where('id', 'in', chunk).execute())
}

/** Devices by number. */
export async function listDevices(
  db: CatalogDb,
  { sight, filter = {} }: { sight: Sight; filter?: DeviceFilter },
  page: Page,
): Promise<Paged<DeviceRow>> {
  let matches = db.selectFrom('devices')
  if (sight.memberId !== undefined) matches = matches.where('org_id', 'in', orgIdsOf(db, sight.memberId))
  if (sight.orgId !== undefined) matches = matches.where('org_id', '=', sight.orgId)
  if (sight.projectId !== undefined) matches = matches.where('project_id', '=', sight.projectId)
  if (sight.deviceId !== undefined) matches = matches.where('id', '=', sight.deviceId)
  if (filter.orgId !== undefined) matches = matches.where('org_id', '=', filter.orgId)
  if (filter.projectId !== undefined) matches = matches.where('project_id', '=', filter.projectId)
  if (filter.externalId !== undefined) matches = matches.where('external_id', '=', filter.externalId)
  if (filter.sg !== undefined) matches = matches.where('sg', '=', filter.sg)
  if (filter.template !== undefined) matches = matches.where('template', '=', filter.template)
  if (filter.label !== undefined) matches = matches.where('label', '=', filter.label)
  if (filter.claimed !== undefined) {
    matches = matches.where('project_id', filter.claimed ? 'is not' : 'is', null)
  }
  if (filter.activeOnly) matches = matches.where('active', '=', 1)
  if (filter.property) matches = matches.where('id', 'in', idsWithProperty(db, 'device', filter.property))
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('id'))
}

/** @throws {NotFoundError} no such device. */
export async function updateDevice(db: CatalogDb, id: number, changes: DeviceChanges): Promise<DeviceRow> {
  const device =
    Object.keys(changes).length === 0
      ? await findDevice(db, id)
      : await db.updateTable('devices').set(changes).where('id', '=', id).returningAll().executeTakeFirst()
  if (device === undefined) throw new NotFoundError()
  return device
}

/**
 * @throws {NotFoundError} no such device.
 * @throws {ConflictError} it is claimed already.
 * @throws {InvalidError} no such project.
 */
export async function claimDevice(
  db: CatalogDb,
  { id, projectId, accountId, nowUs }: { id: number; projectId: number; accountId: number; nowUs: number },
): Promise<DeviceRow> {
  return inTransaction(db, async (db) => {
    const orgId = await orgOfProject(db, projectId)
    const claimed = await db
      .updateTable('devices')
      .set({ project_id: projectId, org_id: orgId, claimed_by: accountId, claimed_at_us: nowUs })
      .where('id', '=', id)
      .where('project_id', 'is', null)
      .returningAll()
      .executeTakeFirst()
    if (claimed !== undefined) return claimed
    if ((await findDevice(db, id)) === undefined) throw new NotFoundError()
    throw new ConflictError('Device is not claimable')
  })
}

/**
 * Takes a device out of its project, organisation, fleets and rollouts; its streams and their points stay there.
 * What else its owners said about it, told it and heard from it goes: it is not for who claims it next.
 * @throws {NotFoundError} no such device.
 */
export async function unclaimDevice(db: CatalogDb, id: number): Promise<DeviceRow> {
  return inTransaction(db, async (db) => {
    await deletePropertiesOf(db, formatDeviceSlug(id))
    for (const table of ['fleet_devices', 'shadows', 'commands', 'device_masks'] as const) {
      await db.deleteFrom(table).where('device_id', '=', id).execute()
    }
    await deleteStreamersOfDevice(db, id)
    await forgetFirmware(db, id)
    const device = await db
      .updateTable('devices')
      .set({ project_id: null, org_id: null, claimed_by: null, claimed_at_us: null, lat: null, lon: null })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    if (device === undefined) throw new NotFoundError()
    return device
  })
}

/**
 * Deletes a device without streams, its streamers with their reports, its properties, what is known of its
 * firmware, the tokens limited to it, its pipeline, shadow and commands.
 * @throws {NotFoundError} no such device.
 * @throws {ConflictError} it still has streams or archives.
 */
export async function deleteDevice(db: CatalogDb, id: number): Promise<void> {
  await inTransaction(db, async (db) => {
    const stream = await db.selectFrom('streams').select('id').where('device_id', '=', id).executeTakeFirst()
    if (stream !== undefined) throw new ConflictError('The device still has streams.')
    const archive = await db
      .selectFrom('datablocks')
      .select('id')
      .where('device_id', '=', id)
      .executeTakeFirst()
    if (archive !== undefined) throw new ConflictError('The device still has archives.')
    await deletePropertiesOf(db, formatDeviceSlug(id))
    await db.deleteFrom('fleet_devices').where('device_id', '=', id).execute()
    await forgetFirmware(db, id)
    await db.deleteFrom('ota_actions').where('device_id', '=', id).execute()
    await db.deleteFrom('ota_versions').where('device_id', '=', id).execute()
    for (const table of ['tokens', 'pipelines', 'shadows', 'commands', 'device_masks'] as const) {
      await db.deleteFrom(table).where('device_id', '=', id).execute()
    }
    await deleteStreamersOfDevice(db, id)
    const { numDeletedRows } = await db.deleteFrom('devices').where('id', '=', id).executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}

async function orgOfProject(db: CatalogDb, projectId: number): Promise<string> {
  const project = await findProject(db, projectId)
  if (project === undefined) throw InvalidError.field('project', 'There is no such project.')
  return project.org_id
}
