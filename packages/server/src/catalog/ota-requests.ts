/** Deployment requests: which script is meant for which devices. */
import { ConflictError, InvalidError, NotFoundError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { OtaRequestRow } from './schema/fleets.ts'
import type { CatalogDb, DeviceRow } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'

/** `selection_criteria` is a JSON list of texts. */
export type OtaRequestChanges = Partial<
  Pick<OtaRequestRow, 'selection_criteria' | 'released_at_us' | 'completed_at_us'>
>

export type NewOtaRequest = Pick<
  OtaRequestRow,
  'script_id' | 'org_id' | 'fleet_id' | 'created_by' | 'created_at_us'
> &
  OtaRequestChanges

export interface OtaRequestFilter {
  readonly orgId?: string
  readonly fleetId?: number
  /** With `fleetId`: also those for the whole organisation of the fleet. */
  readonly andWholeOrg?: boolean
  /** Only those without a fleet. */
  readonly wholeOrgOnly?: boolean
}

/** @throws {InvalidError} script or fleet are of another organisation. */
export async function createOtaRequest(db: CatalogDb, request: NewOtaRequest): Promise<OtaRequestRow> {
  return inTransaction(db, async (db) => {
    const { org_id, script_id, fleet_id } = request
    const script = await db
      .selectFrom('ota_scripts')
      .select('id')
      .where('id', '=', script_id)
      .where('org_id', '=', org_id)
      .executeTakeFirst()
    if (script === undefined) throw InvalidError.field('script', 'The organization has no such script.')
    if (fleet_id !== null) {
      const fleets = db.selectFrom('fleets').select('id').where('id', '=', fleet_id)
      const fleet = await fleets.where('org_id', '=', org_id).executeTakeFirst()
      if (fleet === undefined) throw InvalidError.field('fleet', 'The organization has no such fleet.')
    }
    return db
      .insertInto('ota_requests')
      .values({
        selection_criteria: '[]',
        released_at_us: null,
        completed_at_us: null,
        ...request,
        id: await takeIds(db, 'ota_request'),
      })
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

export async function findOtaRequest(db: CatalogDb, id: number): Promise<OtaRequestRow | undefined> {
  return db.selectFrom('ota_requests').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Requests in the order of their making. */
export async function listOtaRequests(
  db: CatalogDb,
  { sight, filter }: { sight: Sight; filter: OtaRequestFilter },
  page: Page,
): Promise<Paged<OtaRequestRow>> {
  let matches = db.selectFrom('ota_requests')
  if (sight.memberId !== undefined) matches = matches.where('org_id', 'in', orgIdsOf(db, sight.memberId))
  if (sight.orgId !== undefined) matches = matches.where('org_id', '=', sight.orgId)
  const { orgId, fleetId, andWholeOrg, wholeOrgOnly } = filter
  if (orgId !== undefined) matches = matches.where('org_id', '=', orgId)
  if (fleetId !== undefined) {
    matches = matches.where((eb) =>
      andWholeOrg
        ? eb.or([eb('fleet_id', '=', fleetId), eb('fleet_id', 'is', null)])
        : eb('fleet_id', '=', fleetId),
    )
  }
  if (wholeOrgOnly) matches = matches.where('fleet_id', 'is', null)
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('id'))
}

/** What is to be done on a device now: released, not completed, for its organisation or a fleet that it is in. */
export async function listRequestsOfDevice(
  db: CatalogDb,
  { device, nowUs, limit }: { device: DeviceRow; nowUs: number; limit: number },
): Promise<OtaRequestRow[]> {
  if (device.org_id === null) return []
  const fleets = db.selectFrom('fleet_devices').select('fleet_id').where('device_id', '=', device.id)
  return db
    .selectFrom('ota_requests')
    .selectAll()
    .where('org_id', '=', device.org_id)
    .where('released_at_us', '<=', nowUs)
    .where('completed_at_us', 'is', null)
    .where((eb) => eb.or([eb('fleet_id', 'is', null), eb('fleet_id', 'in', fleets)]))
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Devices that a request is meant for, by number: those of its fleet, else the active ones of its organisation. */
export async function listDevicesOfRequest(
  db: CatalogDb,
  { sight, request }: { sight: Sight; request: OtaRequestRow },
  page: Page,
): Promise<Paged<DeviceRow>> {
  const { org_id, fleet_id } = request
  let matches = db.selectFrom('devices').where('org_id', '=', org_id).where('active', '=', 1)
  if (fleet_id !== null) {
    const members = db.selectFrom('fleet_devices').select('device_id').where('fleet_id', '=', fleet_id)
    matches = matches.where('id', 'in', members)
  }
  if (sight.projectId !== undefined) matches = matches.where('project_id', '=', sight.projectId)
  if (sight.deviceId !== undefined) matches = matches.where('id', '=', sight.deviceId)
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('id'))
}

/** @throws {NotFoundError} no such request. */
export async function updateOtaRequest(
  db: CatalogDb,
  id: number,
  changes: OtaRequestChanges,
): Promise<OtaRequestRow> {
  const request =
    Object.keys(changes).length === 0
      ? await findOtaRequest(db, id)
      : await db
          .updateTable('ota_requests')
          .set(changes)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
  if (request === undefined) throw new NotFoundError()
  return request
}

/**
 * @throws {NotFoundError} no such request.
 * @throws {ConflictError} somebody has begun to carry it out.
 */
export async function deleteOtaRequest(db: CatalogDb, id: number): Promise<void> {
  await inTransaction(db, async (db) => {
    const action = await db
      .selectFrom('ota_actions')
      .select('id')
      .where('request_id', '=', id)
      .executeTakeFirst()
    if (action !== undefined) {
      throw new ConflictError('The request has actions; set completed_on to end it.')
    }
    const { numDeletedRows } = await db
      .deleteFrom('ota_requests')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}
