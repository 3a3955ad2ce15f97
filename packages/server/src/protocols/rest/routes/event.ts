/** `/api/v1/event/`: what happened in streams, with documents of any size. */
import type { FastifyRequest } from 'fastify'
import type { Permission } from '../../../access/roles.ts'
import { deleteEvent, findEvent, listEvents, updateEvent } from '../../../catalog/events.ts'
import { findProject } from '../../../catalog/projects.ts'
import { findStream, findStreamsByIds } from '../../../catalog/streams.ts'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { auditCorrection, auditDelete } from '../audit.ts'
import { callerOf } from '../caller.ts'
import { readableStreams } from '../data-access.ts'
import { RestAnswer } from '../errors.ts'
import { keepValue, openDocument } from '../event-documents.ts'
import { EventQuery, readEventQuery } from '../event-lists.ts'
import { readExtra, type StoredEvent, type WrittenEvent, writeEvents } from '../event-writes.ts'
import { check } from '../lookup.ts'
import { DATA_PAGES, PageOf, pageBody, readPaged, readPageRequest } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { EventView, eventView } from '../views/event.ts'

const tags = ['event']
const EventPath = Type.Object({ id: Type.String({ description: 'Number' }) })

const Extra = Type.Unknown({ description: 'Object; events with a key `error` in it are hidden' })
const Data = Type.Unknown({ description: 'The document: an object or a list, read at `event/<id>/data/`' })
const WrittenEventBody = Type.Object({
  stream: Type.Optional(Type.Unknown({ description: 'Slug; required' })),
  timestamp: Type.Optional(Type.Unknown({ description: 'ISO 8601; required' })),
  extra_data: Type.Optional(Extra),
  data: Type.Optional(Data),
  device_timestamp: Type.Optional(Type.Unknown({ description: 'Seconds of the device’s own clock' })),
  streamer_local_id: Type.Optional(Type.Unknown({ description: 'The device’s number of the reading' })),
})

export function eventRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, config } = services

  http.get(
    '/event/',
    {
      schema: {
        tags,
        summary: 'List events of streams by the device’s numbers of them, then ascending in time',
        querystring: EventQuery,
        response: { 200: PageOf(EventView) },
      },
    },
    async (request) => {
      const { filter, newest } = readEventQuery(request.query, callerOf(request))
      const { filter: slug } = request.query
      const readable = slug ? await readableStreams(services, request, { filter: slug }) : []
      const streamIds = readable.map(({ id }) => id)
      const asked = readPageRequest(request, DATA_PAGES)
      const { count, rows, page } = await readPaged(asked, (page) =>
        listEvents(catalog, { streamIds, filter, ...(newest === undefined ? {} : { newest }) }, page),
      )
      const found = await findStreamsByIds(
        catalog,
        rows.map((row) => row.stream_id),
      )
      const streams = new Map(found.map((stream) => [stream.id, stream]))
      const results = rows.map((row) => eventView(row, streams.get(row.stream_id)!))
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/event/',
    {
      bodyLimit: config.limits.bodyBytesMax,
      schema: {
        tags,
        summary: 'Write one event, or a list of them',
        description:
          'A list is answered with how many events were stored. When some are bad, the good ones are stored all ' +
          'the same, and a 400 says which were not and why.',
        body: Type.Union([WrittenEventBody, Type.Array(WrittenEventBody)]),
      },
    },
    async (request, reply) => {
      const items = request.body as WrittenEvent | WrittenEvent[]
      if (!Array.isArray(items)) {
        const { stored, rejected } = await writeEvents(services, request, [items])
        if (rejected.length > 0) throw rejected[0].error
        return reply.code(201).send(eventView(stored[0].row, stored[0].stream))
      }
      const { eventsPerRequestMax, rejectionsListedMax } = config.limits
      if (items.length > eventsPerRequestMax) {
        throw new RestAnswer(413, { detail: `More than ${eventsPerRequestMax} events; send several lists.` })
      }
      const { stored, rejected } = await writeEvents(services, request, items)
      if (rejected.length === 0) return reply.code(201).send({ count: stored.length })
      if (stored.length === 0 && rejected[0].error.code === 'forbidden') throw rejected[0].error
      const listed = rejected.slice(0, rejectionsListedMax).map(({ row, reason }) => ({ row, reason }))
      return reply.code(400).send({ count: stored.length, rejected_count: rejected.length, rejected: listed })
    },
  )

  http.get(
    '/event/:id/',
    { schema: { tags, summary: 'Read an event', params: EventPath, response: { 200: EventView } } },
    async (request) => {
      const { row, stream } = await eventOfPath(services, request, 'read_data')
      return eventView(row, stream)
    },
  )

  http.get(
    '/event/:id/data/',
    {
      schema: {
        tags,
        summary: 'Read the document of an event',
        params: EventPath,
        produces: ['application/json'],
      },
    },
    async (request, reply) => {
      const { row } = await eventOfPath(services, request, 'read_data')
      const document = await openDocument(services, row)
      return reply.type('application/json; charset=utf-8').send(document)
    },
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/event/:id/',
    schema: {
      tags,
      summary: 'Replace what describes an event, or its document; audited',
      params: EventPath,
      body: Type.Object(
        { extra_data: Type.Optional(Extra), data: Type.Optional(Data) },
        UNKNOWN_FIELDS_IGNORED,
      ),
      response: { 200: EventView },
    },
    handler: async (request) => {
      const { row, stream } = await eventOfPath(services, request, 'delete_data')
      const { extra_data, data } = request.body
      if (data !== undefined && (typeof data !== 'object' || data === null)) {
        throw InvalidError.field('data', 'Give an object or a list.')
      }
      const extra = extra_data === undefined ? undefined : readExtra(services, extra_data)
      const changed = await updateEvent(catalog, row.id, {
        ...(extra && { extra }),
        ...(data === undefined ? {} : { document: await keepValue(services, data) }),
      })
      await auditCorrection(services, request, { target: stream.slug, detail: `event ${row.id}` })
      return eventView(changed, stream)
    },
  })

  http.delete(
    '/event/:id/',
    {
      schema: {
        tags,
        summary: 'Delete an event and its document; audited',
        params: EventPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { row, stream } = await eventOfPath(services, request, 'delete_data')
      await deleteEvent(catalog, row.id)
      await auditDelete(services, request, { target: stream.slug, detail: `event ${row.id}` })
      return reply.code(204).send(null)
    },
  )
}

/** @throws {NotFoundError} no such event, a hidden one, or none that the caller may know of. */
async function eventOfPath(
  services: RestServices,
  request: FastifyRequest,
  permission: Permission,
): Promise<StoredEvent> {
  const { catalog } = services
  const { id } = request.params as { id: string }
  if (!/^\d{1,15}$/.test(id)) {
    throw new RestAnswer(400, { detail: 'Bad Request: Expected an integer database ID' })
  }
  const row = await findEvent(catalog, Number(id))
  const isHidden = row?.is_error === 1 && !callerOf(request).isStaff
  const stream = row && !isHidden ? await findStream(catalog, row.stream_id) : undefined
  const project = stream && (await findProject(catalog, stream.project_id))
  if (!row || !stream || !project) throw new NotFoundError()
  await check(services, request, permission, {
    orgId: project.org_id,
    projectId: project.id,
    ...(stream.device_id === 0 ? {} : { deviceId: stream.device_id }),
  })
  return { row, stream }
}
