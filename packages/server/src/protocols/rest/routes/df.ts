/** `/api/v1/df/`: points as a table, for spreadsheets and data frames. */
import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { InvalidError } from '../../../errors.ts'
import { readableStreams, withChains } from '../data-access.ts'
import { readStrictRange } from '../data-range.ts'
import { pointSource } from '../point-source.ts'
import { csvOf, jsonOf, pivotColumns, pivotRows, tableColumns, tableRows } from '../point-table.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { statisticsRows } from '../table-stats.ts'
import { MaskQuery, RangeQuery } from './stream-data.ts'

const flag = (description: string) => Type.Optional(Type.String({ description }))

const FORMATS = {
  csv: { type: 'text/csv; charset=utf-8', write: csvOf },
  txt: { type: 'text/plain; charset=utf-8', write: csvOf },
  json: { type: 'application/json; charset=utf-8', write: jsonOf },
} as const

export function dfRoutes(http: RestHttp, services: RestServices): void {
  http.get(
    '/df/',
    {
      schema: {
        tags: ['data'],
        summary: 'Download points as a table',
        querystring: Type.Object({
          filter: flag('Slug of a stream, device, variable or project'),
          format: flag('`csv` (default), `json` or `txt`'),
          ...RangeQuery,
          mask: MaskQuery,
          apply_mdo: flag('`1`: output values in place of internal ones'),
          extended: flag('`1`: also `device_timestamp` and `streamer_local_id` of points from reports'),
          pivot: flag('`1`: a column per stream'),
          staff: flag('`1`: all organisations, for staff'),
          stats: flag('`1` with `pivot=1`: statistics in place of points'),
        }),
      },
    },
    async (request, reply) => {
      const { query } = request
      const format = FORMATS[formatOf(request)]
      const range = readStrictRange(query)
      const streams = query.filter
        ? await withChains(services, await readableStreams(services, request, { filter: query.filter }))
        : []
      const source = await pointSource(services, streams, { range, mask: query.mask })
      const options = { applyMdo: query.apply_mdo === '1', extended: query.extended === '1' }
      reply.type(format.type)
      if (query.pivot !== '1') {
        const rows = tableRows(services, source, options)
        return reply.send(Readable.from(format.write(tableColumns(options), rows)))
      }
      const rows =
        query.stats === '1'
          ? await statisticsRows(services.points, source, options)
          : pivotRows(services, source, options)
      return reply.send(Readable.from(format.write(pivotColumns(streams), rows)))
    },
  )
}

/** The parameter first, then what the client accepts. */
function formatOf(request: FastifyRequest): keyof typeof FORMATS {
  const { format } = request.query as { format?: string }
  if (format === 'csv' || format === 'json' || format === 'txt') return format
  if (format) throw InvalidError.field('format', 'must be one of csv, json, txt')
  const accept = request.headers.accept ?? ''
  return accept.includes('application/json') && !accept.includes('text/csv') ? 'json' : 'csv'
}
