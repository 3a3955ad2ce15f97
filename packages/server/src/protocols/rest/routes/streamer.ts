/** `/api/v1/streamer/`: the queues in which devices keep readings until they can send them. */
import { formatDeviceSlug, parseSlug } from '@sonde/client'
import type { Static } from 'typebox'
import { requireStaff, sightOf } from '../../../access/permissions.ts'
import { findDevice } from '../../../catalog/devices.ts'
import { findEngineVersion } from '../../../catalog/sensor-graphs.ts'
import {
  createStreamer,
  deleteStreamer,
  listStreamers,
  type StreamerChanges,
  type StreamerFilter,
  SYSTEM_SELECTOR,
  updateStreamer,
} from '../../../catalog/streamers.ts'
import { InvalidError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { deviceOfPath, streamerOfPath } from '../lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { StreamerView, streamerView } from '../views/streamer.ts'

const tags = ['streamer']
export const StreamerPath = Type.Object({
  slug: Type.String({ description: '`t--<device>--<index>`, also without leading zeros' }),
})

const USER_SELECTOR = 0xd7ff
const OTHER_SELECTOR = 0xffff

const uint = (max: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: max, description }))
const StreamerBody = Type.Object(
  {
    selector: uint(2 ** 32 - 1, 'Which streams it sends'),
    process_engine_ver: uint(9, 'From 2 on, restarts of the device are taken into account'),
    last_id: uint(2 ** 32 - 1, 'Readings up to this number are not taken again'),
    is_system: Type.Optional(Type.Boolean({ description: 'Follows from the selector unless given' })),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewStreamerBody = Type.Object(
  {
    ...StreamerBody.properties,
    device: Type.String({ description: 'Slug' }),
    index: Type.Integer({ minimum: 0, maximum: 65_535 }),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const StreamerQuery = Type.Object({
  ...PageQuery,
  device: Type.Optional(Type.String({ description: 'Slug' })),
  selector: Type.Optional(Type.String()),
  slug: Type.Optional(Type.String()),
  staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
})

export function streamerRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services

  http.get(
    '/streamer/',
    {
      schema: {
        tags,
        summary: 'List streamers',
        querystring: StreamerQuery,
        response: { 200: PageOf(StreamerView) },
      },
    },
    async (request) => {
      const sight = sightOf(callerOf(request), { asStaff: request.query.staff === '1' })
      const filter = readFilter(request.query)
      const asked = readPageRequest(request, SMALL_PAGES)
      const { count, rows, page } = await readPaged(asked, (page) =>
        listStreamers(catalog, { sight, filter }, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: rows.map(streamerView) })
    },
  )

  http.get(
    '/device/:slug/streamers/',
    {
      schema: {
        tags,
        summary: 'List the streamers of a device',
        params: Type.Object({ slug: Type.String({ description: 'Slug of the device' }) }),
        querystring: Type.Object(PageQuery),
        response: { 200: PageOf(StreamerView) },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const { id } = await deviceOfPath(services, request, { text, permission: 'view' })
      const asked = readPageRequest(request, SMALL_PAGES)
      const { count, rows, page } = await readPaged(asked, (page) =>
        listStreamers(catalog, { sight: {}, filter: { deviceId: id } }, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: rows.map(streamerView) })
    },
  )

  http.post(
    '/streamer/',
    {
      schema: {
        tags,
        summary: 'Create a streamer (staff); the first report of one does so as well',
        body: NewStreamerBody,
        response: { 201: StreamerView },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      requireStaff(caller)
      const { device: text, index, ...described } = request.body
      const deviceId = deviceNumber(text)
      const device = deviceId === undefined ? undefined : await findDevice(catalog, deviceId)
      if (!device) throw InvalidError.field('device', 'There is no such device.')
      const row = await createStreamer(catalog, {
        selector: usualSelector(index),
        process_engine_ver: await findEngineVersion(catalog, device),
        ...readChanges(described),
        device_id: device.id,
        streamer_index: index,
        created_by: caller.accountId,
        created_at_us: clock.nowUs(),
      })
      return reply.code(201).send(streamerView(row))
    },
  )

  http.get(
    '/streamer/:slug/',
    { schema: { tags, summary: 'Read a streamer', params: StreamerPath, response: { 200: StreamerView } } },
    async (request) =>
      streamerView(
        await streamerOfPath(services, request, { text: request.params.slug, permission: 'view' }),
      ),
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/streamer/:slug/',
    schema: {
      tags,
      summary: 'Change a streamer (staff); fields left out stay as they are',
      params: StreamerPath,
      body: StreamerBody,
      response: { 200: StreamerView },
    },
    handler: async (request) => {
      const { slug: text } = request.params
      const { id } = await streamerOfPath(services, request, { text, permission: 'view' })
      requireStaff(callerOf(request))
      return streamerView(await updateStreamer(catalog, id, readChanges(request.body)))
    },
  })

  http.delete(
    '/streamer/:slug/',
    {
      schema: {
        tags,
        summary: 'Delete a streamer and its reports (staff); points stay',
        params: StreamerPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { slug: text } = request.params
      const { id } = await streamerOfPath(services, request, { text, permission: 'view' })
      requireStaff(callerOf(request))
      await deleteStreamer(catalog, id)
      return reply.code(204).send(null)
    },
  )
}

/** @throws {InvalidError} a filter names no slug or number. */
function readFilter({ device, selector, slug }: Static<typeof StreamerQuery>): StreamerFilter {
  const streamer = slug ? parseSlug(slug) : undefined
  if (slug && streamer?.kind !== 'streamer')
    throw InvalidError.field('slug', `"${slug}" is no streamer slug.`)
  const deviceId = device ? deviceNumber(device) : undefined
  if (device && deviceId === undefined) {
    throw InvalidError.field('device', `"${device}" is no slug such as ${formatDeviceSlug(1)}.`)
  }
  if (selector && !/^\d{1,10}$/.test(selector)) throw InvalidError.field('selector', 'Enter a whole number.')
  return {
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(selector ? { selector: Number(selector) } : {}),
    // A device beside a slug can only say the same, or leave nothing.
    ...(streamer?.kind === 'streamer'
      ? { slugDeviceId: streamer.device, streamerIndex: streamer.index }
      : {}),
  }
}

function deviceNumber(text: string): number | undefined {
  const slug = parseSlug(text) ?? parseSlug(`d--${text}`)
  return slug?.kind === 'device' ? slug.device : undefined
}

function usualSelector(index: number): number {
  if (index === 0) return USER_SELECTOR
  return index === 1 ? SYSTEM_SELECTOR : OTHER_SELECTOR
}

function readChanges({ is_system, ...same }: Static<typeof StreamerBody>): StreamerChanges {
  return { ...same, ...(is_system === undefined ? {} : { is_system: Number(is_system) }) }
}
