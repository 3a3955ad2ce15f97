/** `/api/v1/vartype/`: kinds of measurements and their units, the same for all organisations. */
import type { Static } from 'typebox'
import { requireScope, requireStaff } from '../../../access/permissions.ts'
import type { VartypeRow } from '../../../catalog/schema/fleets.ts'
import {
  createVartype,
  deleteVartype,
  findVartype,
  listVartypes,
  updateVartype,
  type VartypeChanges,
} from '../../../catalog/vartypes.ts'
import { NotFoundError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { readUnitObject, UnitView } from '../views/unit.ts'
import { VartypeView, vartypeView } from '../views/vartype.ts'

const tags = ['vartype']
const VartypePath = Type.Object({ slug: Type.String() })

const Units = Type.Array(UnitView, { maxItems: 1_000 })
const VartypeBody = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
    available_input_units: Type.Optional(Units),
    available_output_units: Type.Optional(Units),
    stream_data_type: Type.Optional(Type.String({ maxLength: 250 })),
    decoder: Type.Optional(Type.Unknown()),
    schema: Type.Optional(Type.Unknown()),
    storage_units_full: Type.Optional(Type.String({ maxLength: 250 })),
    storage_units_short: Type.Optional(Type.String({ maxLength: 250 })),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewVartypeBody = Type.Object(
  {
    ...VartypeBody.properties,
    name: Type.String({ minLength: 1, maxLength: 250 }),
    slug: Type.Optional(Type.String({ maxLength: 250, description: 'Else it follows from the name' })),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export function vartypeRoutes(http: RestHttp, services: RestServices): void {
  const { catalog } = services

  http.get(
    '/vartype/',
    {
      schema: {
        tags,
        summary: 'List variable types',
        querystring: Type.Object(PageQuery),
        response: { 200: PageOf(VartypeView) },
      },
    },
    async (request) => {
      requireScope(callerOf(request), 'read')
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listVartypes(catalog, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: rows.map(vartypeView) })
    },
  )

  http.post(
    '/vartype/',
    {
      schema: {
        tags,
        summary: 'Create a variable type (staff)',
        body: NewVartypeBody,
        response: { 201: VartypeView },
      },
    },
    async (request, reply) => {
      requireStaff(callerOf(request))
      const { name, slug } = request.body
      const row = await createVartype(catalog, {
        ...readChanges(request.body),
        name,
        ...(slug ? { slug } : {}),
      })
      return reply.code(201).send(vartypeView(row))
    },
  )

  http.get(
    '/vartype/:slug/',
    {
      schema: { tags, summary: 'Read a variable type', params: VartypePath, response: { 200: VartypeView } },
    },
    async (request) => {
      requireScope(callerOf(request), 'read')
      return vartypeView(await vartypeBySlug(services, request.params.slug))
    },
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/vartype/:slug/',
    schema: {
      tags,
      summary: 'Change a variable type (staff); fields left out stay as they are',
      description: 'Variables and streams keep the units that they were given, whatever becomes of the type.',
      params: VartypePath,
      body: VartypeBody,
      response: { 200: VartypeView },
    },
    handler: async (request) => {
      requireStaff(callerOf(request))
      const { slug } = await vartypeBySlug(services, request.params.slug)
      return vartypeView(await updateVartype(catalog, slug, readChanges(request.body)))
    },
  })

  http.delete(
    '/vartype/:slug/',
    {
      schema: {
        tags,
        summary: 'Delete a variable type that nothing is of (staff)',
        params: VartypePath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      requireStaff(callerOf(request))
      await deleteVartype(catalog, (await vartypeBySlug(services, request.params.slug)).slug)
      return reply.code(204).send(null)
    },
  )
}

/** @throws {NotFoundError} no such type. */
export async function vartypeBySlug({ catalog }: RestServices, slug: string): Promise<VartypeRow> {
  const row = await findVartype(catalog, slug)
  if (!row) throw new NotFoundError()
  return row
}

function readChanges(body: Static<typeof VartypeBody>): VartypeChanges {
  const { name, stream_data_type, decoder, schema, storage_units_full, storage_units_short } = body
  const { available_input_units: input, available_output_units: output } = body
  return {
    ...(name === undefined ? {} : { name }),
    ...(stream_data_type === undefined ? {} : { stream_data_type }),
    ...(decoder === undefined ? {} : { decoder: jsonOrNull(decoder) }),
    ...(schema === undefined ? {} : { schema: jsonOrNull(schema) }),
    ...(storage_units_full === undefined ? {} : { storage_units_full }),
    ...(storage_units_short === undefined ? {} : { storage_units_short }),
    ...(input === undefined ? {} : { inputUnits: input.map(readUnitObject) }),
    ...(output === undefined ? {} : { outputUnits: output.map(readUnitObject) }),
  }
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value)
}
