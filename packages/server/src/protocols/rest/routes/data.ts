/** `/api/v1/data/`: points of any streams, to read and to write. */

import { readableStreams, withChains } from '../data-access.ts'
import { readStrictRange } from '../data-range.ts'
import { type WrittenPoint, writePoints } from '../data-writes.ts'
import { RestAnswer } from '../errors.ts'
import { DATA_PAGES, PageOf, PageQuery, pageBody, readPaged, readPageRequest } from '../paging.ts'
import { dataRequest, pointSource } from '../point-source.ts'
import { ReadingBoundsQuery, readReadingBounds } from '../reading-bounds.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { PointView, pointView } from '../views/point.ts'
import { MaskQuery, RangeQuery } from './stream-data.ts'

const tags = ['data']

const WrittenPointBody = Type.Object(
  {
    stream: Type.Optional(Type.Unknown({ description: 'Slug; required' })),
    timestamp: Type.Optional(Type.Unknown({ description: 'ISO 8601; required' })),
    type: Type.Optional(Type.Unknown({ description: '`Num` with `int_value`, `ITR` with `value`' })),
    int_value: Type.Optional(Type.Unknown({ description: 'What the device counted; units are applied' })),
    value: Type.Optional(Type.Unknown({ description: 'In the internal unit; or a text' })),
  },
  { description: 'Give either `int_value` or `value`' },
)

export function dataRoutes(http: RestHttp, services: RestServices): void {
  const { data, config } = services

  http.get(
    '/data/',
    {
      schema: {
        tags,
        summary: 'List points of streams: those without reading ids in time, then those with, by these',
        querystring: Type.Object({
          ...PageQuery,
          ...RangeQuery,
          ...ReadingBoundsQuery,
          mask: MaskQuery,
          filter: Type.Optional(
            Type.String({ description: 'Slug of a stream, device, block, variable or project' }),
          ),
          staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
        }),
        response: { 200: PageOf(PointView) },
      },
    },
    async (request) => {
      const { filter, mask } = request.query
      const range = readStrictRange(request.query)
      const bounds = readReadingBounds(request.query)
      const streams = filter
        ? await withChains(services, await readableStreams(services, request, { filter }))
        : []
      const source = await pointSource(services, streams, { range, mask })
      const asked = { ...dataRequest(source), bounds }
      const { count, rows, page } = await readPaged(readPageRequest(request, DATA_PAGES), async (page) => {
        if (source.newest === undefined) return data.page(asked, page)
        const all = await data.newest(asked, source.newest)
        return { count: all.length, rows: all.slice(page.offset, page.offset + page.limit) }
      })
      const results = rows.map((point) => pointView(point, streams[point.stream]))
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/data/',
    {
      bodyLimit: config.limits.bodyBytesMax,
      schema: {
        tags,
        summary: 'Write one point, or a list of them',
        description:
          'A list is answered with how many points were stored. When some are bad, the good ones are stored all ' +
          'the same, and a 400 says which were not and why.',
        body: Type.Union([WrittenPointBody, Type.Array(WrittenPointBody)]),
      },
    },
    async (request, reply) => {
      const items = request.body as WrittenPoint | WrittenPoint[]
      if (!Array.isArray(items)) {
        const { stored, rejected } = await writePoints(services, request, [items])
        if (rejected.length > 0) throw rejected[0].error
        return reply.code(201).send(pointView(stored[0], stored[0].target))
      }
      const { batchRowsMax, rejectionsListedMax } = config.limits
      if (items.length > batchRowsMax)
        throw new RestAnswer(413, { detail: `More than ${batchRowsMax} points.` })
      const { stored, rejected } = await writePoints(services, request, items)
      if (rejected.length === 0) return reply.code(201).send({ count: stored.length })
      if (stored.length === 0 && rejected[0].error.code === 'forbidden') throw rejected[0].error
      const listed = rejected.slice(0, rejectionsListedMax).map(({ row, reason }) => ({ row, reason }))
      return reply.code(400).send({ count: stored.length, rejected_count: rejected.length, rejected: listed })
    },
  )
}
