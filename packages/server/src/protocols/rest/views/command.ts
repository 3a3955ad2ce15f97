import type { Static } from 'typebox'
import { COMMAND_STATES } from '../../../catalog/commands.ts'
import type { CommandRow } from '../../../catalog/schema/pins.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'
import { isoOrNull } from './shadow.ts'

export const CommandView = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  payload: Type.Unknown(),
  state: Type.Enum(COMMAND_STATES),
  created_on: Type.String(),
  expires_on: Type.String(),
  delivered_on: Nullable(Type.String({ description: 'The last time' })),
  deliveries: Type.Integer({ description: 'How often it was handed out' }),
  finished_on: Nullable(Type.String()),
  result: Type.Unknown({ description: 'What the device answered' }),
  error: Nullable(Type.String({ description: 'Why the device could not do it' })),
})

export function commandView(row: CommandRow): Static<typeof CommandView> {
  return {
    id: row.id,
    name: row.name,
    payload: JSON.parse(row.payload),
    state: row.state as (typeof COMMAND_STATES)[number],
    created_on: formatIsoUs(row.created_at_us),
    expires_on: formatIsoUs(row.expires_at_us),
    delivered_on: isoOrNull(row.delivered_at_us),
    deliveries: row.deliveries,
    finished_on: isoOrNull(row.finished_at_us),
    result: row.result === null ? null : JSON.parse(row.result),
    error: row.error,
  }
}
