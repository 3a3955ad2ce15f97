/** Rollouts and the firmware of devices as they are shown, with the names of what their rows hold as numbers. */
import type { Static } from 'typebox'
import { findDeviceFirmware, listDeviceFirmware } from '../../catalog/device-firmware.ts'
import { findTagNames } from '../../catalog/package-tags.ts'
import { findActiveRollout } from '../../catalog/rollout-devices.ts'
import { listStages } from '../../catalog/rollouts.ts'
import type { RolloutDeviceRow, RolloutRow } from '../../catalog/schema/rollouts.ts'
import type { DeviceRow } from '../../catalog/schema.ts'
import { ownedNames } from './names.ts'
import type { RestServices } from './services.ts'
import {
  type DeviceFirmwareView,
  deviceFirmwareView,
  type RolloutDeviceView,
  type RolloutView,
  rolloutDeviceView,
  rolloutView,
} from './views/rollout.ts'

export async function rolloutViews(
  services: RestServices,
  rows: readonly RolloutRow[],
): Promise<Static<typeof RolloutView>[]> {
  const { catalog } = services
  const ids = rows.map((row) => row.id)
  const stages = Map.groupBy(await listStages(catalog, ids), (stage) => stage.rollout_id)
  const names = await ownedNames(services, rows)
  const tagIds = rows.flatMap(({ tag_id, rollback_tag_id }) => [tag_id, rollback_tag_id])
  const tags = await findTagNames(catalog, given(tagIds))
  return rows.map((row) => rolloutView(row, stages.get(row.id) ?? [], { ...names(row), tags }))
}

export async function rolloutDeviceViews(
  { catalog }: RestServices,
  rows: readonly RolloutDeviceRow[],
): Promise<Static<typeof RolloutDeviceView>[]> {
  const ids = rows.map((row) => row.device_id)
  const said = new Map((await listDeviceFirmware(catalog, ids)).map((row) => [row.device_id, row.version]))
  const tags = await findTagNames(catalog, given(rows.map((row) => row.previous_tag_id)))
  return rows.map((row) => rolloutDeviceView(row, { version: said.get(row.device_id) ?? null, tags }))
}

export async function firmwareOfDevice(
  { catalog }: RestServices,
  { id, org_id }: DeviceRow,
): Promise<Static<typeof DeviceFirmwareView>> {
  const row = await findDeviceFirmware(catalog, id)
  const active =
    org_id === null ? undefined : await findActiveRollout(catalog, { deviceId: id, orgId: org_id })
  const tags = await findTagNames(catalog, given([row?.tag_id ?? null]))
  return deviceFirmwareView(row, { tags, member: active?.member })
}

function given(ids: readonly (number | null)[]): number[] {
  return ids.filter((id) => id !== null)
}
