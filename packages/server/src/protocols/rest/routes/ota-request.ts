/** `/api/v1/ota/request/`: which script is meant for which devices. */
import { parseSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { sightOf } from '../../../access/permissions.ts'
import type { Permission } from '../../../access/roles.ts'
import { findFleet } from '../../../catalog/fleets.ts'
import { findOrgBySlug } from '../../../catalog/orgs.ts'
import {
  createOtaRequest,
  deleteOtaRequest,
  listOtaRequests,
  type OtaRequestChanges,
  type OtaRequestFilter,
  updateOtaRequest,
} from '../../../catalog/ota-requests.ts'
import { parseScriptSlug } from '../../../catalog/ota-scripts.ts'
import type { OtaRequestRow } from '../../../catalog/schema/fleets.ts'
import { InvalidError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { readTimeOrNull } from '../data-range.ts'
import { orgOfBody } from '../lookup.ts'
import { orgSlugs } from '../names.ts'
import { otaRequestOfPath } from '../ota-lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { Nullable } from '../views/nullable.ts'
import { OtaRequestView, otaRequestView } from '../views/ota.ts'

const tags = ['ota']
export const OtaRequestPath = Type.Object({ id: Type.String() })

const RequestBody = Type.Object(
  {
    selection_criteria: Type.Optional(
      Type.Array(Type.String({ maxLength: 1_000 }), {
        maxItems: 100,
        description: 'Such as `os_tag:eq:1024`',
      }),
    ),
    released_on: Type.Optional(
      Nullable(Type.String({ description: 'ISO 8601; devices are told from then on' })),
    ),
    completed_on: Type.Optional(Nullable(Type.String({ description: 'ISO 8601; ends the request' }))),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewRequestBody = Type.Object(
  {
    ...RequestBody.properties,
    script: Type.String({ description: 'Slug of a script of the same organization' }),
    org: Type.String({ description: 'Slug' }),
    fleet: Type.Optional(
      Nullable(Type.String({ description: 'Slug of a fleet; without one: the whole organization' })),
    ),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const RequestQuery = Type.Object({
  ...PageQuery,
  org: Type.Optional(Type.String({ description: 'Slug' })),
  fleet: Type.Optional(Type.String({ description: 'Slug' })),
  scope: Type.Optional(
    Type.String({
      description:
        '`global`: those for whole organizations; slug of a fleet: those for it and for its organization; slug ' +
        'of an organization: all of its',
    }),
  ),
  staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
})

export function otaRequestRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services
  const one = async (row: OtaRequestRow) => (await otaRequestViews(services, [row]))[0]
  const found = (request: FastifyRequest, text: string, permission: Permission) =>
    otaRequestOfPath(services, request, { text, permission })

  http.get(
    '/ota/request/',
    {
      schema: {
        tags,
        summary:
          'List the deployment requests of an organization, fleet or scope; without one of these, none',
        querystring: RequestQuery,
        response: { 200: PageOf(OtaRequestView) },
      },
    },
    async (request) => {
      const sight = sightOf(callerOf(request), { asStaff: request.query.staff === '1' })
      const filter = await readFilter(services, request.query)
      const none = { count: 0, rows: [] }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), async (page) =>
        filter ? listOtaRequests(catalog, { sight, filter }, page) : none,
      )
      const results = await otaRequestViews(services, rows)
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/ota/request/',
    {
      schema: {
        tags,
        summary: 'Create a deployment request',
        body: NewRequestBody,
        response: { 201: OtaRequestView },
      },
    },
    async (request, reply) => {
      const { org: slug, script, fleet, ...described } = request.body
      const org = await orgOfBody(services, request, { slug, permission: 'manage_ota' })
      const row = await createOtaRequest(catalog, {
        ...readChanges(described),
        script_id: readScript(script),
        fleet_id: fleet ? readFleet('fleet', fleet) : null,
        org_id: org.id,
        created_by: callerOf(request).accountId,
        created_at_us: clock.nowUs(),
      })
      return reply.code(201).send(await one(row))
    },
  )

  http.get(
    '/ota/request/:id/',
    {
      schema: {
        tags,
        summary: 'Read a deployment request',
        params: OtaRequestPath,
        response: { 200: OtaRequestView },
      },
    },
    async (request) => one(await found(request, request.params.id, 'view')),
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/ota/request/:id/',
    schema: {
      tags,
      summary: 'Release, complete or change a deployment request; fields left out stay as they are',
      params: OtaRequestPath,
      body: RequestBody,
      response: { 200: OtaRequestView },
    },
    handler: async (request) => {
      const { id } = await found(request, request.params.id, 'manage_ota')
      return one(await updateOtaRequest(catalog, id, readChanges(request.body)))
    },
  })

  http.delete(
    '/ota/request/:id/',
    {
      schema: {
        tags,
        summary: 'Delete a deployment request without actions',
        params: OtaRequestPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await deleteOtaRequest(catalog, (await found(request, request.params.id, 'manage_ota')).id)
      return reply.code(204).send(null)
    },
  )
}

export async function otaRequestViews(
  services: RestServices,
  rows: readonly OtaRequestRow[],
): Promise<Static<typeof OtaRequestView>[]> {
  const ids = rows.map((row) => row.org_id)
  const orgs = await orgSlugs(services, ids)
  return rows.map((row) => otaRequestView(row, orgs.get(row.org_id) ?? ''))
}

/** Undefined when nothing is asked for, or something that does not exist. */
async function readFilter(
  { catalog }: RestServices,
  { org: orgText, fleet, scope, staff }: Static<typeof RequestQuery>,
): Promise<OtaRequestFilter | undefined> {
  if (!orgText && !fleet && !scope) return staff === '1' ? {} : undefined
  const org = orgText ? await findOrgBySlug(catalog, orgText) : undefined
  if (orgText && !org) return undefined
  const named = {
    ...(org ? { orgId: org.id } : {}),
    ...(fleet ? { fleetId: readFleet('fleet', fleet) } : {}),
  }
  if (!scope) return named
  if (scope === 'global') return { ...named, wholeOrgOnly: true }
  const slug = parseSlug(scope)
  if (slug?.kind === 'fleet') {
    const found = await findFleet(catalog, slug.fleet)
    return found && { ...named, orgId: found.org_id, fleetId: found.id, andWholeOrg: true }
  }
  const scoped = await findOrgBySlug(catalog, scope)
  return scoped && { ...named, orgId: scoped.id }
}

function readChanges(body: Static<typeof RequestBody>): OtaRequestChanges {
  const { selection_criteria, released_on, completed_on } = body
  return {
    ...(selection_criteria && { selection_criteria: JSON.stringify(selection_criteria) }),
    ...(released_on === undefined ? {} : { released_at_us: readTimeOrNull('released_on', released_on) }),
    ...(completed_on === undefined ? {} : { completed_at_us: readTimeOrNull('completed_on', completed_on) }),
  }
}

function readScript(text: string): number {
  const id = parseScriptSlug(text)
  if (id === undefined) throw InvalidError.field('script', `"${text}" is no script slug.`)
  return id
}

function readFleet(field: string, text: string): number {
  const slug = parseSlug(text)
  if (slug?.kind !== 'fleet') throw InvalidError.field(field, `"${text}" is no fleet slug.`)
  return slug.fleet
}
