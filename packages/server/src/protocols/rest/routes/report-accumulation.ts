/** `/api/v1/report/accumulation/`: how much projects, devices and streams add up to. */
import { parseSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import { findDevicesByIds } from '../../../catalog/devices.ts'
import { parseUnit } from '../../../catalog/units.ts'
import { findVariablesOfStreams, variableKey } from '../../../catalog/variables.ts'
import { TooLargeError } from '../../../errors.ts'
import { US_PER_S } from '../../../model/time.ts'
import { parseEvery } from '../../../query/every.ts'
import type { SelectedStream } from '../../../query/select-streams.ts'
import { parseTimeUs } from '../../../query/time-range.ts'
import { zoneClock } from '../../../query/zone-clock.ts'
import { accumulate, type SummableStream } from '../../../reports/accumulation.ts'
import {
  type AccumulationReport,
  accumulationCsv,
  accumulationJson,
  accumulationPage,
  type LabelledStream,
} from '../../../reports/accumulation-table.ts'
import { readableStreams, withChains } from '../data-access.ts'
import { RestAnswer } from '../errors.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'

const SOURCES_MAX = 100
const STREAMS_MAX = 5_000

const AccumulationBody = Type.Object(
  {
    sources: Type.Array(Type.String({ maxLength: 100 }), {
      maxItems: SOURCES_MAX,
      description: 'Slugs of projects, devices and streams',
    }),
    start: Type.String({ description: 'Inclusive: ISO 8601, or relative such as `-30d`' }),
    end: Type.Optional(Type.String({ description: 'Exclusive, in the same forms; now by default' })),
    every: Type.Optional(Type.String({ description: 'Calendar period: `1d`, `1w`, `1mo` …' })),
    tz: Type.Optional(Type.String({ description: 'IANA time zone of the periods; UTC by default' })),
    format: Type.Optional(
      Type.Enum(['json', 'csv', 'html'], { description: '`json` by default; `html` is a page to print' }),
    ),
  },
  UNKNOWN_FIELDS_IGNORED,
)

const FORMATS = {
  json: {
    type: 'application/json; charset=utf-8',
    render: (report: AccumulationReport) => JSON.stringify(accumulationJson(report)),
  },
  csv: { type: 'text/csv; charset=utf-8', render: accumulationCsv },
  html: { type: 'text/html; charset=utf-8', render: accumulationPage },
} as const

/** The page shows itself and nothing else. */
const PAGE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"

export function reportAccumulationRoutes(http: RestHttp, services: RestServices): void {
  http.post(
    '/report/accumulation/',
    {
      schema: {
        tags: ['report'],
        summary: 'Add up the output values of streams, over a range and by calendar period',
        description:
          'Streams without a record and of inactive devices are left out, unless named themselves, as are those ' +
          'whose sum is 0. Where no stream is found, the answer is 400 with `error`.',
        body: AccumulationBody,
      },
    },
    async (request, reply) => {
      const { sources, every, format = 'json', ...asked } = request.body
      const timeZone = zoneClock(asked.tz || 'UTC').name
      const nowUs = services.clock.nowUs()
      const secondOf = (field: 'start' | 'end', text: string) =>
        Math.floor(parseTimeUs(text, { field, nowUs, timeZone }) / US_PER_S) * US_PER_S
      const range = { fromUs: secondOf('start', asked.start), toUs: secondOf('end', asked.end || 'now') }
      const rule = every ? { every: parseEvery(every), timeZone } : undefined
      const { streams, skipped } = await streamsOfSources(services, request, sources)
      if (streams.length === 0) throw RestAnswer.error(400, 'No streams were found for these GIDs')
      const accumulation = await accumulate(services.points, { streams, range, ...(rule ? { rule } : {}) })
      const { type, render } = FORMATS[format]
      return reply
        .type(type)
        .headers({ 'content-security-policy': PAGE_POLICY, 'x-content-type-options': 'nosniff' })
        .send(render({ accumulation, hasPeriods: rule !== undefined, timeZone, skipped }))
    },
  )
}

type ReportStream = SummableStream & LabelledStream

/**
 * The streams that some slugs name, each once and in their order, and the slugs that name none.
 * @throws {TooLargeError} more streams than one report may have.
 */
async function streamsOfSources(
  services: RestServices,
  request: FastifyRequest,
  sources: readonly string[],
): Promise<{ streams: ReportStream[]; skipped: string[] }> {
  const found = new Map<number, SelectedStream>()
  const named = new Set<number>()
  const skipped: string[] = []
  for (const source of new Set(sources)) {
    const kind = kindOf(source)
    const streams =
      kind === undefined ? [] : await readableStreams(services, request, { filter: source.trim() })
    if (streams.length === 0) skipped.push(source)
    for (const stream of streams) {
      found.set(stream.id, stream)
      if (kind === 'stream') named.add(stream.id)
    }
    if (found.size > STREAMS_MAX) {
      throw new TooLargeError(`More than ${STREAMS_MAX} streams; name fewer projects or devices`)
    }
  }
  return { streams: await describe(services, { found, named }), skipped }
}

/** As the lists of streams of a project or a device have them: with a record, not archived, of a device in use. */
async function describe(
  services: RestServices,
  { found, named }: { found: ReadonlyMap<number, SelectedStream>; named: ReadonlySet<number> },
): Promise<ReportStream[]> {
  const selected = [...found.values()]
  const devices = await findDevicesByIds(
    services.catalog,
    selected.map((stream) => stream.deviceId),
  )
  const inactive = new Set(devices.filter((device) => device.active === 0).map((device) => device.id))
  const chained = await withChains(services, selected)
  const variables = await findVariablesOfStreams(
    services.catalog,
    chained.map(({ stream }) => stream),
  )
  return chained.flatMap(({ stream, chain }) => {
    const labels = found.get(stream.id)
    const isListed = stream.block === 0 && !inactive.has(stream.device_id)
    if (!labels || stream.is_registered === 0 || !(isListed || named.has(stream.id))) return []
    const variable = variables.get(variableKey(stream.project_id, stream.variable_lid))
    const unit = parseUnit(stream.output_unit ?? variable?.output_unit ?? null)
    return {
      id: stream.id,
      chain,
      slug: stream.slug,
      device: labels.deviceName,
      variable: labels.variableName,
      units: unit?.unit_short ?? '',
    }
  })
}

function kindOf(source: string): 'project' | 'device' | 'stream' | undefined {
  const kind = parseSlug(source.trim())?.kind
  return kind === 'project' || kind === 'device' || kind === 'stream' ? kind : undefined
}
