import { formatVariableSlug } from '@sonde/client'
import type { Static } from 'typebox'
import type { VariableRow } from '../../../catalog/schema.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'
import { UnitOrNull, unitView } from './unit.ts'

export const VariableView = Type.Object({
  id: Type.String({ description: 'UUID' }),
  name: Type.String(),
  lid: Type.Integer({ description: 'Number within the project' }),
  var_type: Type.String(),
  input_unit: UnitOrNull,
  output_unit: UnitOrNull,
  derived_variable: Nullable(Type.String()),
  project: Type.String({ description: 'UUID' }),
  org: Type.String(),
  about: Type.String(),
  created_on: Type.String(),
  raw_value_format: Type.String(),
  units: Type.String(),
  multiplication_factor: Nullable(Type.Integer()),
  division_factor: Nullable(Type.Integer()),
  offset: Nullable(Type.Number()),
  decimal_places: Type.Integer(),
  mdo_label: Type.String(),
  web_only: Type.Boolean(),
  app_only: Type.Boolean(),
  slug: Type.String(),
})

export function variableView(
  row: VariableRow,
  { project, org }: { project: string; org: string },
): Static<typeof VariableView> {
  return {
    id: row.id,
    name: row.name,
    lid: row.lid,
    var_type: row.var_type,
    input_unit: unitView(row.input_unit),
    output_unit: unitView(row.output_unit),
    derived_variable: row.derived_variable,
    project,
    org,
    about: row.about,
    created_on: formatIsoUs(row.created_at_us),
    raw_value_format: row.raw_value_format,
    units: row.units,
    multiplication_factor: row.multiplication_factor,
    division_factor: row.division_factor,
    offset: row.offset_value,
    decimal_places: row.decimal_places,
    mdo_label: row.mdo_label,
    web_only: row.web_only === 1,
    app_only: row.app_only === 1,
    slug: formatVariableSlug({ project: row.project_id, lid: row.lid }),
  }
}
