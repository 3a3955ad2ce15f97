/** `/api/v1/sg/`: sensor graphs. Everybody reads them, staff write. */
import type { Static } from 'typebox'
import { requireScope, requireStaff } from '../../../access/permissions.ts'
import { findOrgBySlug } from '../../../catalog/orgs.ts'
import type { SensorGraphRow } from '../../../catalog/schema/fleets.ts'
import {
  createSensorGraph,
  deleteSensorGraph,
  findSensorGraph,
  listSensorGraphs,
  type SensorGraphChanges,
  updateSensorGraph,
} from '../../../catalog/sensor-graphs.ts'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { deviceOfPath } from '../lookup.ts'
import { orgSlugs } from '../names.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { SensorGraphView, sensorGraphView } from '../views/device-kinds.ts'
import { Nullable } from '../views/nullable.ts'
import { DevicePath } from './device.ts'

const tags = ['sg']
const SensorGraphPath = Type.Object({ slug: Type.String() })

const Text = Type.String({ maxLength: 250 })
const Whole = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Version = Type.Integer({ minimum: 0, maximum: 65_535 })
const List = Type.Array(Type.Unknown(), { maxItems: 1_000 })
const SensorGraphBody = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
    project_template: Type.Optional(Nullable(Text)),
    variable_templates: Type.Optional(List),
    display_widget_templates: Type.Optional(List),
    ui_extra: Type.Optional(Type.Unknown()),
    report_processing_engine_ver: Type.Optional(Version),
    major_version: Type.Optional(Version),
    minor_version: Type.Optional(Version),
    patch_version: Type.Optional(Version),
    app_tag: Type.Optional(Nullable(Whole)),
    app_version: Type.Optional(Nullable(Text)),
    org: Type.Optional(Nullable(Type.String({ description: 'Slug' }))),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewSensorGraphBody = Type.Object(
  {
    ...SensorGraphBody.properties,
    slug: Type.Optional(
      Type.String({ maxLength: 250, description: 'Else it follows from name and version' }),
    ),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export function sensorGraphRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services
  const views = async (rows: readonly SensorGraphRow[]) => {
    const ids = rows.map((row) => row.org_id)
    const orgs = await orgSlugs(services, ids)
    return rows.map((row) => sensorGraphView(row, orgs.get(row.org_id ?? '') ?? null))
  }
  const one = async (row: SensorGraphRow) => (await views([row]))[0]

  http.get(
    '/sg/',
    {
      schema: {
        tags,
        summary: 'List sensor graphs',
        querystring: Type.Object({
          ...PageQuery,
          org: Type.Optional(Type.String({ description: 'Slug' })),
        }),
        response: { 200: PageOf(SensorGraphView) },
      },
    },
    async (request) => {
      requireScope(callerOf(request), 'read')
      const { org: slug } = request.query
      const org = slug ? await findOrgBySlug(catalog, slug) : undefined
      const none = { count: 0, rows: [] }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), async (page) =>
        slug && !org ? none : listSensorGraphs(catalog, org ? { orgId: org.id } : {}, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: await views(rows) })
    },
  )

  http.post(
    '/sg/',
    {
      schema: {
        tags,
        summary: 'Create a sensor graph (staff)',
        body: NewSensorGraphBody,
        response: { 201: SensorGraphView },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      requireStaff(caller)
      const { slug } = request.body
      const row = await createSensorGraph(catalog, {
        ...(await readChanges(services, request.body)),
        ...(slug ? { slug } : {}),
        created_by: caller.accountId,
        created_at_us: clock.nowUs(),
      })
      return reply.code(201).send(await one(row))
    },
  )

  http.get(
    '/sg/:slug/',
    {
      schema: {
        tags,
        summary: 'Read a sensor graph',
        params: SensorGraphPath,
        response: { 200: SensorGraphView },
      },
    },
    async (request) => {
      requireScope(callerOf(request), 'read')
      return one(await bySlug(services, request.params.slug))
    },
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/sg/:slug/',
    schema: {
      tags,
      summary: 'Change a sensor graph (staff); fields left out stay as they are',
      params: SensorGraphPath,
      body: SensorGraphBody,
      response: { 200: SensorGraphView },
    },
    handler: async (request) => {
      requireStaff(callerOf(request))
      const { id } = await bySlug(services, request.params.slug)
      return one(await updateSensorGraph(catalog, id, await readChanges(services, request.body)))
    },
  })

  http.delete(
    '/sg/:slug/',
    {
      schema: {
        tags,
        summary: 'Delete a sensor graph that no device has (staff)',
        params: SensorGraphPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      requireStaff(callerOf(request))
      await deleteSensorGraph(catalog, await bySlug(services, request.params.slug))
      return reply.code(204).send(null)
    },
  )

  http.get(
    '/device/:slug/sg/',
    {
      schema: {
        tags,
        summary: 'Read the sensor graph of a device',
        params: DevicePath,
        response: { 200: SensorGraphView },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const device = await deviceOfPath(services, request, { text, permission: 'view' })
      return one(await bySlug(services, device.sg ?? ''))
    },
  )
}

/** @throws {NotFoundError} no such sensor graph. */
async function bySlug({ catalog }: RestServices, slug: string): Promise<SensorGraphRow> {
  const row = await findSensorGraph(catalog, slug)
  if (!row) throw new NotFoundError()
  return row
}

async function readChanges(
  { catalog }: RestServices,
  body: Static<typeof SensorGraphBody>,
): Promise<SensorGraphChanges> {
  const { variable_templates, display_widget_templates, ui_extra, org: orgSlug, ...same } = body
  const org = orgSlug ? await findOrgBySlug(catalog, orgSlug) : undefined
  if (orgSlug && !org) throw InvalidError.field('org', 'There is no such organization.')
  return {
    ...same,
    ...(variable_templates && { variable_templates: JSON.stringify(variable_templates) }),
    ...(display_widget_templates && { display_widget_templates: JSON.stringify(display_widget_templates) }),
    ...(ui_extra === undefined ? {} : { ui_extra: ui_extra === null ? null : JSON.stringify(ui_extra) }),
    ...(orgSlug === undefined ? {} : { org_id: org?.id ?? null }),
  }
}
