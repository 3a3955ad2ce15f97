/** `/api/v1/import/csv/`: a CSV file of any shape that has one column of times. */
import { Readable } from 'node:stream'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { parseSlug } from '@sonde/client'
import { parse } from 'csv-parse/sync'
import type { Static } from 'typebox'
import { InvalidError } from '../../../errors.ts'
import type { CsvLayout } from '../../../ingest/csv-columns.ts'
import { importCsv } from '../../../ingest/csv-import.ts'
import { zoneClock } from '../../../query/zone-clock.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { Imports } from './import-events.ts'
import { type ImportTarget, scopeOfImport } from './import-project.ts'

const text = (description: string) => Type.Optional(Type.String({ description }))

const ImportQuery = Type.Object({
  project: Type.String({
    description: 'Name, slug or UUID; made when there is none of that name',
  }),
  org: text('Slug of the organization, where the name of the project leaves a choice'),
  device: text('Name of the device that all rows belong to; or give `device_column`'),
  device_column: text('Header of the column that names the device of each row'),
  time_column: text('Header of the column of times; the first column by default'),
  time_format: text(
    '`iso` (default), `s`, `ms`, `us` or `ns` since 1970, or a pattern such as `D MMM YYYY HH:mm:ss`',
  ),
  tz: text('IANA time zone of times that name none; UTC by default'),
  columns: text('Headers of the columns to import, separated by commas as in CSV; all others by default'),
  delimiter: text('One character, or `tab`; a comma by default'),
  decimal: Type.Optional(Type.Enum(['point', 'comma'], { description: 'In numbers; `point` by default' })),
})
type ImportQuery = Static<typeof ImportQuery>

export function importCsvRoutes(http: RestHttp, services: RestServices): void {
  const { config, ingest } = services

  void http.register(async (scope) => {
    const imports = new Imports(scope)
    // The file is the body, whatever a client says that it is.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', async (_request: unknown, body: unknown) => body)
    scope.withTypeProvider<TypeBoxTypeProvider>().post(
      '/import/csv/',
      {
        schema: {
          tags: ['import'],
          summary: 'Import a CSV file: each column but the one of times becomes a variable',
          description:
            'The body is the file, in UTF-8 with a header. The answer tells how it goes, one JSON object a line: ' +
            '`progress` with `lines` and `points` so far, `rejected` with `line` and `reason` for each of the ' +
            'first rows that could not be stored, and at last `done` with all counts, or `error`.',
          consumes: ['text/csv'],
          querystring: ImportQuery,
        },
      },
      async (request, reply) => {
        const format = readFormat(request.query)
        const target = await scopeOfImport(services, request, readTarget(request.query))
        return imports.reply(request, reply, async ({ send, signal }) => {
          const counts = await importCsv(
            { ingest, limits: config.limits },
            {
              ...format,
              scope: target,
              source: chunksOf(request.body),
              signal,
              onEvent: ({ kind, ...event }) =>
                send({ event: kind, ...event }, { often: kind === 'progress' }),
            },
          )
          return { event: 'done', ...counts }
        })
      },
    )
  })
}

/** Where the file is to go. @throws {InvalidError} a project without a name. */
function readTarget({ project, org, device }: ImportQuery): ImportTarget {
  if (project.trim() === '') throw InvalidError.field('project', 'give a name, a slug or a UUID')
  return { project: project.trim(), org: org || undefined, device: device?.trim() || undefined }
}

/** What the parameters say of the file. @throws {InvalidError} on the first that is malformed. */
function readFormat(query: ImportQuery) {
  const { device, device_column, time_column, columns, decimal = 'point' } = query
  const layout: CsvLayout = {
    timeColumn: time_column,
    device: readDevice({ device: device?.trim(), column: device_column }),
    columns: columns === undefined ? undefined : readColumns(columns),
  }
  const delimiter = readDelimiter(query.delimiter || ',')
  return {
    layout,
    delimiter,
    decimal,
    timeFormat: query.time_format || 'iso',
    zone: zoneClock(query.tz || 'UTC'),
  }
}

function readDevice({ device, column }: { device: string | undefined; column: string | undefined }) {
  if (!device === !column) throw InvalidError.field('device', 'give either device or device_column')
  if (!device) return { column: column ?? '' }
  if (parseSlug(device)?.kind === 'device') {
    throw InvalidError.field('device', 'give the name of the device, not its slug')
  }
  return { name: device }
}

/** `a,"b, c"` are the two headers `a` and `b, c`. */
function readColumns(text: string): string[] {
  try {
    const [names = []]: string[][] = parse(text, { trim: true })
    return names
  } catch {
    throw InvalidError.field('columns', 'give the headers as a line of CSV')
  }
}

function readDelimiter(text: string): string {
  const delimiter = text === 'tab' ? '\t' : text
  if (delimiter.length === 1 && !/["\r\n\0\p{L}\p{N}]/u.test(delimiter)) return delimiter
  throw InvalidError.field(
    'delimiter',
    'give one character that is no letter, digit or quotation mark, or tab',
  )
}

/** Leaves the request open when the reading ends early: its connection has to carry the answer yet. */
async function* chunksOf(body: unknown): AsyncGenerator<Uint8Array> {
  if (body instanceof Readable) yield* body.iterator({ destroyOnReturn: false })
}
