/** `/api/v1/stream/<slug>/data/`: the points of one stream, as they are shown to people. */
import { Readable } from 'node:stream'
import { InvalidError } from '../../../errors.ts'
import type { DerivedUnit, ValueChain } from '../../../model/value-chain.ts'
import { rangeOf } from '../../../query/point-lists.ts'
import { auditDelete } from '../audit.ts'
import { withChains } from '../data-access.ts'
import { readStrictRange, readTolerantRange } from '../data-range.ts'
import { streamOfPath } from '../lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, STREAM_PAGES } from '../paging.ts'
import { dataRequest, pointSource } from '../point-source.ts'
import { tableCsv } from '../point-table.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { StreamPointView, streamPointView } from '../views/point.ts'
import { StreamPath } from './stream.ts'

const tags = ['data']
export const RangeQuery = {
  start: Type.Optional(Type.String({ description: 'ISO 8601, inclusive' })),
  end: Type.Optional(Type.String({ description: 'ISO 8601, exclusive' })),
  lastn: Type.Optional(Type.String({ description: 'Only the newest so many, up to 100,000' })),
}

export const MaskQuery = Type.Optional(
  Type.String({ description: '`1`: only what lies within the masks of devices' }),
)

export function streamDataRoutes(http: RestHttp, services: RestServices): void {
  const { ingest, points, data } = services

  http.get(
    '/stream/:slug/data/',
    {
      schema: {
        tags,
        summary: 'List the points of a stream, ascending in time',
        params: StreamPath,
        querystring: Type.Object({
          ...PageQuery,
          ...RangeQuery,
          mask: MaskQuery,
          derived: Type.Optional(
            Type.String({ description: '`rate.gpm`: adds values in this derived unit of the output unit' }),
          ),
        }),
        response: { 200: PageOf(StreamPointView) },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const { stream } = await streamOfPath(services, request, { text, permission: 'read_data' })
      const range = readTolerantRange(request.query)
      const streams = await withChains(services, [stream])
      const [{ chain }] = streams
      const { derived: derivedText } = request.query
      const derived = derivedText ? derivedUnit(chain, derivedText) : undefined
      const source = await pointSource(services, streams, { range, mask: request.query.mask })
      const { newest, ranges } = source
      const asked = readPageRequest(request, STREAM_PAGES)
      const { count, rows, page } = await readPaged(asked, async (page) => {
        if (newest === undefined) {
          return {
            count: await points.count([stream.id], ranges),
            rows: await points.page([stream.id], ranges, page),
          }
        }
        const all = await points.newest([stream.id], ranges, newest)
        return { count: all.length, rows: all.slice(page.offset, page.offset + page.limit) }
      })
      const listed = await data.withReadings(dataRequest(source).streams, rows)
      const results = listed.map((point) => streamPointView(point, chain, derived))
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.get(
    '/stream/:slug/csv/',
    {
      schema: {
        tags,
        summary: 'Download the points of a stream as CSV',
        params: StreamPath,
        querystring: Type.Object({ ...RangeQuery, mask: MaskQuery }),
      },
    },
    async (request, reply) => {
      const { slug: text } = request.params
      const { stream } = await streamOfPath(services, request, { text, permission: 'read_data' })
      const streams = await withChains(services, [stream])
      const range = readStrictRange(request.query)
      const source = await pointSource(services, streams, { range, mask: request.query.mask })
      const csv = tableCsv(services, source, { applyMdo: false, extended: false })
      reply.header('content-disposition', `attachment; filename="${stream.slug}.csv"`)
      return reply.type('text/csv; charset=utf-8').send(Readable.from(csv))
    },
  )

  http.delete(
    '/stream/:slug/data/',
    {
      schema: {
        tags,
        summary: 'Delete the points of a range; without bounds all of them',
        params: StreamPath,
        querystring: Type.Object({ start: RangeQuery.start, end: RangeQuery.end }),
        response: { 200: Type.Object({ count: Type.Integer() }) },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const { stream } = await streamOfPath(services, request, { text, permission: 'delete_data' })
      const { start = 'the beginning', end = 'the end' } = request.query
      const count = await ingest.deletePoints(
        Uint32Array.of(stream.id),
        rangeOf(readStrictRange(request.query)),
      )
      await auditDelete(services, request, {
        target: stream.slug,
        detail: `${count} points from ${start} to ${end}`,
      })
      return { count }
    },
  )
}

/** @throws {InvalidError} the output unit of the stream has no such derived unit. */
function derivedUnit({ derivedUnits = {} }: ValueChain, text: string): DerivedUnit {
  const known = Object.entries(derivedUnits).flatMap(([kind, units]) =>
    Object.entries(units).map(([name, unit]) => [`${kind}.${name}`, unit] as const),
  )
  const found = known.find(([name]) => name === text)
  if (found) return found[1]
  const choice = known.map(([name]) => name).join(', ') || 'none'
  throw InvalidError.field('derived', `Derived units of the output unit are: ${choice}.`)
}
