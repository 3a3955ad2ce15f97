import type { Static } from 'typebox'
import type { TokenRow } from '../../../catalog/schema.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'

export const KeyView = Type.Object({
  id: Type.String({ description: 'UUID' }),
  name: Type.String(),
  created_on: Type.String(),
  expires_on: Nullable(Type.String()),
  last_used_on: Nullable(Type.String({ description: 'To the minute' })),
})

export function keyView(row: TokenRow): Static<typeof KeyView> {
  return {
    id: row.id,
    name: row.name,
    created_on: formatIsoUs(row.created_at_us),
    expires_on: row.expires_at_us === null ? null : formatIsoUs(row.expires_at_us),
    last_used_on: row.last_used_at_us === null ? null : formatIsoUs(row.last_used_at_us),
  }
}
