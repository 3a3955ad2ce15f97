/** `/api/v1/property/`: named values of projects, devices and data blocks. */
import type { FastifyRequest } from 'fastify'
import {
  createProperty,
  deleteProperty,
  findProperty,
  listProperties,
  PROPERTIES_MAX,
  setProperty,
  updateProperty,
} from '../../../catalog/properties.ts'
import type { PropertyRow } from '../../../catalog/schema/events.ts'
import { NotFoundError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { projectOfPath } from '../lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import {
  NewPropertyBody,
  PropertyBody,
  propertyTarget,
  readValue,
  readValueIfAny,
} from '../property-fields.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { PropertyView, propertyView } from '../views/property.ts'

const tags = ['property']
const PropertyPath = Type.Object({ id: Type.String({ description: 'Number' }) })

export function propertyRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services
  const made = (request: FastifyRequest) => {
    return { created_by: callerOf(request).accountId, created_at_us: clock.nowUs() }
  }

  http.get(
    '/property/',
    {
      schema: {
        tags,
        summary: 'List the properties of something by name',
        querystring: Type.Object({
          ...PageQuery,
          target: Type.Optional(Type.String({ description: 'Slug; without it the list is empty' })),
        }),
        response: { 200: PageOf(PropertyView) },
      },
    },
    async (request) => {
      const { target: text } = request.query
      const target = text ? await propertyTarget(services, request, { text, change: false }) : ''
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listProperties(catalog, { target }, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: rows.map(propertyView) })
    },
  )

  http.post(
    '/property/',
    {
      schema: {
        tags,
        summary: 'Create a property',
        body: Type.Object(
          { ...NewPropertyBody.properties, target: Type.String({ description: 'Slug' }) },
          UNKNOWN_FIELDS_IGNORED,
        ),
        response: { 201: PropertyView },
      },
    },
    async (request, reply) => {
      const { name, is_system: isSystem = false, target: text, ...values } = request.body
      const target = await propertyTarget(services, request, { text, change: true })
      const value = readValue(values)
      const row = await createProperty(catalog, { target, name, value, isSystem, ...made(request) })
      return reply.code(201).send(propertyView(row))
    },
  )

  http.get(
    '/property/:id/',
    { schema: { tags, summary: 'Read a property', params: PropertyPath, response: { 200: PropertyView } } },
    async (request) => propertyView(await propertyOfPath(services, request, { change: false })),
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/property/:id/',
    schema: {
      tags,
      summary: 'Change a property; fields left out stay as they are',
      params: PropertyPath,
      body: PropertyBody,
      response: { 200: PropertyView },
    },
    handler: async (request) => {
      const { id } = await propertyOfPath(services, request, { change: true })
      const { name, is_system: isSystem, ...values } = request.body
      const value = readValueIfAny(values)
      const row = await updateProperty(catalog, id, {
        ...(name === undefined ? {} : { name }),
        ...(value === undefined ? {} : { value }),
        ...(isSystem === undefined ? {} : { isSystem }),
      })
      return propertyView(row)
    },
  })

  http.delete(
    '/property/:id/',
    {
      schema: {
        tags,
        summary: 'Delete a property',
        params: PropertyPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id } = await propertyOfPath(services, request, { change: true })
      await deleteProperty(catalog, id)
      return reply.code(204).send(null)
    },
  )

  for (const kind of ['device', 'project', 'datablock']) {
    http.get(
      `/${kind}/:slug/properties/`,
      {
        schema: {
          tags,
          summary: `List all properties of a ${kind} by name`,
          params: Type.Object({ slug: Type.String() }),
          response: { 200: Type.Array(PropertyView) },
        },
      },
      async (request) => {
        const target = await targetOfPath(services, request, { kind, change: false })
        const { rows } = await listProperties(catalog, { target }, { limit: PROPERTIES_MAX, offset: 0 })
        return rows.map(propertyView)
      },
    )

    http.post(
      `/${kind}/:slug/new_property/`,
      {
        schema: {
          tags,
          summary: `Create a property of a ${kind}, or give the one of that name another value`,
          params: Type.Object({ slug: Type.String() }),
          body: NewPropertyBody,
          response: { 201: PropertyView },
        },
      },
      async (request, reply) => {
        const { name, is_system: isSystem = false, ...values } = request.body
        const target = await targetOfPath(services, request, { kind, change: true })
        const value = readValue(values)
        const row = await setProperty(catalog, { target, name, value, isSystem, ...made(request) })
        return reply.code(201).send(propertyView(row))
      },
    )
  }
}

/** A project also by its UUID. @throws {NotFoundError} none of this kind that the caller may know of. */
async function targetOfPath(
  services: RestServices,
  request: FastifyRequest,
  { kind, change }: { kind: string; change: boolean },
): Promise<string> {
  const { slug: text } = request.params as { slug: string }
  if (kind === 'project') {
    const { id } = await projectOfPath(services, request, { text, permission: 'view' })
    return propertyTarget(services, request, { text: `p--${id.toString(16)}`, change })
  }
  const letter = kind === 'device' ? 'd--' : 'b--'
  const target = await propertyTarget(services, request, { text, change })
  if (!target.startsWith(letter)) throw new NotFoundError()
  return target
}

/** @throws {NotFoundError} no such property, or none that the caller may know of. */
async function propertyOfPath(
  services: RestServices,
  request: FastifyRequest,
  { change }: { change: boolean },
): Promise<PropertyRow> {
  const { id } = request.params as { id: string }
  const row = /^\d{1,15}$/.test(id) ? await findProperty(services.catalog, Number(id)) : undefined
  if (row === undefined) throw new NotFoundError()
  await propertyTarget(services, request, { text: row.target, change })
  return row
}
