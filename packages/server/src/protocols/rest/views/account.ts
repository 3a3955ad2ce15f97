import type { Static } from 'typebox'
import type { AccountRow } from '../../../catalog/schema.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'

export const AccountView = Type.Object({
  id: Type.Integer(),
  email: Nullable(Type.String()),
  username: Type.String(),
  created_at: Type.String(),
  updated_at: Type.String(),
  name: Type.String(),
  tagline: Type.String(),
  avatar: Type.Object(
    { tiny: Nullable(Type.String()), thumbnail: Nullable(Type.String()), medium: Nullable(Type.String()) },
    { description: 'Pictures are not kept' },
  ),
  slug: Type.String(),
  is_staff: Type.Boolean(),
  is_active: Type.Boolean({ description: 'Whether the account may log in' }),
})

export function accountView(row: AccountRow): Static<typeof AccountView> {
  return {
    id: row.id,
    email: row.email,
    username: row.username,
    created_at: formatIsoUs(row.created_at_us),
    updated_at: formatIsoUs(row.updated_at_us),
    name: row.name,
    tagline: row.tagline,
    avatar: { tiny: null, thumbnail: null, medium: null },
    slug: row.slug,
    is_staff: row.is_staff === 1,
    is_active: row.is_active === 1,
  }
}
