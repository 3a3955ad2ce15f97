import { formatBlockSlug } from '@sonde/client'
import type { Static } from 'typebox'
import type { DataBlockRow } from '../../../catalog/schema/events.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'

export const DataBlockView = Type.Object({
  id: Type.Integer(),
  slug: Type.String(),
  title: Type.String(),
  description: Type.String(),
  block: Type.Integer({ description: 'Number of the archive among those of its device' }),
  org: Type.String({ description: 'Slug' }),
  sg: Nullable(Type.String({ description: 'The device’s when it was archived' })),
  created_on: Type.String(),
  created_by: Type.String({ description: 'User name' }),
  pid: Type.String({ description: 'Always empty: an archive is whole when it is answered' }),
})

/** Names that stand in a row as numbers. */
export interface DataBlockNames {
  readonly org: string
  readonly createdBy: string
}

export function dataBlockView(row: DataBlockRow, names: DataBlockNames): Static<typeof DataBlockView> {
  return {
    id: row.id,
    slug: dataBlockSlug(row),
    title: row.title,
    description: row.description,
    block: row.block,
    org: names.org,
    sg: row.sg,
    created_on: formatIsoUs(row.created_at_us),
    created_by: names.createdBy,
    pid: '',
  }
}

export function dataBlockSlug({ device_id, block }: DataBlockRow): string {
  return formatBlockSlug({ device: device_id, block })
}
