import type { Static } from 'typebox'
import type { EventRow } from '../../../catalog/schema/events.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'
import { type PointStream, streamParts } from './point.ts'

export const EventView = Type.Object({
  id: Type.Integer(),
  stream: Type.String(),
  project: Type.String(),
  device: Nullable(Type.String()),
  variable: Type.String(),
  s3bucket: Nullable(Type.String({ description: 'Always null: documents are read at `event/<id>/data/`' })),
  s3key: Nullable(Type.String()),
  ext: Type.String({ description: '`json` or `json.gz`; empty without a document' }),
  has_raw_data: Type.Boolean({ description: 'Whether there is a document' }),
  device_timestamp: Nullable(Type.Integer()),
  timestamp: Type.String(),
  streamer_local_id: Type.Integer(),
  dirty_ts: Type.Boolean(),
  status: Type.String(),
  extra_data: Type.Unknown({ description: 'Object' }),
})

export function eventView(row: EventRow, stream: PointStream): Static<typeof EventView> {
  return {
    id: row.id,
    ...streamParts(stream),
    s3bucket: null,
    s3key: null,
    ext: row.ext,
    has_raw_data: row.data_sha256 !== null,
    device_timestamp: row.device_timestamp,
    timestamp: formatIsoUs(row.time_us),
    streamer_local_id: row.streamer_local_id,
    dirty_ts: row.dirty_ts === 1,
    status: row.status,
    extra_data: JSON.parse(row.extra_data),
  }
}
