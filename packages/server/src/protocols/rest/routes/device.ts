/** `/api/v1/device/`: devices of the caller's organisations. */
import { parseSlug } from '@sonde/client'
import type { Static } from 'typebox'
import { requireStaff, sightOf } from '../../../access/permissions.ts'
import {
  createDevice,
  type DeviceChanges,
  type DeviceFilter,
  deleteDevice,
  listDevices,
  updateDevice,
} from '../../../catalog/devices.ts'
import { findOrgBySlug } from '../../../catalog/orgs.ts'
import type { DeviceRow } from '../../../catalog/schema.ts'
import { InvalidError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { check, deviceOfPath, projectByText, targetOfDevice } from '../lookup.ts'
import { deviceNames } from '../names.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, WIDE_PAGES } from '../paging.ts'
import { readPropertyFilter } from '../property-fields.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { DeviceView, deviceView } from '../views/device.ts'
import { Nullable } from '../views/nullable.ts'

const tags = ['device']
export const DevicePath = Type.Object({
  slug: Type.String({ description: '`d--…`, also without leading zeros' }),
})

const DeviceBody = Type.Object(
  {
    label: Type.Optional(Type.String()),
    active: Type.Optional(Type.Boolean()),
    external_id: Type.Optional(Type.String()),
    sg: Type.Optional(Nullable(Type.String())),
    template: Type.Optional(Type.String()),
    lat: Type.Optional(Nullable(Type.Union([Type.String(), Type.Number()]))),
    lon: Type.Optional(Nullable(Type.Union([Type.String(), Type.Number()]))),
    state: Type.Optional(Type.Enum(['N0', 'N1', 'B0'])),
    busy: Type.Optional(Type.Boolean()),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewDeviceBody = Type.Object(
  {
    ...DeviceBody.properties,
    id: Type.Optional(
      Type.Integer({ description: 'Number printed on the hardware; else the next free one' }),
    ),
    slug: Type.Optional(Type.String({ description: 'Instead of `id`' })),
    project: Type.Optional(
      Type.String({ description: 'UUID or slug; the device is then claimed by the caller' }),
    ),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const DeviceQuery = Type.Object({
  ...PageQuery,
  project: Type.Optional(Type.String({ description: 'UUID or slug' })),
  org__slug: Type.Optional(Type.String()),
  sg: Type.Optional(Type.String()),
  dt: Type.Optional(Type.String({ description: 'Template' })),
  external_id: Type.Optional(Type.String()),
  claimed: Type.Optional(Type.String({ description: '`1` or `0`' })),
  all: Type.Optional(Type.String({ description: '`1` includes inactive devices' })),
  property: Type.Optional(Type.String({ description: '`name`, or `name__value`' })),
  staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
})

export function deviceRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock, resolver } = services
  const one = async (row: DeviceRow) => deviceView(row, (await deviceNames(services, [row]))(row))

  http.get(
    '/device/',
    {
      schema: {
        tags,
        summary: 'List devices',
        querystring: DeviceQuery,
        response: { 200: PageOf(DeviceView) },
      },
    },
    async (request) => {
      const sight = sightOf(callerOf(request), { asStaff: request.query.staff === '1' })
      const asked = readPageRequest(request, WIDE_PAGES)
      const filter = await readFilter(services, request.query)
      const none = { count: 0, rows: [] }
      const { count, rows, page } = await readPaged(asked, async (page) =>
        filter ? listDevices(catalog, { sight, filter }, page) : none,
      )
      const names = await deviceNames(services, rows)
      const results = rows.map((row) => deviceView(row, names(row)))
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/device/',
    {
      schema: {
        tags,
        summary: 'Create a device (staff)',
        body: NewDeviceBody,
        response: { 201: DeviceView },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      requireStaff(caller)
      const { id, slug, project, ...described } = request.body
      const owner = project === undefined ? undefined : await projectByText(services, project)
      if (project !== undefined && !owner) throw InvalidError.field('project', 'There is no such project.')
      const number = slug === undefined ? id : numberOfSlug(slug)
      const row = await createDevice(catalog, {
        ...readChanges(described),
        ...(number === undefined ? {} : { id: number }),
        ...(owner ? { project_id: owner.id } : {}),
        created_by: caller.accountId,
        created_at_us: clock.nowUs(),
      })
      return reply.code(201).send(await one(row))
    },
  )

  http.get(
    '/device/:slug/',
    { schema: { tags, summary: 'Read a device', params: DevicePath, response: { 200: DeviceView } } },
    async (request) =>
      one(await deviceOfPath(services, request, { text: request.params.slug, permission: 'view' })),
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/device/:slug/',
    schema: {
      tags,
      summary: 'Change a device; fields left out stay as they are',
      params: DevicePath,
      body: DeviceBody,
      response: { 200: DeviceView },
    },
    handler: async (request) => {
      const { slug: text } = request.params
      const row = await deviceOfPath(services, request, { text, permission: 'view' })
      await check(services, request, 'modify_device', targetOfDevice(row))
      const changed = await updateDevice(catalog, row.id, readChanges(request.body))
      // Points that come under the old label are not meant for this device any more.
      if (changed.label !== row.label) resolver.forget()
      return one(changed)
    },
  })

  http.delete(
    '/device/:slug/',
    {
      schema: {
        tags,
        summary: 'Delete a device that has no streams (staff)',
        params: DevicePath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const row = await deviceOfPath(services, request, { text: request.params.slug, permission: 'view' })
      requireStaff(callerOf(request))
      await deleteDevice(catalog, row.id)
      resolver.forget()
      return reply.code(204).send(null)
    },
  )
}

/** Undefined when the filter names something that does not exist, and no device can match. */
async function readFilter(
  services: RestServices,
  query: Static<typeof DeviceQuery>,
): Promise<DeviceFilter | undefined> {
  const project = query.project ? await projectByText(services, query.project) : undefined
  const org = query.org__slug ? await findOrgBySlug(services.catalog, query.org__slug) : undefined
  if ((query.project && !project) || (query.org__slug && !org)) return undefined
  return {
    ...(project ? { projectId: project.id } : {}),
    ...(org ? { orgId: org.id } : {}),
    ...(query.sg ? { sg: query.sg } : {}),
    ...(query.dt ? { template: query.dt } : {}),
    ...(query.external_id ? { externalId: query.external_id } : {}),
    ...(query.claimed ? { claimed: query.claimed === '1' || query.claimed === 'true' } : {}),
    ...(query.all === '1' ? {} : { activeOnly: true }),
    ...(query.property ? { property: readPropertyFilter(query.property) } : {}),
  }
}

function readChanges({ active, busy, lat, lon, ...same }: Static<typeof DeviceBody>): DeviceChanges {
  return {
    ...same,
    ...(active === undefined ? {} : { active: Number(active) }),
    ...(busy === undefined ? {} : { busy: Number(busy) }),
    ...(lat === undefined ? {} : { lat: readDegrees('lat', lat) }),
    ...(lon === undefined ? {} : { lon: readDegrees('lon', lon) }),
  }
}

/** Degrees are kept as the decimal text that they came as. */
function readDegrees(field: string, value: string | number | null): string | null {
  if (value === null) return null
  const text = String(value).trim()
  if (!/^[+-]?\d{1,3}(\.\d{1,12})?$/.test(text))
    throw InvalidError.field(field, 'A valid number is required.')
  return text
}

function numberOfSlug(text: string): number {
  const slug = parseSlug(text)
  if (slug?.kind !== 'device') throw InvalidError.field('slug', `"${text}" is no device slug.`)
  return slug.device
}
