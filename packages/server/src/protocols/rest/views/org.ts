import type { Static } from 'typebox'
import type { OrgRow } from '../../../catalog/schema.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'

export const OrgView = Type.Object({
  id: Type.String({ description: 'UUID' }),
  name: Type.String(),
  slug: Type.String(),
  ot: Nullable(Type.String()),
  about: Type.String(),
  created_on: Type.String(),
  created_by: Type.String({ description: 'User name' }),
  avatar: Type.Object(
    { tiny: Nullable(Type.String()), thumbnail: Nullable(Type.String()) },
    { description: 'Pictures are not kept' },
  ),
  domain_names: Type.Array(Type.String()),
})

export function orgView(row: OrgRow, { createdBy }: { createdBy: string }): Static<typeof OrgView> {
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    ot: row.ot,
    about: row.about,
    created_on: formatIsoUs(row.created_at_us),
    created_by: createdBy,
    avatar: { tiny: null, thumbnail: null },
    domain_names: [],
  }
}
