import { formatDeviceSlug, formatFleetSlug } from '@sonde/client'
import type { Static } from 'typebox'
import type { FleetDeviceRow, FleetRow } from '../../../catalog/schema/fleets.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'

export const FleetView = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  slug: Type.String(),
  org: Type.String(),
  description: Type.String(),
  created_on: Type.String(),
  created_by: Type.String({ description: 'User name' }),
  is_network: Type.Boolean(),
})

export const FleetDeviceView = Type.Object({
  device: Type.String(),
  always_on: Type.Boolean(),
  is_access_point: Type.Boolean(),
})

/** Names that stand in a row as ids. */
export interface FleetNames {
  readonly org: string
  readonly createdBy: string
}

export function fleetView(row: FleetRow, names: FleetNames): Static<typeof FleetView> {
  return {
    id: row.id,
    name: row.name,
    slug: formatFleetSlug(row.id),
    org: names.org,
    description: row.description,
    created_on: formatIsoUs(row.created_at_us),
    created_by: names.createdBy,
    is_network: row.is_network === 1,
  }
}

export function fleetDeviceView(row: FleetDeviceRow): Static<typeof FleetDeviceView> {
  return {
    device: formatDeviceSlug(row.device_id),
    always_on: row.always_on === 1,
    is_access_point: row.is_access_point === 1,
  }
}
