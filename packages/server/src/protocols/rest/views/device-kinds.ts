/** Sensor graphs and device templates on the wire. */
import type { Static } from 'typebox'
import type { DeviceTemplateRow, SensorGraphRow } from '../../../catalog/schema/fleets.ts'
import { versionOf } from '../../../catalog/sensor-graphs.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'

const Slug = Type.String()
const Org = Nullable(Type.String({ description: 'Slug of the organization that made it' }))
const List = Type.Array(Type.Unknown(), { description: 'Kept as it is' })

export const SensorGraphView = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  slug: Slug,
  org: Org,
  project_template: Nullable(Type.String()),
  variable_templates: List,
  display_widget_templates: List,
  ui_extra: Type.Unknown({ description: 'Kept as it is' }),
  report_processing_engine_ver: Type.Integer({ description: '2 repairs times at reboots' }),
  major_version: Type.Integer(),
  minor_version: Type.Integer(),
  patch_version: Type.Integer(),
  version: Type.String({ description: '`v1.1.0`' }),
  app_tag: Nullable(Type.Integer()),
  app_version: Nullable(Type.String()),
  created_on: Type.String(),
})

export const DeviceTemplateView = Type.Object({
  id: Type.Integer(),
  external_sku: Type.String(),
  internal_sku: Type.String(),
  family: Type.String(),
  slug: Slug,
  org: Org,
  version: Type.String(),
  os_tag: Nullable(Type.Integer()),
  os_version: Nullable(Type.String()),
  hw_tag: Nullable(Type.String()),
  hw_version: Nullable(Type.String()),
  slots: List,
  created_on: Type.String(),
  released_on: Nullable(Type.String()),
})

export function sensorGraphView(row: SensorGraphRow, org: string | null): Static<typeof SensorGraphView> {
  const { id, name, slug, project_template, app_tag, app_version } = row
  return {
    id,
    name,
    slug,
    org,
    project_template,
    variable_templates: JSON.parse(row.variable_templates),
    display_widget_templates: JSON.parse(row.display_widget_templates),
    ui_extra: row.ui_extra === null ? null : JSON.parse(row.ui_extra),
    report_processing_engine_ver: row.report_processing_engine_ver,
    major_version: row.major_version,
    minor_version: row.minor_version,
    patch_version: row.patch_version,
    version: versionOf(row),
    app_tag,
    app_version,
    created_on: formatIsoUs(row.created_at_us),
  }
}

export function deviceTemplateView(
  row: DeviceTemplateRow,
  org: string | null,
): Static<typeof DeviceTemplateView> {
  const { id, external_sku, internal_sku, family, slug, version, released_at_us } = row
  const { os_tag, os_version, hw_tag, hw_version } = row
  return {
    id,
    external_sku,
    internal_sku,
    family,
    slug,
    org,
    version,
    os_tag,
    os_version,
    hw_tag,
    hw_version,
    slots: JSON.parse(row.slots),
    created_on: formatIsoUs(row.created_at_us),
    released_on: released_at_us === null ? null : formatIsoUs(released_at_us),
  }
}
