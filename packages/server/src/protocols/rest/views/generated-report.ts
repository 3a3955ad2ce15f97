import type { Static } from 'typebox'
import { REPORT_STATES } from '../../../catalog/generated-reports.ts'
import type { GeneratedReportFileRow, GeneratedReportRow } from '../../../catalog/schema/generated-reports.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'

export const UserInfoView = Type.Object(
  {},
  { additionalProperties: true, description: 'What the maker of the report wants to find again' },
)

export const GeneratedReportView = Type.Object({
  id: Type.String({ description: 'UUID' }),
  label: Type.String(),
  source_ref: Type.String({ description: 'Slug of what the report is about' }),
  user_info: UserInfoView,
  url: Type.String({ description: 'Of the file to begin with; empty as long as there is none' }),
  report: Nullable(Type.String({ description: 'What made it' })),
  created_on: Type.String(),
  created_by: Type.String(),
  org: Type.String({ description: 'Slug' }),
  index_file: Nullable(Type.String({ description: 'Id of the file to begin with' })),
  status: Type.Enum(REPORT_STATES, { description: '`GS` scheduled, `G0` being made, `G1` done' }),
})

export const ReportFileView = Type.Object({
  id: Type.String({ description: 'UUID' }),
  title: Type.String({ description: 'Name' }),
  url: Type.String(),
  file_type: Type.String({ description: 'Content type' }),
  acl: Type.String(),
  size: Nullable(Type.Integer({ description: 'Bytes; null until it was uploaded' })),
  created_on: Type.String(),
  created_by: Type.String(),
})

export interface ReportNames {
  readonly createdBy: string
  readonly org: string
  readonly url: string
}

export function generatedReportView(
  row: GeneratedReportRow,
  { createdBy, org, url }: ReportNames,
): Static<typeof GeneratedReportView> {
  return {
    id: row.id,
    label: row.label,
    source_ref: row.source_ref,
    user_info: JSON.parse(row.user_info) as Record<string, unknown>,
    url,
    report: row.report,
    created_on: formatIsoUs(row.created_at_us),
    created_by: createdBy,
    org,
    index_file: row.index_file_id,
    status: row.status as Static<typeof GeneratedReportView>['status'],
  }
}

export function reportFileView(
  row: GeneratedReportFileRow,
  { createdBy, url }: Pick<ReportNames, 'createdBy' | 'url'>,
): Static<typeof ReportFileView> {
  return {
    id: row.id,
    title: row.name,
    url,
    file_type: row.content_type,
    acl: row.acl,
    size: row.size_bytes,
    created_on: formatIsoUs(row.created_at_us),
    created_by: createdBy,
  }
}
