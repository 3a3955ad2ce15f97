import type { Static } from 'typebox'
import { propertyValue } from '../../../catalog/properties.ts'
import type { PropertyRow } from '../../../catalog/schema/events.ts'
import { Type } from '../schema.ts'

export const PropertyView = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  value: Type.Union([Type.String(), Type.Integer(), Type.Boolean()]),
  type: Type.String({ description: '`str`, `int` or `bool`' }),
  is_system: Type.Boolean(),
  target: Type.String({ description: 'Slug of a project, device or data block' }),
})

export function propertyView(row: PropertyRow): Static<typeof PropertyView> {
  return {
    id: row.id,
    name: row.name,
    value: propertyValue(row),
    type: row.type,
    is_system: row.is_system === 1,
    target: row.target,
  }
}
