import { formatDeviceSlug, formatProjectSlug } from '@sonde/client'
import type { Static } from 'typebox'
import { parseScopes, SCOPES } from '../../../access/caller.ts'
import type { TokenRow } from '../../../catalog/schema.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'

export const ScopeView = Type.Enum(SCOPES)

export const TokenView = Type.Object({
  id: Type.String({ description: 'UUID' }),
  name: Type.String(),
  scopes: Type.Array(ScopeView),
  org: Nullable(Type.String({ description: 'The organization that the token is limited to' })),
  project: Nullable(Type.String({ description: 'The project that the token is limited to' })),
  device: Nullable(Type.String({ description: 'The device that the token is limited to' })),
  created_on: Type.String(),
  expires_on: Nullable(Type.String()),
  last_used_on: Nullable(Type.String({ description: 'To the minute' })),
})

/** `org` is the slug of the organisation that the row names. */
export function tokenView(row: TokenRow, { org }: { org: string | null }): Static<typeof TokenView> {
  return {
    id: row.id,
    name: row.name,
    scopes: [...parseScopes(row.scopes)],
    org,
    project: row.project_id === null ? null : formatProjectSlug(row.project_id),
    device: row.device_id === null ? null : formatDeviceSlug(row.device_id),
    created_on: formatIsoUs(row.created_at_us),
    expires_on: row.expires_at_us === null ? null : formatIsoUs(row.expires_at_us),
    last_used_on: row.last_used_at_us === null ? null : formatIsoUs(row.last_used_at_us),
  }
}
