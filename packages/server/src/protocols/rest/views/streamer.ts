import { formatDeviceSlug } from '@sonde/client'
import type { Static } from 'typebox'
import type { StreamerRow } from '../../../catalog/schema/reports.ts'
import { streamerSlug } from '../../../catalog/streamers.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'

export const StreamerView = Type.Object({
  id: Type.Integer(),
  slug: Type.String(),
  device: Type.String(),
  process_engine_ver: Type.Integer({
    description: 'From 2 on, restarts of the device are taken into account',
  }),
  index: Type.Integer(),
  last_id: Type.Integer({ description: 'Readings up to this number have been taken' }),
  last_reboot_ts: Nullable(Type.String()),
  is_system: Type.Boolean(),
  selector: Type.Integer(),
})

export function streamerView(row: StreamerRow): Static<typeof StreamerView> {
  return {
    id: row.id,
    slug: streamerSlug(row),
    device: formatDeviceSlug(row.device_id),
    process_engine_ver: row.process_engine_ver,
    index: row.streamer_index,
    last_id: row.last_id,
    last_reboot_ts: row.last_reboot_at_us === null ? null : formatIsoUs(row.last_reboot_at_us),
    is_system: row.is_system === 1,
    selector: row.selector,
  }
}
