/** `/api/v1/dt/`: device templates. Everybody reads them, staff write. */
import type { Static } from 'typebox'
import { requireScope, requireStaff } from '../../../access/permissions.ts'
import {
  createDeviceTemplate,
  type DeviceTemplateChanges,
  deleteDeviceTemplate,
  findDeviceTemplate,
  listDeviceTemplates,
  updateDeviceTemplate,
} from '../../../catalog/device-templates.ts'
import { findOrgBySlug } from '../../../catalog/orgs.ts'
import type { DeviceTemplateRow } from '../../../catalog/schema/fleets.ts'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { readTimeOrNull } from '../data-range.ts'
import { deviceOfPath } from '../lookup.ts'
import { orgSlugs } from '../names.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { DeviceTemplateView, deviceTemplateView } from '../views/device-kinds.ts'
import { Nullable } from '../views/nullable.ts'
import { DevicePath } from './device.ts'

const tags = ['dt']
const DeviceTemplatePath = Type.Object({ slug: Type.String() })

const Text = Type.String({ maxLength: 250 })
const Whole = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const List = Type.Array(Type.Unknown(), { maxItems: 1_000 })
const DeviceTemplateBody = Type.Object(
  {
    external_sku: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
    internal_sku: Type.Optional(Text),
    family: Type.Optional(Text),
    version: Type.Optional(Text),
    os_tag: Type.Optional(Nullable(Whole)),
    os_version: Type.Optional(Nullable(Text)),
    hw_tag: Type.Optional(Nullable(Text)),
    hw_version: Type.Optional(Nullable(Text)),
    slots: Type.Optional(List),
    released_on: Type.Optional(Nullable(Type.String({ description: 'ISO 8601' }))),
    org: Type.Optional(Nullable(Type.String({ description: 'Slug' }))),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewDeviceTemplateBody = Type.Object(
  {
    ...DeviceTemplateBody.properties,
    slug: Type.Optional(
      Type.String({ maxLength: 250, description: 'Else it follows from the external SKU and version' }),
    ),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export function deviceTemplateRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services
  const views = async (rows: readonly DeviceTemplateRow[]) => {
    const ids = rows.map((row) => row.org_id)
    const orgs = await orgSlugs(services, ids)
    return rows.map((row) => deviceTemplateView(row, orgs.get(row.org_id ?? '') ?? null))
  }
  const one = async (row: DeviceTemplateRow) => (await views([row]))[0]

  http.get(
    '/dt/',
    {
      schema: {
        tags,
        summary: 'List device templates',
        querystring: Type.Object({
          ...PageQuery,
          org: Type.Optional(Type.String({ description: 'Slug' })),
        }),
        response: { 200: PageOf(DeviceTemplateView) },
      },
    },
    async (request) => {
      requireScope(callerOf(request), 'read')
      const { org: slug } = request.query
      const org = slug ? await findOrgBySlug(catalog, slug) : undefined
      const none = { count: 0, rows: [] }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), async (page) =>
        slug && !org ? none : listDeviceTemplates(catalog, org ? { orgId: org.id } : {}, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: await views(rows) })
    },
  )

  http.post(
    '/dt/',
    {
      schema: {
        tags,
        summary: 'Create a device template (staff)',
        body: NewDeviceTemplateBody,
        response: { 201: DeviceTemplateView },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      requireStaff(caller)
      const { slug } = request.body
      const row = await createDeviceTemplate(catalog, {
        ...(await readChanges(services, request.body)),
        ...(slug ? { slug } : {}),
        created_by: caller.accountId,
        created_at_us: clock.nowUs(),
      })
      return reply.code(201).send(await one(row))
    },
  )

  http.get(
    '/dt/:slug/',
    {
      schema: {
        tags,
        summary: 'Read a device template',
        params: DeviceTemplatePath,
        response: { 200: DeviceTemplateView },
      },
    },
    async (request) => {
      requireScope(callerOf(request), 'read')
      return one(await bySlug(services, request.params.slug))
    },
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/dt/:slug/',
    schema: {
      tags,
      summary: 'Change a device template (staff); fields left out stay as they are',
      params: DeviceTemplatePath,
      body: DeviceTemplateBody,
      response: { 200: DeviceTemplateView },
    },
    handler: async (request) => {
      requireStaff(callerOf(request))
      const { id } = await bySlug(services, request.params.slug)
      return one(await updateDeviceTemplate(catalog, id, await readChanges(services, request.body)))
    },
  })

  http.delete(
    '/dt/:slug/',
    {
      schema: {
        tags,
        summary: 'Delete a device template that no device has (staff)',
        params: DeviceTemplatePath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      requireStaff(callerOf(request))
      await deleteDeviceTemplate(catalog, await bySlug(services, request.params.slug))
      return reply.code(204).send(null)
    },
  )

  http.get(
    '/device/:slug/template/',
    {
      schema: {
        tags,
        summary: 'Read the device template of a device',
        params: DevicePath,
        response: { 200: DeviceTemplateView },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const device = await deviceOfPath(services, request, { text, permission: 'view' })
      return one(await bySlug(services, device.template ?? ''))
    },
  )
}

/** @throws {NotFoundError} no such device template. */
async function bySlug({ catalog }: RestServices, slug: string): Promise<DeviceTemplateRow> {
  const row = await findDeviceTemplate(catalog, slug)
  if (!row) throw new NotFoundError()
  return row
}

async function readChanges(
  { catalog }: RestServices,
  body: Static<typeof DeviceTemplateBody>,
): Promise<DeviceTemplateChanges> {
  const { slots, released_on, org: orgSlug, ...same } = body
  const org = orgSlug ? await findOrgBySlug(catalog, orgSlug) : undefined
  if (orgSlug && !org) throw InvalidError.field('org', 'There is no such organization.')
  return {
    ...same,
    ...(slots && { slots: JSON.stringify(slots) }),
    ...(released_on === undefined ? {} : { released_at_us: readTimeOrNull('released_on', released_on) }),
    ...(orgSlug === undefined ? {} : { org_id: org?.id ?? null }),
  }
}
