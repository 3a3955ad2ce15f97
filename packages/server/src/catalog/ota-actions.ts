/** Attempts to carry out deployment requests on devices. */
import { InvalidError, NotFoundError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { OtaActionRow } from './schema/fleets.ts'
import type { CatalogDb } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'

export type OtaActionChanges = Partial<
  Pick<OtaActionRow, 'last_attempt_at_us' | 'attempt_successful' | 'device_confirmation' | 'log'>
>

export type NewOtaAction = Pick<OtaActionRow, 'request_id' | 'device_id' | 'created_by' | 'created_at_us'> &
  OtaActionChanges

/** @throws {InvalidError} the device is not of the organisation of the request. */
export async function createOtaAction(db: CatalogDb, action: NewOtaAction): Promise<OtaActionRow> {
  return inTransaction(db, async (db) => {
    const shared = await db
      .selectFrom('ota_requests')
      .innerJoin('devices', 'devices.org_id', 'ota_requests.org_id')
      .select('devices.id')
      .where('ota_requests.id', '=', action.request_id)
      .where('devices.id', '=', action.device_id)
      .executeTakeFirst()
    if (shared === undefined) {
      throw InvalidError.field('device', 'There is no such device in the organization of the deployment.')
    }
    return db
      .insertInto('ota_actions')
      .values({
        last_attempt_at_us: null,
        attempt_successful: 0,
        device_confirmation: 0,
        log: null,
        ...action,
        id: await takeIds(db, 'ota_action'),
      })
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

export async function findOtaAction(db: CatalogDb, id: number): Promise<OtaActionRow | undefined> {
  return db.selectFrom('ota_actions').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Actions in the order of their making; those on devices that have left an organisation stay with its requests. */
export async function listOtaActions(
  db: CatalogDb,
  { sight, filter }: { sight: Sight; filter: { requestId?: number; deviceId?: number } },
  page: Page,
): Promise<Paged<OtaActionRow>> {
  let requests = db.selectFrom('ota_requests').select('id')
  if (sight.memberId !== undefined) requests = requests.where('org_id', 'in', orgIdsOf(db, sight.memberId))
  if (sight.orgId !== undefined) requests = requests.where('org_id', '=', sight.orgId)
  let matches = db.selectFrom('ota_actions').where('request_id', 'in', requests)
  if (sight.projectId !== undefined) {
    const devices = db.selectFrom('devices').select('id').where('project_id', '=', sight.projectId)
    matches = matches.where('device_id', 'in', devices)
  }
  if (sight.deviceId !== undefined) matches = matches.where('device_id', '=', sight.deviceId)
  if (filter.requestId !== undefined) matches = matches.where('request_id', '=', filter.requestId)
  if (filter.deviceId !== undefined) matches = matches.where('device_id', '=', filter.deviceId)
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('id'))
}

/** @throws {NotFoundError} no such action. */
export async function updateOtaAction(
  db: CatalogDb,
  id: number,
  changes: OtaActionChanges,
): Promise<OtaActionRow> {
  const action =
    Object.keys(changes).length === 0
      ? await findOtaAction(db, id)
      : await db
          .updateTable('ota_actions')
          .set(changes)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
  if (action === undefined) throw new NotFoundError()
  return action
}
