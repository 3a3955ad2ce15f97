/** `/api/v1/streamer/report/`: what devices have reported, and the files as they came. */
import { formatStreamerSlug, parseSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import { sightOf } from '../../../access/permissions.ts'
import type { Permission } from '../../../access/roles.ts'
import { findDevice } from '../../../catalog/devices.ts'
import {
  findReport,
  listReports,
  type ReportFilter,
  type ReportOfStreamer,
} from '../../../catalog/streamer-reports.ts'
import { findStreamer } from '../../../catalog/streamers.ts'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { readStrictRange } from '../data-range.ts'
import { RestAnswer } from '../errors.ts'
import { check, streamerOfPath, targetOfDevice } from '../lookup.ts'
import { usernames } from '../names.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { StreamerReportView, streamerReportView } from '../views/streamer-report.ts'
import { StreamerPath } from './streamer.ts'

const tags = ['streamer']
const ReportPath = Type.Object({ id: Type.String({ description: 'UUID' }) })
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** `streamer/<slug>/report/` is one list without pages: the newest so many. */
const REPORTS_LISTED_MAX = 1_000

export function streamerReportRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, blobs } = services
  const views = async (rows: readonly ReportOfStreamer[]) => {
    const names = await usernames(
      services,
      rows.map((row) => row.created_by),
    )
    return rows.map((row) => streamerReportView(row, { createdBy: names.get(row.created_by) ?? '' }))
  }

  http.get(
    '/streamer/report/',
    {
      schema: {
        tags,
        summary: 'List reports, the newest first',
        querystring: Type.Object({
          ...PageQuery,
          streamer__slug: Type.Optional(Type.String({ description: 'Slug of the streamer' })),
          start: Type.Optional(Type.String({ description: 'Received then or later; ISO 8601' })),
          end: Type.Optional(Type.String({ description: 'Received before; ISO 8601' })),
          staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
        }),
        response: { 200: PageOf(StreamerReportView) },
      },
    },
    async (request) => {
      const { streamer__slug: slug, start, end, staff } = request.query
      const sight = sightOf(callerOf(request), { asStaff: staff === '1' })
      const { startUs, endUs } = readStrictRange({ start, end })
      const streamerId = slug ? await streamerIdOf(services, slug) : undefined
      const filter: ReportFilter = {
        ...(streamerId === undefined ? {} : { streamerId }),
        ...(startUs === undefined ? {} : { startUs }),
        ...(endUs === undefined ? {} : { endUs }),
      }
      const asked = readPageRequest(request, SMALL_PAGES)
      const { count, rows, page } = await readPaged(asked, (page) =>
        listReports(catalog, { sight, filter }, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: await views(rows) })
    },
  )

  http.get(
    '/streamer/report/:id/',
    {
      schema: { tags, summary: 'Read a report', params: ReportPath, response: { 200: StreamerReportView } },
    },
    async (request) => {
      const [view] = await views([await reportOfPath(services, request, request.params.id, 'view')])
      return view
    },
  )

  http.get(
    '/streamer/report/:id/file/',
    { schema: { tags, summary: 'Download the file of a report as it came', params: ReportPath } },
    async (request, reply) => {
      const report = await reportOfPath(services, request, request.params.id, 'read_data')
      // Whoever uploaded it chose the type; a browser is to save it, and never to show it as a page of this server.
      reply.header('x-content-type-options', 'nosniff')
      reply.header('content-disposition', `attachment; filename="${downloadName(report)}"`)
      reply.header('content-length', report.file_bytes)
      return reply.type(report.media_type).send(await blobs.read(report.file_sha256))
    },
  )

  http.get(
    '/streamer/:slug/report/',
    {
      schema: {
        tags,
        summary: `List the reports of a streamer without pages, the newest ${REPORTS_LISTED_MAX} at most`,
        params: StreamerPath,
        response: { 200: Type.Array(StreamerReportView) },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const { id } = await streamerOfPath(services, request, { text, permission: 'view' })
      const page = { offset: 0, limit: REPORTS_LISTED_MAX }
      const { rows } = await listReports(catalog, { sight: {}, filter: { streamerId: id } }, page)
      return views(rows)
    },
  )
}

/** @throws {NotFoundError} no such report, or none that the caller may know of. */
async function reportOfPath(
  services: RestServices,
  request: FastifyRequest,
  id: string,
  permission: Permission,
): Promise<ReportOfStreamer> {
  if (!UUID.test(id)) throw new RestAnswer(400, ['Streamer Report ID must be a UUID'])
  const report = await findReport(services.catalog, id)
  const device = report && (await findDevice(services.catalog, report.device_id))
  if (!device) throw new NotFoundError()
  await check(services, request, permission, targetOfDevice(device))
  return report
}

/** 0, which no streamer has, when there is none. @throws {InvalidError} the text is no streamer slug. */
async function streamerIdOf({ catalog }: RestServices, text: string): Promise<number> {
  const slug = parseSlug(text)
  if (slug?.kind !== 'streamer') {
    const example = formatStreamerSlug({ device: 1, index: 0 })
    throw InvalidError.field('streamer__slug', `"${text}" is no slug such as ${example}.`)
  }
  const streamer = await findStreamer(catalog, { device_id: slug.device, streamer_index: slug.index })
  return streamer?.id ?? 0
}

/** Its own, and nothing of what the uploader called it but the ending. */
function downloadName({ id, file_name }: ReportOfStreamer): string {
  const [ending = '.bin'] = /\.(bin|mp|json)$/.exec(file_name) ?? []
  return id + ending
}
