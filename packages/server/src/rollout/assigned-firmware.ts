/** What a device is to run outside of rollouts: somebody has assigned it, or its last rollout has. */
import { recordAudit } from '../catalog/audit.ts'
import { saveDeviceFirmware } from '../catalog/device-firmware.ts'
import { inTransaction } from '../catalog/in-transaction.ts'
import { findBusyDevice } from '../catalog/rollout-devices.ts'
import type { CatalogDb } from '../catalog/schema.ts'
import { ConflictError } from '../errors.ts'

export interface Assignment {
  readonly deviceId: number
  readonly deviceSlug: string
  /** Null takes an assignment back. */
  readonly tagId: number | null
  readonly accountId: number
  readonly nowUs: number
}

/** @throws {ConflictError} a rollout has a say in what the device runs. */
export async function assignFirmware(
  db: CatalogDb,
  { deviceId, deviceSlug, tagId, accountId, nowUs }: Assignment,
): Promise<void> {
  await inTransaction(db, async (db) => {
    const busy = await findBusyDevice(db, [deviceId])
    if (busy !== undefined) {
      throw new ConflictError(`The device is in rollout ${busy.rollout_id}; abort it or wait for its end.`)
    }
    await saveDeviceFirmware(db, deviceId, { tag_id: tagId, attempts: 0 })
    await recordAudit(db, {
      at_us: nowUs,
      account_id: accountId,
      action: 'assign firmware',
      target: deviceSlug,
      detail: tagId === null ? 'none' : `tag ${tagId}`,
    })
  })
}
