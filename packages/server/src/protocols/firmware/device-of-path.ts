/** Which device asks: named by its slug, or by its MAC address where all boards of a kind run the same program. */
import { parseSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../../access/caller.ts'
import { hasPermission, type PermissionTarget, requirePermission } from '../../access/permissions.ts'
import { findDevice, findDevicesByExternalIds } from '../../catalog/devices.ts'
import type { DeviceRow } from '../../catalog/schema.ts'
import { ConflictError, NotFoundError } from '../../errors.ts'
import { callerOf } from './credentials.ts'
import { boardHeader } from './reports.ts'
import type { FirmwareServices } from './services.ts'

/** Stands in the place of a slug. */
const BY_MAC = 'mac'

/** Whoever may write the data of a device speaks for it. @throws {NotFoundError} none that the caller may know of. */
export async function deviceOfPath(services: FirmwareServices, request: FastifyRequest): Promise<DeviceRow> {
  const caller = await callerOf(services.authenticator, request)
  const { device: text } = request.params as { device: string }
  if (text === BY_MAC) return deviceByMac(services, { caller, mac: boardHeader(request, 'sta-mac') })
  const slug = parseSlug(text)
  const device = slug?.kind === 'device' ? await findDevice(services.catalog, slug.device) : undefined
  if (device === undefined) throw new NotFoundError('There is no such device.')
  await requirePermission(services.memberships, caller, 'write_data', targetOf(device))
  return device
}

/** The one whose `external_id` is the address, with or without colons, in either case. */
async function deviceByMac(
  { catalog, memberships }: FirmwareServices,
  { caller, mac }: { caller: Caller; mac: string | undefined },
): Promise<DeviceRow> {
  if (!mac) throw new NotFoundError('The request has no x-ESP32-STA-MAC or x-ESP8266-STA-MAC header.')
  const plain = mac.replaceAll(/[:-]/g, '')
  const texts = [mac, plain].flatMap((text) => [text, text.toLowerCase(), text.toUpperCase()])
  const found: DeviceRow[] = []
  for (const device of await findDevicesByExternalIds(catalog, texts)) {
    if (await hasPermission(memberships, caller, 'write_data', targetOf(device))) found.push(device)
  }
  if (found.length === 0) throw new NotFoundError(`No device has the external_id ${mac}.`)
  if (found.length > 1) throw new ConflictError(`Several devices have the external_id ${mac}.`)
  return found[0]
}

function targetOf({ id, org_id, project_id }: DeviceRow): PermissionTarget {
  return { orgId: org_id, ...(project_id === null ? {} : { projectId: project_id }), deviceId: id }
}
