/** `/api/v1/query/`: ranges, aggregates and latest values of many streams at once. */
import { Readable } from 'node:stream'
import { InvalidError } from '../../../errors.ts'
import { ANSWER_FORMATS, parseFormat, renderAnswer, wholeOrBlocks } from '../../../query/answer-format.ts'
import { parseQuery } from '../../../query/query-request.ts'
import { readableStreams } from '../data-access.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'

const text = (description: string) => Type.Optional(Type.String({ description }))

export function queryRoutes(http: RestHttp, services: RestServices): void {
  http.get(
    '/query/',
    {
      schema: {
        tags: ['query'],
        summary: 'Query points: raw, in buckets, or over a whole range',
        querystring: Type.Object({
          filter: text('Slugs of streams, devices, variables or projects, comma-separated'),
          project: text('Name, slug or UUID'),
          device: text('Name or slug'),
          variable: text('Name or slug'),
          start: text('Inclusive: ISO 8601, epoch milliseconds, or relative such as `-24h`'),
          end: text('Exclusive, in the same forms'),
          every: text('Width of a bucket: `5m`, `1h`, `1d`, `1mo` …'),
          agg: text(
            '`mean`, `min`, `max`, `sum`, `count`, `first`, `last`, `delta`, `increase`; several, comma-separated',
          ),
          by: text('`stream` (default), `device`, `variable` or `none`: which streams make one series'),
          fill: text('`null`, `previous` or `linear`: what stands in an empty bucket'),
          tz: text('IANA time zone of calendar buckets'),
          limit: text('Rows per series at most'),
          staff: text('`1`: all organisations, for staff'),
          format: text('`json` (default), `csv` or `ndjson`'),
        }),
      },
    },
    async (request, reply) => {
      const { filter, project, device, variable, format, ...asked } = request.query
      if (!filter && !project && !device && !variable) {
        throw new InvalidError('Say which streams: give `filter`, or `project`, `device` or `variable`.')
      }
      const name = parseFormat(format)
      const query = parseQuery(asked, services.clock.nowUs())
      const streams = await readableStreams(services, request, { filter, project, device, variable })
      const answer = await services.query.run(query, streams)
      const body = await wholeOrBlocks(renderAnswer(answer, name))
      reply.type(ANSWER_FORMATS[name].contentType)
      const isWhole = typeof body === 'string' || body instanceof Uint8Array
      return reply.send(isWhole ? body : Readable.from(body, { objectMode: false }))
    },
  )
}
