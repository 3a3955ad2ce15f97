/** `/api/v1/query/`: ranges, aggregates and latest values of many streams at once. */
import { sendAnswer } from '../../../http/answer.ts'
import { callerOf } from '../caller.ts'
import { answerQuery } from '../query-requests.ts'
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
    async (request, reply) =>
      sendAnswer(reply, await answerQuery(services, callerOf(request), request.query)),
  )
}
