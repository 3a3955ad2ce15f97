/** Addresses and names for generated reports and their files, looked up once per answer. */
import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { findReportFilesByIds } from '../../catalog/generated-report-files.ts'
import type { GeneratedReportFileRow, GeneratedReportRow } from '../../catalog/schema/generated-reports.ts'
import { orgSlugs, usernames } from './names.ts'
import type { RestServices } from './services.ts'
import {
  type GeneratedReportView,
  generatedReportView,
  type ReportFileView,
  reportFileView,
} from './views/generated-report.ts'

export async function reportViews(
  services: RestServices,
  request: FastifyRequest,
  rows: readonly GeneratedReportRow[],
): Promise<Static<typeof GeneratedReportView>[]> {
  const indexIds = rows.map((row) => row.index_file_id).filter((id) => id !== null)
  const files = await findReportFilesByIds(services.catalog, indexIds)
  const filesById = new Map(files.map((file) => [file.id, file]))
  const orgs = await orgSlugs(
    services,
    rows.map((row) => row.org_id),
  )
  const creators = await usernames(
    services,
    rows.map((row) => row.created_by),
  )
  return rows.map((row) => {
    const file = filesById.get(row.index_file_id ?? '')
    return generatedReportView(row, {
      createdBy: creators.get(row.created_by) ?? '',
      org: orgs.get(row.org_id) ?? '',
      url: file === undefined ? '' : fileUrl(services, request, file),
    })
  })
}

export async function reportFileViews(
  services: RestServices,
  request: FastifyRequest,
  rows: readonly GeneratedReportFileRow[],
): Promise<Static<typeof ReportFileView>[]> {
  const creators = await usernames(
    services,
    rows.map((row) => row.created_by),
  )
  return rows.map((row) =>
    reportFileView(row, {
      createdBy: creators.get(row.created_by) ?? '',
      url: fileUrl(services, request, row),
    }),
  )
}

function fileUrl({ publicUrl }: RestServices, request: FastifyRequest, file: GeneratedReportFileRow): string {
  const name = file.name.split('/').map(encodeURIComponent).join('/')
  return `${publicUrl(request)}/api/v1/report/generated/${file.report_id}/file/${name}`
}
