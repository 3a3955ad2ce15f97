import { formatProjectSlug } from '@sonde/client'
import type { Static } from 'typebox'
import type { ProjectRow } from '../../../catalog/schema.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'

export const ProjectView = Type.Object({
  id: Type.String({ description: 'UUID' }),
  name: Type.String(),
  slug: Type.String(),
  gid: Type.String({ description: 'The slug without its kind' }),
  org: Type.String(),
  about: Type.String(),
  project_template: Nullable(Type.String()),
  created_on: Type.String(),
  created_by: Type.String({ description: 'User name' }),
})

/** Names that stand in a row as ids. */
export interface ProjectNames {
  readonly org: string
  readonly createdBy: string
}

export function projectView(row: ProjectRow, names: ProjectNames): Static<typeof ProjectView> {
  const slug = formatProjectSlug(row.id)
  return {
    id: row.uuid,
    name: row.name,
    slug,
    gid: slug.slice('p--'.length),
    org: names.org,
    about: row.about,
    project_template: row.project_template,
    created_on: formatIsoUs(row.created_at_us),
    created_by: names.createdBy,
  }
}
