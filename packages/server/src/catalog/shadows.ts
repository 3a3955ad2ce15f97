/** Shadows of devices: what each is wished to be like, and what it says that it is like. */
import { inTransaction } from './in-transaction.ts'
import type { ShadowRow } from './schema/pins.ts'
import type { CatalogDb } from './schema.ts'

export async function findShadow(db: CatalogDb, deviceId: number): Promise<ShadowRow | undefined> {
  return db.selectFrom('shadows').selectAll().where('device_id', '=', deviceId).executeTakeFirst()
}

/**
 * Replaces the shadow of a device with what `change` makes of it; undefined is one that nobody has made yet.
 * Changes of one shadow come one after the other.
 */
export async function changeShadow(
  db: CatalogDb,
  deviceId: number,
  change: (row: ShadowRow | undefined) => ShadowRow,
): Promise<ShadowRow> {
  return inTransaction(db, async (db) => {
    const row = change(await findShadow(db, deviceId))
    return db
      .insertInto('shadows')
      .values(row)
      .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/** Notes when the device first fetched the wishes of `desiredAtUs`, unless there are others meanwhile. */
export async function markShadowDelivered(
  db: CatalogDb,
  { deviceId, desiredAtUs, nowUs }: { deviceId: number; desiredAtUs: number; nowUs: number },
): Promise<void> {
  await db
    .updateTable('shadows')
    .set({ delivered_at_us: nowUs })
    .where('device_id', '=', deviceId)
    .where('desired_at_us', '=', desiredAtUs)
    .where('delivered_at_us', 'is', null)
    .execute()
}
