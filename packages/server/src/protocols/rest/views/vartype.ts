import type { Static } from 'typebox'
import type { VartypeRow } from '../../../catalog/schema/fleets.ts'
import { unitsOf } from '../../../catalog/vartypes.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'
import { UnitView } from './unit.ts'

export const VartypeView = Type.Object({
  name: Type.String(),
  slug: Type.String(),
  available_input_units: Type.Array(UnitView),
  available_output_units: Type.Array(UnitView),
  stream_data_type: Type.String(),
  decoder: Nullable(Type.Unknown({ description: 'How the bytes of a packet are to be read; kept as it is' })),
  schema: Nullable(Type.Unknown({ description: 'Of the keys of an event; kept as it is' })),
  storage_units_full: Type.String({ description: 'Name of the internal unit' }),
  storage_units_short: Type.String(),
})

export function vartypeView(row: VartypeRow): Static<typeof VartypeView> {
  return {
    name: row.name,
    slug: row.slug,
    available_input_units: [...unitsOf(row, 'in')],
    available_output_units: [...unitsOf(row, 'out')],
    stream_data_type: row.stream_data_type,
    decoder: row.decoder === null ? null : JSON.parse(row.decoder),
    schema: row.schema === null ? null : JSON.parse(row.schema),
    storage_units_full: row.storage_units_full,
    storage_units_short: row.storage_units_short,
  }
}
