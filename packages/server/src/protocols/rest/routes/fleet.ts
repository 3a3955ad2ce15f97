/** `/api/v1/fleet/`: fleets of the caller's organisations. */
import { parseSlug } from '@sonde/client'
import type { Static } from 'typebox'
import { requireStaff, sightOf } from '../../../access/permissions.ts'
import {
  createFleet,
  deleteFleet,
  type FleetChanges,
  type FleetFilter,
  listFleets,
  updateFleet,
} from '../../../catalog/fleets.ts'
import { findOrgBySlug } from '../../../catalog/orgs.ts'
import type { FleetRow } from '../../../catalog/schema/fleets.ts'
import { InvalidError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { deviceNumber, fleetOfPath, orgOfBody } from '../lookup.ts'
import { ownedNames } from '../names.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { FleetView, fleetView } from '../views/fleet.ts'

const tags = ['fleet']
export const FleetPath = Type.Object({
  slug: Type.String({ description: '`g--…`, also without leading zeros' }),
})

const FleetBody = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
    description: Type.Optional(Type.String({ maxLength: 10_000 })),
    is_network: Type.Optional(Type.Boolean()),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewFleetBody = Type.Object(
  {
    ...FleetBody.properties,
    name: Type.String({ minLength: 1, maxLength: 250 }),
    org: Type.String({ description: 'Slug' }),
    slug: Type.Optional(Type.String({ description: '`g--…`, for staff; else the next free number' })),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const FleetQuery = Type.Object({
  ...PageQuery,
  org: Type.Optional(Type.String({ description: 'Slug' })),
  org__slug: Type.Optional(Type.String()),
  device: Type.Optional(Type.String({ description: 'Slug; fleets with this device' })),
  is_network: Type.Optional(Type.String({ description: '`1` or `0`' })),
  staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
})

export function fleetRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services
  const one = async (row: FleetRow) => fleetView(row, (await ownedNames(services, [row]))(row))

  http.get(
    '/fleet/',
    {
      schema: { tags, summary: 'List fleets', querystring: FleetQuery, response: { 200: PageOf(FleetView) } },
    },
    async (request) => {
      const sight = sightOf(callerOf(request), { asStaff: request.query.staff === '1' })
      const filter = await readFilter(services, request.query)
      const none = { count: 0, rows: [] }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), async (page) =>
        filter ? listFleets(catalog, { sight, filter }, page) : none,
      )
      const names = await ownedNames(services, rows)
      const results = rows.map((row) => fleetView(row, names(row)))
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/fleet/',
    { schema: { tags, summary: 'Create a fleet', body: NewFleetBody, response: { 201: FleetView } } },
    async (request, reply) => {
      const caller = callerOf(request)
      const { org: orgSlug, slug, name } = request.body
      const org = await orgOfBody(services, request, { slug: orgSlug, permission: 'manage_ota' })
      if (slug !== undefined) requireStaff(caller)
      const row = await createFleet(catalog, {
        ...readChanges(request.body),
        ...(slug === undefined ? {} : { id: numberOfSlug(slug) }),
        name,
        org_id: org.id,
        created_by: caller.accountId,
        created_at_us: clock.nowUs(),
      })
      return reply.code(201).send(await one(row))
    },
  )

  http.get(
    '/fleet/:slug/',
    { schema: { tags, summary: 'Read a fleet', params: FleetPath, response: { 200: FleetView } } },
    async (request) =>
      one(await fleetOfPath(services, request, { text: request.params.slug, permission: 'view' })),
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/fleet/:slug/',
    schema: {
      tags,
      summary: 'Change a fleet; fields left out stay as they are',
      params: FleetPath,
      body: FleetBody,
      response: { 200: FleetView },
    },
    handler: async (request) => {
      const { slug: text } = request.params
      const { id } = await fleetOfPath(services, request, { text, permission: 'manage_ota' })
      return one(await updateFleet(catalog, id, readChanges(request.body)))
    },
  })

  http.delete(
    '/fleet/:slug/',
    {
      schema: {
        tags,
        summary: 'Delete a fleet without deployment requests; its devices stay',
        params: FleetPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { slug: text } = request.params
      const { id } = await fleetOfPath(services, request, { text, permission: 'manage_ota' })
      await deleteFleet(catalog, id)
      return reply.code(204).send(null)
    },
  )
}

/** Undefined when the filter names something that does not exist, and no fleet can match. */
async function readFilter(
  { catalog }: RestServices,
  query: Static<typeof FleetQuery>,
): Promise<FleetFilter | undefined> {
  const orgText = query.org || query.org__slug
  const org = orgText ? await findOrgBySlug(catalog, orgText) : undefined
  if (orgText && !org) return undefined
  const { is_network } = query
  return {
    ...(org ? { orgId: org.id } : {}),
    ...(query.device ? { deviceId: deviceNumber('device', query.device) } : {}),
    ...(is_network ? { isNetwork: is_network === '1' || is_network.toLowerCase() === 'true' } : {}),
  }
}

function readChanges({ name, description, is_network }: Static<typeof FleetBody>): FleetChanges {
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(is_network === undefined ? {} : { is_network: Number(is_network) }),
  }
}

function numberOfSlug(text: string): number {
  const slug = parseSlug(text)
  if (slug?.kind !== 'fleet') throw InvalidError.field('slug', `"${text}" is no fleet slug.`)
  return slug.fleet
}
