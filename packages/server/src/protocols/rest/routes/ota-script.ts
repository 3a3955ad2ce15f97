/** `/api/v1/ota/script/`: scripts that update devices. */
import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { sightOf } from '../../../access/permissions.ts'
import { findOrgBySlug } from '../../../catalog/orgs.ts'
import {
  createOtaScript,
  deleteOtaScript,
  listOtaScripts,
  type OtaScriptChanges,
  updateOtaScript,
} from '../../../catalog/ota-scripts.ts'
import type { OtaScriptRow } from '../../../catalog/schema/fleets.ts'
import { ConflictError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { orgOfBody } from '../lookup.ts'
import { orgSlugs } from '../names.ts'
import { scriptOfPath } from '../ota-lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { OtaScriptView, otaScriptView } from '../views/ota.ts'

const tags = ['ota']
export const ScriptPath = Type.Object({
  slug: Type.String({ description: '`z--…`, also without leading zeros' }),
})

const Version = Type.Integer({ minimum: 0, maximum: 65_535 })
const ScriptBody = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
    major_version: Type.Optional(Version),
    minor_version: Type.Optional(Version),
    patch_version: Type.Optional(Version),
    released: Type.Optional(
      Type.Boolean({ description: 'A released script keeps its name, version and file' }),
    ),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewScriptBody = Type.Object(
  {
    ...ScriptBody.properties,
    name: Type.String({ minLength: 1, maxLength: 250 }),
    org: Type.String({ description: 'Slug' }),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export function otaScriptRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services
  const views = async (rows: readonly OtaScriptRow[]) => {
    const ids = rows.map((row) => row.org_id)
    const orgs = await orgSlugs(services, ids)
    return rows.map((row) => otaScriptView(row, orgs.get(row.org_id) ?? ''))
  }
  const one = async (row: OtaScriptRow) => (await views([row]))[0]

  http.get(
    '/ota/script/',
    {
      schema: {
        tags,
        summary: 'List scripts',
        querystring: Type.Object({
          ...PageQuery,
          org: Type.Optional(Type.String({ description: 'Slug' })),
          staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
        }),
        response: { 200: PageOf(OtaScriptView) },
      },
    },
    async (request) => {
      const { org: slug, staff } = request.query
      const sight = sightOf(callerOf(request), { asStaff: staff === '1' })
      const org = slug ? await findOrgBySlug(catalog, slug) : undefined
      const none = { count: 0, rows: [] }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), async (page) =>
        slug && !org ? none : listOtaScripts(catalog, { sight, orgId: org?.id }, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: await views(rows) })
    },
  )

  http.post(
    '/ota/script/',
    { schema: { tags, summary: 'Create a script', body: NewScriptBody, response: { 201: OtaScriptView } } },
    async (request, reply) => {
      const { org: slug, name } = request.body
      const org = await orgOfBody(services, request, { slug, permission: 'manage_ota' })
      const nowUs = clock.nowUs()
      const row = await createOtaScript(catalog, {
        ...readChanges(request.body, nowUs),
        name,
        org_id: org.id,
        created_by: callerOf(request).accountId,
        created_at_us: nowUs,
      })
      return reply.code(201).send(await one(row))
    },
  )

  http.get(
    '/ota/script/:slug/',
    { schema: { tags, summary: 'Read a script', params: ScriptPath, response: { 200: OtaScriptView } } },
    async (request) => one(await script(request, request.params.slug, 'view')),
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/ota/script/:slug/',
    schema: {
      tags,
      summary: 'Change or release a script; fields left out stay as they are',
      params: ScriptPath,
      body: ScriptBody,
      response: { 200: OtaScriptView },
    },
    handler: async (request) => {
      const row = await script(request, request.params.slug, 'manage_ota')
      const changes = readChanges(request.body, row.released_at_us ?? clock.nowUs())
      if (
        row.released === 1 &&
        Object.entries(changes).some(([key, value]) => row[key as keyof typeof changes] !== value)
      ) {
        throw new ConflictError('A released script stays as it is; make one of the next version.')
      }
      return one(await updateOtaScript(catalog, row.id, changes))
    },
  })

  http.delete(
    '/ota/script/:slug/',
    {
      schema: {
        tags,
        summary: 'Delete a script that no deployment request names',
        params: ScriptPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await deleteOtaScript(catalog, (await script(request, request.params.slug, 'manage_ota')).id)
      return reply.code(204).send(null)
    },
  )

  function script(request: FastifyRequest, text: string, permission: 'view' | 'manage_ota') {
    return scriptOfPath(services, request, { text, permission })
  }
}

function readChanges(
  { name, released, ...rest }: Static<typeof ScriptBody>,
  nowUs: number,
): OtaScriptChanges {
  const { major_version, minor_version, patch_version } = rest
  return {
    ...(name === undefined ? {} : { name }),
    ...(major_version === undefined ? {} : { major_version }),
    ...(minor_version === undefined ? {} : { minor_version }),
    ...(patch_version === undefined ? {} : { patch_version }),
    ...(released === undefined
      ? {}
      : { released: Number(released), released_at_us: released ? nowUs : null }),
  }
}
