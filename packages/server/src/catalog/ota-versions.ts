/** What devices said that they run. Every report of a version is kept; the newest of each type is current. */
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { OtaVersionRow } from './schema/fleets.ts'
import type { CatalogDb } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'

export async function createOtaVersion(
  db: CatalogDb,
  version: Omit<OtaVersionRow, 'id'>,
): Promise<OtaVersionRow> {
  return inTransaction(db, async (db) =>
    db
      .insertInto('ota_versions')
      .values({ ...version, id: await takeIds(db, 'ota_version') })
      .returningAll()
      .executeTakeFirstOrThrow(),
  )
}

/** Versions in the order of their making. */
export async function listOtaVersions(
  db: CatalogDb,
  { sight, filter }: { sight: Sight; filter: { deviceId?: number; type?: string } },
  page: Page,
): Promise<Paged<OtaVersionRow>> {
  let devices = db.selectFrom('devices').select('id')
  if (sight.memberId !== undefined) devices = devices.where('org_id', 'in', orgIdsOf(db, sight.memberId))
  if (sight.orgId !== undefined) devices = devices.where('org_id', '=', sight.orgId)
  if (sight.projectId !== undefined) devices = devices.where('project_id', '=', sight.projectId)
  if (sight.deviceId !== undefined) devices = devices.where('id', '=', sight.deviceId)
  let matches = db.selectFrom('ota_versions').where('device_id', 'in', devices)
  if (filter.deviceId !== undefined) matches = matches.where('device_id', '=', filter.deviceId)
  if (filter.type !== undefined) matches = matches.where('type', '=', filter.type)
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('id'))
}

/** The newest version of each type, of some devices: at most a few hundred of these. By device, then type. */
export async function findCurrentVersions(
  db: CatalogDb,
  deviceIds: readonly number[],
): Promise<OtaVersionRow[]> {
  if (deviceIds.length === 0) return []
  return db
    .selectFrom('ota_versions as current')
    .selectAll()
    .where('device_id', 'in', deviceIds)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('ota_versions as newer')
            .select('newer.id')
            .whereRef('newer.device_id', '=', 'current.device_id')
            .whereRef('newer.type', '=', 'current.type')
            .where((eb) =>
              eb.or([
                eb('newer.updated_at_us', '>', eb.ref('current.updated_at_us')),
                eb.and([
                  eb('newer.updated_at_us', '=', eb.ref('current.updated_at_us')),
                  eb('newer.id', '>', eb.ref('current.id')),
                ]),
              ]),
            ),
        ),
      ),
    )
    .orderBy('device_id')
    .orderBy('type')
    .execute()
}
