/** `/api/v1/report/generated/<id>/file/…`: the files of a report, some of them for everybody. */
import type { FastifyRequest } from 'fastify'
import { requirePermission } from '../../../access/permissions.ts'
import { findReportFile, listReportFiles } from '../../../catalog/generated-report-files.ts'
import { findReport } from '../../../catalog/generated-reports.ts'
import { NotFoundError, UnauthenticatedError } from '../../../errors.ts'
import { findCaller } from '../caller.ts'
import { reportFileViews } from '../generated-report-names.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import { headersOf } from '../report-content.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { ReportFileView } from '../views/generated-report.ts'
import { ReportPath, reportOfPath } from './generated-report.ts'

const tags = ['report']

export function generatedReportFileRoutes(http: RestHttp, services: RestServices): void {
  http.get(
    '/report/generated/:id/files/',
    {
      schema: {
        tags,
        summary: 'List the files of a report by name',
        params: ReportPath,
        querystring: Type.Object(PageQuery),
        response: { 200: PageOf(ReportFileView) },
      },
    },
    async (request) => {
      const { id } = await reportOfPath(services, request, { ...request.params, permission: 'read_data' })
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listReportFiles(services.catalog, id, page),
      )
      const results = await reportFileViews(services, request, rows)
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )
}

export function publicReportFileRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, blobs } = services

  http.get(
    '/report/generated/:id/file/*',
    {
      schema: {
        tags,
        summary: 'Read a file of a report',
        description:
          'Files that are `public-read` need no credentials. Pages run in a sandbox, where their scripts can ' +
          'reach nothing beside the files of the report.',
        params: Type.Object({
          id: Type.String({ description: 'UUID' }),
          '*': Type.String({ description: 'Name of the file' }),
        }),
      },
    },
    async (request, reply) => {
      const { id, '*': name } = request.params
      const report = await findReport(catalog, id)
      const file = report && (await findReportFile(catalog, { reportId: report.id, name: name.normalize() }))
      const isPublic = file?.acl === 'public-read' && file.sha256 !== null
      if (!isPublic) await requireReader(services, request, report?.org_id ?? null)
      if (!file || file.sha256 === null || file.size_bytes === null) throw new NotFoundError()
      const { sha256, size_bytes: sizeBytes, content_type: contentType } = file
      const headers = headersOf({ name: file.name, contentType, isPublic, sizeBytes, sha256 })
      if (request.headers['if-none-match'] === headers.etag)
        return reply.code(304).headers({ etag: headers.etag }).send()
      return reply.headers(headers).send(await blobs.read(sha256))
    },
  )
}

/** Whether there is such a file is told to nobody who may not read it. */
async function requireReader(
  { authenticator, memberships }: RestServices,
  request: FastifyRequest,
  orgId: string | null,
): Promise<void> {
  const caller = await findCaller(authenticator, request)
  if (!caller) throw new UnauthenticatedError('Authentication credentials were not provided.')
  await requirePermission(memberships, caller, 'read_data', { orgId })
}
