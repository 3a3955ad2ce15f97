import { formatBlockSlug, formatDeviceSlug, formatProjectSlug, formatVariableSlug } from '@sonde/client'
import type { Static } from 'typebox'
import type { StreamRow } from '../../../catalog/schema.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'
import { UnitOrNull, unitView } from './unit.ts'

export const StreamView = Type.Object({
  id: Type.String({ description: 'UUID' }),
  project_id: Type.String({ description: 'UUID' }),
  project: Type.String(),
  device: Nullable(Type.String({ description: 'Null for a virtual stream' })),
  block: Nullable(Type.String({ description: 'The data block of an archived stream' })),
  data_label: Type.String(),
  variable: Type.String(),
  var_type: Nullable(Type.String()),
  data_type: Type.String(),
  var_name: Type.String(),
  var_lid: Type.Integer(),
  input_unit: UnitOrNull,
  output_unit: UnitOrNull,
  derived_stream: Nullable(Type.String()),
  raw_value_format: Type.String(),
  mdo_type: Type.String({ description: 'Whose factors hold: `S` the stream’s, `V` the variable’s' }),
  mdo_label: Type.String(),
  multiplication_factor: Nullable(Type.Integer()),
  division_factor: Nullable(Type.Integer()),
  offset: Nullable(Type.Number()),
  org: Type.String(),
  created_on: Type.String(),
  slug: Type.String(),
  enabled: Type.Boolean(),
})

/** Names that stand in a row as numbers. */
export interface StreamNames {
  readonly projectUuid: string
  readonly org: string
  readonly variableName: string
}

export function streamView(row: StreamRow, names: StreamNames): Static<typeof StreamView> {
  const { project_id, device_id, block } = row
  return {
    id: row.uuid,
    project_id: names.projectUuid,
    project: formatProjectSlug(project_id),
    device: device_id === 0 || block !== 0 ? null : formatDeviceSlug(device_id),
    block: block === 0 ? null : formatBlockSlug({ block, device: device_id }),
    data_label: row.data_label,
    variable: formatVariableSlug({ project: project_id, lid: row.variable_lid }),
    var_type: row.var_type,
    data_type: row.data_type,
    var_name: names.variableName,
    var_lid: row.variable_lid,
    input_unit: unitView(row.input_unit),
    output_unit: unitView(row.output_unit),
    derived_stream: row.derived_stream,
    raw_value_format: row.raw_value_format,
    mdo_type: row.mdo_type,
    mdo_label: row.mdo_label,
    multiplication_factor: row.multiplication_factor,
    division_factor: row.division_factor,
    offset: row.offset_value,
    org: names.org,
    created_on: formatIsoUs(row.created_at_us),
    slug: row.slug,
    enabled: row.enabled === 1,
  }
}
