/** Scripts, requests, actions and versions of firmware on the wire. */
import { formatDeviceSlug, formatFleetSlug } from '@sonde/client'
import type { Static } from 'typebox'
import { formatScriptSlug } from '../../../catalog/ota-scripts.ts'
import type {
  OtaActionRow,
  OtaRequestRow,
  OtaScriptRow,
  OtaVersionRow,
} from '../../../catalog/schema/fleets.ts'
import { versionOf } from '../../../catalog/sensor-graphs.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'

export const OtaScriptView = Type.Object({
  slug: Type.String({ description: '`z--…`' }),
  gid: Type.String({ description: 'The slug without its kind' }),
  name: Type.String(),
  org: Type.String(),
  version: Type.String({ description: '`v1.0.0`' }),
  created_on: Type.String(),
  released: Type.Boolean(),
  released_on: Nullable(Type.String()),
})

export const OtaScriptFileView = Type.Object({
  name: Type.String({ description: 'Of the file as it was uploaded' }),
  url: Type.String({ description: 'To be read with the same credentials' }),
  key: Type.String({ description: 'SHA-256 of the file' }),
  major_version: Type.Integer(),
  minor_version: Type.Integer(),
  patch_version: Type.Integer(),
})

export const OtaRequestView = Type.Object({
  id: Type.Integer(),
  script: Type.String(),
  selection_criteria: Type.Array(Type.String(), {
    description: 'Which devices, for whoever carries it out; kept as it is',
  }),
  org: Type.String(),
  fleet: Nullable(Type.String({ description: 'Null: for the whole organization' })),
  released_on: Nullable(Type.String({ description: 'Null: not to be carried out yet' })),
  completed_on: Nullable(Type.String()),
})

export const OtaActionView = Type.Object({
  id: Type.Integer(),
  deployment: Type.Integer({ description: 'Number of the request' }),
  device: Type.String(),
  created_on: Type.String(),
  last_attempt_on: Nullable(Type.String()),
  attempt_successful: Type.Boolean(),
  device_confirmation: Type.Boolean(),
  log: Nullable(Type.String()),
})

export const OtaVersionView = Type.Object({
  device: Type.String(),
  type: Type.String(),
  tag: Type.Integer(),
  version: Type.String(),
  streamer_local_id: Type.Integer(),
  updated_ts: Type.String(),
  created_on: Type.String(),
})

export function otaScriptView(row: OtaScriptRow, org: string): Static<typeof OtaScriptView> {
  const slug = formatScriptSlug(row.id)
  return {
    slug,
    gid: slug.slice('z--'.length),
    name: row.name,
    org,
    version: versionOf(row),
    created_on: formatIsoUs(row.created_at_us),
    released: row.released === 1,
    released_on: timeOrNull(row.released_at_us),
  }
}

export function otaRequestView(row: OtaRequestRow, org: string): Static<typeof OtaRequestView> {
  return {
    id: row.id,
    script: formatScriptSlug(row.script_id),
    selection_criteria: JSON.parse(row.selection_criteria) as string[],
    org,
    fleet: row.fleet_id === null ? null : formatFleetSlug(row.fleet_id),
    released_on: timeOrNull(row.released_at_us),
    completed_on: timeOrNull(row.completed_at_us),
  }
}

export function otaActionView(row: OtaActionRow): Static<typeof OtaActionView> {
  return {
    id: row.id,
    deployment: row.request_id,
    device: formatDeviceSlug(row.device_id),
    created_on: formatIsoUs(row.created_at_us),
    last_attempt_on: timeOrNull(row.last_attempt_at_us),
    attempt_successful: row.attempt_successful === 1,
    device_confirmation: row.device_confirmation === 1,
    log: row.log,
  }
}

export function otaVersionView(row: OtaVersionRow): Static<typeof OtaVersionView> {
  return {
    device: formatDeviceSlug(row.device_id),
    type: row.type,
    tag: row.tag,
    version: row.version,
    streamer_local_id: row.streamer_local_id,
    updated_ts: formatIsoUs(row.updated_at_us),
    created_on: formatIsoUs(row.created_at_us),
  }
}

function timeOrNull(timeUs: number | null): string | null {
  return timeUs === null ? null : formatIsoUs(timeUs)
}
