/** Masks: the window of time in which the data of a device are good, as somebody has said. */
import { inChunks } from './in-chunks.ts'
import type { DeviceMaskRow } from './schema/reports.ts'
import type { CatalogDb } from './schema.ts'

export async function findDeviceMask(db: CatalogDb, deviceId: number): Promise<DeviceMaskRow | undefined> {
  return db.selectFrom('device_masks').selectAll().where('device_id', '=', deviceId).executeTakeFirst()
}

/** Masks of those of the devices that have one. */
export async function findDeviceMasks(
  db: CatalogDb,
  deviceIds: Iterable<number>,
): Promise<ReadonlyMap<number, DeviceMaskRow>> {
  const masks = await inChunks(deviceIds, (chunk) =>
    db.selectFrom('device_masks').selectAll().where('device_id', 'in', chunk).execute(),
  )
  return new Map(masks.map((mask) => [mask.device_id, mask]))
}

/** A device has one mask; a new one takes the place of the old. */
export async function setDeviceMask(db: CatalogDb, mask: DeviceMaskRow): Promise<void> {
  const { device_id: _, ...changes } = mask
  await db
    .insertInto('device_masks')
    .values(mask)
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(changes))
    .execute()
}

export async function deleteDeviceMask(db: CatalogDb, deviceId: number): Promise<void> {
  await db.deleteFrom('device_masks').where('device_id', '=', deviceId).execute()
}
