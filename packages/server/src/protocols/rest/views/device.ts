import { formatDeviceSlug } from '@sonde/client'
import type { Static } from 'typebox'
import type { DeviceRow } from '../../../catalog/schema.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'

export const DeviceView = Type.Object({
  id: Type.Integer(),
  slug: Type.String(),
  gid: Type.String({ description: 'The slug without its kind' }),
  label: Type.String(),
  active: Type.Boolean(),
  external_id: Type.String(),
  sg: Nullable(Type.String()),
  template: Type.String(),
  org: Nullable(Type.String()),
  project: Nullable(Type.String({ description: 'UUID' })),
  lat: Nullable(Type.String()),
  lon: Nullable(Type.String()),
  state: Type.String({ description: '`N1` normal, `N0` inactive, `B0` busy' }),
  busy: Type.Boolean(),
  created_on: Type.String(),
  claimed_by: Nullable(Type.String({ description: 'User name' })),
  claimed_on: Nullable(Type.String()),
})

/** Names that stand in a row as numbers. */
export interface DeviceNames {
  readonly org: string | null
  readonly project: string | null
  readonly claimedBy: string | null
}

export function deviceView(row: DeviceRow, names: DeviceNames): Static<typeof DeviceView> {
  const slug = formatDeviceSlug(row.id)
  return {
    id: row.id,
    slug,
    gid: slug.slice('d--'.length),
    label: row.label,
    active: row.active === 1,
    external_id: row.external_id,
    sg: row.sg,
    template: row.template,
    org: names.org,
    project: names.project,
    lat: row.lat,
    lon: row.lon,
    state: row.state,
    busy: row.busy === 1,
    created_on: formatIsoUs(row.created_at_us),
    claimed_by: names.claimedBy,
    claimed_on: row.claimed_at_us === null ? null : formatIsoUs(row.claimed_at_us),
  }
}
