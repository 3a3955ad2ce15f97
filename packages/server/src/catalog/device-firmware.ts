/** What each device is to run, and what it said last that it runs. A device without a row has said nothing. */
import { inChunks } from './in-chunks.ts'
import type { DeviceFirmwareRow } from './schema/rollouts.ts'
import type { CatalogDb } from './schema.ts'

export type FirmwareChanges = Partial<Omit<DeviceFirmwareRow, 'device_id'>>

export async function findDeviceFirmware(
  db: CatalogDb,
  deviceId: number,
): Promise<DeviceFirmwareRow | undefined> {
  return db.selectFrom('device_firmware').selectAll().where('device_id', '=', deviceId).executeTakeFirst()
}

export async function saveDeviceFirmware(
  db: CatalogDb,
  deviceId: number,
  changes: FirmwareChanges,
): Promise<DeviceFirmwareRow> {
  const nothing = { tag_id: null, attempts: 0, version: null, sketch_md5: null, reported_at_us: null }
  return db
    .insertInto('device_firmware')
    .values({ device_id: deviceId, ...nothing, ...changes })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet({ device_id: deviceId, ...changes }))
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function listDeviceFirmware(
  db: CatalogDb,
  deviceIds: readonly number[],
): Promise<DeviceFirmwareRow[]> {
  return inChunks(deviceIds, (chunk) =>
    db.selectFrom('device_firmware').selectAll().where('device_id', 'in', chunk).execute(),
  )
}
