/** Devices in rollouts. Whoever changes the state of one changes the counts of its stage with it. */
import { inChunks } from './in-chunks.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import { ACTIVE_STATES } from './rollouts.ts'
import type { RolloutDeviceRow, RolloutRow } from './schema/rollouts.ts'
import type { CatalogDb } from './schema.ts'

export const DEVICE_STATES = [
  'pending',
  'offered',
  'downloading',
  'verifying',
  'succeeded',
  'failed',
  'rolling_back',
  'rolled_back',
] as const
export type DeviceState = (typeof DEVICE_STATES)[number]

export interface RolloutDeviceFilter {
  readonly rolloutId: number
  readonly state?: DeviceState
  readonly stage?: number
  /** Of these only. */
  readonly projectId?: number
  readonly deviceId?: number
}

/** Numbers of the active devices of an organisation, or of those in its fleet; up to `limit`, in their order. */
export async function listTargetDevices(
  db: CatalogDb,
  { orgId, fleetId, limit }: { orgId: string; fleetId: number | null; limit: number },
): Promise<number[]> {
  let matches = db.selectFrom('devices').where('devices.org_id', '=', orgId).where('devices.active', '=', 1)
  if (fleetId !== null) {
    const members = db.selectFrom('fleet_devices').select('device_id').where('fleet_id', '=', fleetId)
    matches = matches.where('devices.id', 'in', members)
  }
  const rows = await matches.select('devices.id').orderBy('devices.id').limit(limit).execute()
  return rows.map(({ id }) => id)
}

/** Puts devices into a rollout that has none yet. */
export async function addRolloutDevices(db: CatalogDb, rows: readonly RolloutDeviceRow[]): Promise<void> {
  await inChunks(rows, async (chunk) => {
    await db.insertInto('rollout_devices').values(chunk).execute()
    return []
  })
  for (const [stage, members] of Map.groupBy(rows, (row) => row.stage)) {
    await db
      .updateTable('rollout_stages')
      .set({ pending: members.length })
      .where('rollout_id', '=', members[0].rollout_id)
      .where('stage', '=', stage)
      .execute()
  }
}

/** One of the devices that another rollout has a say in, with that rollout. */
export async function findBusyDevice(
  db: CatalogDb,
  deviceIds: readonly number[],
): Promise<{ device_id: number; rollout_id: number } | undefined> {
  const busy = await inChunks(deviceIds, (chunk) =>
    db
      .selectFrom('rollout_devices')
      .innerJoin('rollouts', 'rollouts.id', 'rollout_devices.rollout_id')
      .select(['rollout_devices.device_id', 'rollout_devices.rollout_id'])
      .where('rollout_devices.device_id', 'in', chunk)
      .where('rollouts.state', 'in', ACTIVE_STATES)
      .limit(1)
      .execute(),
  )
  return busy.at(0)
}

/** The rollout that has a say in what a device runs, and where the device is in it. */
export async function findActiveRollout(
  db: CatalogDb,
  { deviceId, orgId }: { deviceId: number; orgId: string },
): Promise<{ rollout: RolloutRow; member: RolloutDeviceRow } | undefined> {
  const member = await db
    .selectFrom('rollout_devices')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_devices.rollout_id')
    .selectAll('rollout_devices')
    .where('rollout_devices.device_id', '=', deviceId)
    .where('rollouts.org_id', '=', orgId)
    .where('rollouts.state', 'in', ACTIVE_STATES)
    .limit(1)
    .executeTakeFirst()
  if (member === undefined) return undefined
  const rollout = await db
    .selectFrom('rollouts')
    .selectAll()
    .where('id', '=', member.rollout_id)
    .executeTakeFirstOrThrow()
  return { rollout, member }
}

/** By device. */
export async function listRolloutDevices(
  db: CatalogDb,
  { rolloutId, state, stage, projectId, deviceId }: RolloutDeviceFilter,
  page: Page,
): Promise<Paged<RolloutDeviceRow>> {
  let matches = db.selectFrom('rollout_devices').where('rollout_id', '=', rolloutId)
  if (state !== undefined) matches = matches.where('state', '=', state)
  if (stage !== undefined) matches = matches.where('stage', '=', stage)
  if (deviceId !== undefined) matches = matches.where('device_id', '=', deviceId)
  if (projectId !== undefined) {
    const devices = db.selectFrom('devices').select('id').where('project_id', '=', projectId)
    matches = matches.where('device_id', 'in', devices)
  }
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('device_id'))
}

/** Devices that were offered something, got bytes, or are to go back, and were not heard of since; by number from behind `afterId`. */
export async function listWaitingDevices(
  db: CatalogDb,
  { rolloutId, afterId, limit }: { rolloutId: number; afterId: number; limit: number },
): Promise<RolloutDeviceRow[]> {
  return db
    .selectFrom('rollout_devices')
    .selectAll()
    .where('rollout_id', '=', rolloutId)
    .where('state', 'in', ['offered', 'downloading', 'verifying', 'rolling_back'])
    .where('device_id', '>', afterId)
    .orderBy('device_id')
    .limit(limit)
    .execute()
}

/** Devices that a rollout which goes back has still to be taken back on, by number from behind `afterId`. */
export async function listRecallDevices(
  db: CatalogDb,
  { rolloutId, afterId, limit }: { rolloutId: number; afterId: number; limit: number },
): Promise<RolloutDeviceRow[]> {
  return selectUnsettled(db, rolloutId)
    .selectAll()
    .where('device_id', '>', afterId)
    .where('state', '!=', 'rolling_back')
    .orderBy('device_id')
    .limit(limit)
    .execute()
}

/** Whether a rollout that goes back has devices which are not back yet. */
export async function hasUnsettledDevices(db: CatalogDb, rolloutId: number): Promise<boolean> {
  const row = await selectUnsettled(db, rolloutId).select('device_id').limit(1).executeTakeFirst()
  return row !== undefined
}

/** A failed device of which nobody knows what it ran before is left as it is. */
function selectUnsettled(db: CatalogDb, rolloutId: number) {
  return db
    .selectFrom('rollout_devices')
    .where('rollout_id', '=', rolloutId)
    .where((eb) =>
      eb.or([
        eb('state', 'in', ['offered', 'downloading', 'verifying', 'rolling_back']),
        eb.and([eb('state', 'in', ['pending', 'succeeded']), eb('attempts', '>', 0)]),
        eb.and([eb('state', '=', 'failed'), eb('attempts', '>', 0), eb('previous_tag_id', 'is not', null)]),
      ]),
    )
}

/** False when somebody else has changed the device since it was read; nothing was changed then. */
export async function saveRolloutDevice(
  db: CatalogDb,
  before: RolloutDeviceRow,
  after: RolloutDeviceRow,
): Promise<boolean> {
  const { rollout_id, device_id, stage } = before
  return inTransaction(db, async (db) => {
    const { numUpdatedRows } = await db
      .updateTable('rollout_devices')
      .set(after)
      .where('rollout_id', '=', rollout_id)
      .where('device_id', '=', device_id)
      .where('state', '=', before.state)
      .where('attempts', '=', before.attempts)
      .where('failures', '=', before.failures)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows === 0n) return false
    const isSuccess = after.state === 'succeeded' && before.state !== 'succeeded'
    await db
      .updateTable('rollout_stages')
      .set((eb) => ({
        ...(after.state === before.state
          ? {}
          : {
              [before.state]: eb(eb.ref(before.state as DeviceState), '-', 1),
              [after.state]: eb(eb.ref(after.state as DeviceState), '+', 1),
            }),
        attempts_succeeded: eb('attempts_succeeded', '+', Number(isSuccess && after.attempts > 0)),
        attempts_failed: eb('attempts_failed', '+', after.failures - before.failures),
      }))
      .where('rollout_id', '=', rollout_id)
      .where('stage', '=', stage)
      .execute()
    return true
  })
}

/** A device that changes hands or goes is in no rollout any more, and nobody has decided what it runs. */
export async function forgetFirmware(db: CatalogDb, deviceId: number): Promise<void> {
  const members = await db
    .selectFrom('rollout_devices')
    .selectAll()
    .where('device_id', '=', deviceId)
    .execute()
  for (const { rollout_id, stage, state } of members) {
    await db
      .updateTable('rollout_stages')
      .set((eb) => ({ [state]: eb(eb.ref(state as DeviceState), '-', 1) }))
      .where('rollout_id', '=', rollout_id)
      .where('stage', '=', stage)
      .execute()
  }
  await db.deleteFrom('rollout_devices').where('device_id', '=', deviceId).execute()
  await db.deleteFrom('device_firmware').where('device_id', '=', deviceId).execute()
}
