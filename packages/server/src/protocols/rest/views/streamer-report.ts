import type { Static } from 'typebox'
import type { ReportOfStreamer } from '../../../catalog/streamer-reports.ts'
import { streamerSlug } from '../../../catalog/streamers.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'

export const StreamerReportView = Type.Object({
  id: Type.String(),
  original_first_id: Type.Integer(),
  original_last_id: Type.Integer(),
  actual_first_id: Type.Integer({ description: 'First reading that was stored; 0 when none was new' }),
  actual_last_id: Type.Integer(),
  streamer: Type.String(),
  sent_timestamp: Type.String({ description: 'When it was received from the device' }),
  device_sent_timestamp: Type.Integer({ description: 'Uptime of the device then, in seconds' }),
  incremental_id: Type.Integer(),
  time_epsilon: Type.Number(),
  created_on: Type.String(),
  created_by: Type.String(),
})

/** Uptimes are whole seconds. */
const TIME_EPSILON_S = 1

export function streamerReportView(
  row: ReportOfStreamer,
  { createdBy }: { createdBy: string },
): Static<typeof StreamerReportView> {
  return {
    id: row.id,
    original_first_id: row.original_first_id,
    original_last_id: row.original_last_id,
    actual_first_id: row.actual_first_id,
    actual_last_id: row.actual_last_id,
    streamer: streamerSlug(row),
    sent_timestamp: formatIsoUs(row.sent_at_us),
    device_sent_timestamp: row.device_sent_s,
    incremental_id: row.incremental_id,
    time_epsilon: TIME_EPSILON_S,
    created_on: formatIsoUs(row.created_at_us),
    created_by: createdBy,
  }
}
