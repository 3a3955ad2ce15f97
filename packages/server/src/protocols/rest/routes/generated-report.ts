/** `/api/v1/report/generated/`: reports that programs make elsewhere and keep here. */
import type { FastifyRequest } from 'fastify'
import { permittedOrgs, sightOf } from '../../../access/permissions.ts'
import type { Permission } from '../../../access/roles.ts'
import {
  createReport,
  deleteReport,
  findReport,
  listReports,
  REPORT_STATES,
  updateReport,
} from '../../../catalog/generated-reports.ts'
import { findOrgBySlug, listOrgs } from '../../../catalog/orgs.ts'
import type { GeneratedReportRow } from '../../../catalog/schema/generated-reports.ts'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { reportViews } from '../generated-report-names.ts'
import { check } from '../lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { GeneratedReportView, UserInfoView } from '../views/generated-report.ts'
import { Nullable } from '../views/nullable.ts'

const tags = ['report']
export const ReportPath = Type.Object({ id: Type.String({ description: 'UUID' }) })

const Label = Type.String({ minLength: 1, maxLength: 250 })
const ReportBody = Type.Object(
  {
    label: Type.Optional(Label),
    source_ref: Type.Optional(Type.String({ maxLength: 250 })),
    user_info: Type.Optional(UserInfoView),
    report: Type.Optional(Nullable(Type.String({ maxLength: 250 }))),
    status: Type.Optional(Type.Enum(REPORT_STATES)),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewReportBody = Type.Object(
  { ...ReportBody.properties, label: Label, org: Type.String({ description: 'Slug' }) },
  UNKNOWN_FIELDS_IGNORED,
)

/** More organisations than anybody is a member of. */
const ORGS = { limit: 10_000, offset: 0 }

export function generatedReportRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services
  const one = async (request: FastifyRequest, row: GeneratedReportRow) => {
    const [view] = await reportViews(services, request, [row])
    return view
  }

  http.get(
    '/report/generated/',
    {
      schema: {
        tags,
        summary: 'List reports, newest first',
        querystring: Type.Object({
          ...PageQuery,
          org: Type.Optional(Type.String({ description: 'Slug' })),
          source_ref: Type.Optional(Type.String()),
          staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
        }),
        response: { 200: PageOf(GeneratedReportView) },
      },
    },
    async (request) => {
      const { org, source_ref: sourceRef } = request.query
      const orgIds = await readableOrgs(services, request, org)
      const filter = { ...(orgIds ? { orgIds } : {}), ...(sourceRef ? { sourceRef } : {}) }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listReports(catalog, filter, page),
      )
      const results = await reportViews(services, request, rows)
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/report/generated/',
    {
      schema: {
        tags,
        summary: 'Create a report',
        body: NewReportBody,
        response: { 201: GeneratedReportView },
      },
    },
    async (request, reply) => {
      const { org: slug, ...described } = request.body
      const org = await findOrgBySlug(catalog, slug)
      if (!org) throw InvalidError.field('org', 'There is no such organization.')
      await check(services, request, 'create_report', { orgId: org.id }).catch((error) => {
        // Of an organization that is not the caller's nobody hears here either.
        throw error instanceof NotFoundError
          ? InvalidError.field('org', 'There is no such organization.')
          : error
      })
      const row = await createReport(catalog, {
        ...described,
        org_id: org.id,
        created_at_us: clock.nowUs(),
        created_by: callerOf(request).accountId,
      })
      return reply.code(201).send(await one(request, row))
    },
  )

  http.get(
    '/report/generated/:id/',
    {
      schema: { tags, summary: 'Read a report', params: ReportPath, response: { 200: GeneratedReportView } },
    },
    async (request) =>
      one(request, await reportOfPath(services, request, { ...request.params, permission: 'read_data' })),
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/report/generated/:id/',
    schema: {
      tags,
      summary: 'Change a report; fields left out stay as they are',
      params: ReportPath,
      body: ReportBody,
      response: { 200: GeneratedReportView },
    },
    handler: async (request) => {
      const { id } = await reportOfPath(services, request, { ...request.params, permission: 'create_report' })
      return one(request, await updateReport(catalog, id, request.body))
    },
  })

  http.delete(
    '/report/generated/:id/',
    {
      schema: {
        tags,
        summary: 'Delete a report with its files',
        params: ReportPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id } = await reportOfPath(services, request, { ...request.params, permission: 'create_report' })
      await deleteReport(catalog, id)
      return reply.code(204).send(null)
    },
  )
}

/** @throws {NotFoundError} no such report, or none that the caller may know of. */
export async function reportOfPath(
  services: RestServices,
  request: FastifyRequest,
  { id, permission }: { id: string; permission: Permission },
): Promise<GeneratedReportRow> {
  const report = await findReport(services.catalog, id)
  if (!report) throw new NotFoundError()
  await check(services, request, permission, { orgId: report.org_id })
  return report
}

/** Whose reports the caller may read; undefined for all, which staff may ask for. */
async function readableOrgs(
  { catalog, memberships }: RestServices,
  request: FastifyRequest,
  slug: string | undefined,
): Promise<string[] | undefined> {
  const { staff } = request.query as { staff?: string }
  const caller = callerOf(request)
  const sight = sightOf(caller, { asStaff: staff === '1' })
  const isForAll = sight.memberId === undefined && sight.orgId === undefined
  if (isForAll && !slug) return undefined
  const { rows } = await listOrgs(catalog, { sight }, ORGS)
  const wanted = slug ? rows.filter((org) => org.slug === slug.toLowerCase()) : rows
  const permitted = await permittedOrgs(memberships, caller, 'read_data', wanted)
  return permitted.map((org) => org.id)
}
