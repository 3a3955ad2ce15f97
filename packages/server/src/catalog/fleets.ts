/** Fleets: devices of an organisation that are looked after together. A network is a fleet with access points. */
import { formatDeviceSlug, formatFleetSlug } from '@sonde/client'
import { ConflictError, InvalidError, NotFoundError } from '../errors.ts'
import { checkChosenId, takeFreeId } from './free-ids.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import { refuseFleetOfRollout } from './rollouts.ts'
import type { FleetDeviceRow, FleetRow } from './schema/fleets.ts'
import type { CatalogDb } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'

export type FleetChanges = Partial<Pick<FleetRow, 'name' | 'description' | 'is_network'>>

export type NewFleet = Pick<FleetRow, 'org_id' | 'name' | 'created_by' | 'created_at_us'> &
  Partial<Pick<FleetRow, 'id'>> &
  FleetChanges

export interface FleetFilter {
  readonly orgId?: string
  /** Only those with this device. */
  readonly deviceId?: number
  readonly isNetwork?: boolean
}

/**
 * Takes the next free number unless `id` is given.
 * @throws {InvalidError} the given number is out of range.
 * @throws {ConflictError} the given number is taken.
 */
export async function createFleet(db: CatalogDb, fleet: NewFleet): Promise<FleetRow> {
  if (fleet.id !== undefined) checkChosenId('fleet', fleet.id)
  return inTransaction(db, async (db) => {
    const id = fleet.id ?? (await takeFreeId(db, 'fleet'))
    const created = await db
      .insertInto('fleets')
      .values({
        id,
        org_id: fleet.org_id,
        name: fleet.name,
        description: fleet.description ?? '',
        is_network: fleet.is_network ?? 0,
        created_at_us: fleet.created_at_us,
        created_by: fleet.created_by,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    if (created === undefined) throw new ConflictError(`Fleet ${formatFleetSlug(id)} exists already.`)
    return created
  })
}

export async function findFleet(db: CatalogDb, id: number): Promise<FleetRow | undefined> {
  return db.selectFrom('fleets').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Fleets by number. A sight of one project or device shows those with a device of it. */
export async function listFleets(
  db: CatalogDb,
  { sight, filter = {} }: { sight: Sight; filter?: FleetFilter },
  page: Page,
): Promise<Paged<FleetRow>> {
  let matches = db.selectFrom('fleets')
  if (sight.memberId !== undefined) matches = matches.where('org_id', 'in', orgIdsOf(db, sight.memberId))
  if (sight.orgId !== undefined) matches = matches.where('org_id', '=', sight.orgId)
  if (sight.projectId !== undefined || sight.deviceId !== undefined) {
    matches = matches.where('id', 'in', seenDevices(db, sight).select('fleet_devices.fleet_id'))
  }
  if (filter.orgId !== undefined) matches = matches.where('org_id', '=', filter.orgId)
  if (filter.deviceId !== undefined) {
    const { deviceId } = filter
    const withDevice = db.selectFrom('fleet_devices').select('fleet_id').where('device_id', '=', deviceId)
    matches = matches.where('id', 'in', withDevice)
  }
  if (filter.isNetwork !== undefined) matches = matches.where('is_network', '=', Number(filter.isNetwork))
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('id'))
}

/** @throws {NotFoundError} no such fleet. */
export async function updateFleet(db: CatalogDb, id: number, changes: FleetChanges): Promise<FleetRow> {
  const fleet =
    Object.keys(changes).length === 0
      ? await findFleet(db, id)
      : await db.updateTable('fleets').set(changes).where('id', '=', id).returningAll().executeTakeFirst()
  if (fleet === undefined) throw new NotFoundError()
  return fleet
}

/**
 * Deletes a fleet; its devices stay.
 * @throws {NotFoundError} no such fleet.
 * @throws {ConflictError} firmware requests or rollouts name it.
 */
export async function deleteFleet(db: CatalogDb, id: number): Promise<void> {
  await inTransaction(db, async (db) => {
    const request = await db
      .selectFrom('ota_requests')
      .select('id')
      .where('fleet_id', '=', id)
      .executeTakeFirst()
    if (request !== undefined) throw new ConflictError('The fleet still has deployment requests.')
    await refuseFleetOfRollout(db, id)
    await db.deleteFrom('fleet_devices').where('fleet_id', '=', id).execute()
    const { numDeletedRows } = await db.deleteFrom('fleets').where('id', '=', id).executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}

/** Devices of a fleet by number, as far as the sight goes. */
export async function listFleetDevices(
  db: CatalogDb,
  { sight, fleetId }: { sight: Sight; fleetId: number },
  page: Page,
): Promise<Paged<FleetDeviceRow>> {
  let matches = db
    .selectFrom('fleet_devices')
    .innerJoin('devices', 'devices.id', 'fleet_devices.device_id')
    .where('fleet_devices.fleet_id', '=', fleetId)
  if (sight.projectId !== undefined) matches = matches.where('devices.project_id', '=', sight.projectId)
  if (sight.deviceId !== undefined) matches = matches.where('devices.id', '=', sight.deviceId)
  return readPage(matches, page, (matches) =>
    matches.selectAll('fleet_devices').orderBy('fleet_devices.device_id'),
  )
}

/**
 * @throws {InvalidError} the device is not of the fleet's organisation.
 * @throws {ConflictError} it is in the fleet already.
 */
export async function addFleetDevice(db: CatalogDb, member: FleetDeviceRow): Promise<FleetDeviceRow> {
  return inTransaction(db, async (db) => {
    const { fleet_id, device_id } = member
    const shared = await db
      .selectFrom('devices')
      .innerJoin('fleets', 'fleets.org_id', 'devices.org_id')
      .select('devices.id')
      .where('devices.id', '=', device_id)
      .where('fleets.id', '=', fleet_id)
      .executeTakeFirst()
    if (shared === undefined) {
      throw InvalidError.field('device', 'There is no such device in the organization of the fleet.')
    }
    const added = await db
      .insertInto('fleet_devices')
      .values(member)
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    if (added === undefined) {
      throw new ConflictError(`Device ${formatDeviceSlug(device_id)} already exists in fleet`)
    }
    return added
  })
}

/** @throws {NotFoundError} the device is not in the fleet. */
export async function removeFleetDevice(
  db: CatalogDb,
  { fleetId, deviceId }: { fleetId: number; deviceId: number },
): Promise<FleetDeviceRow> {
  const removed = await db
    .deleteFrom('fleet_devices')
    .where('fleet_id', '=', fleetId)
    .where('device_id', '=', deviceId)
    .returningAll()
    .executeTakeFirst()
  if (removed === undefined) {
    throw new NotFoundError(`Device ${formatDeviceSlug(deviceId)} does not exist in fleet`)
  }
  return removed
}

function seenDevices(db: CatalogDb, { projectId, deviceId }: Sight) {
  let devices = db.selectFrom('fleet_devices').innerJoin('devices', 'devices.id', 'fleet_devices.device_id')
  if (projectId !== undefined) devices = devices.where('devices.project_id', '=', projectId)
  if (deviceId !== undefined) devices = devices.where('devices.id', '=', deviceId)
  return devices
}
