/** A query as its caller wrote it, read into what the query service takes. */
import { InvalidError } from '../errors.ts'
import { type AggregateName, parseAggregates } from './aggregate-names.ts'
import { type Every, parseEvery } from './every.ts'
import { parseTimeUs } from './time-range.ts'
import { zoneClock } from './zone-clock.ts'

/** Texts of a query string. One that is absent or empty takes its default. */
export interface QueryParameters {
  readonly start?: string | undefined
  readonly end?: string | undefined
  readonly every?: string | undefined
  readonly agg?: string | undefined
  readonly by?: string | undefined
  readonly fill?: string | undefined
  readonly limit?: string | undefined
  readonly tz?: string | undefined
}

const GROUPINGS = ['stream', 'device', 'variable', 'none'] as const
/** Which streams make one series together. */
export type Grouping = (typeof GROUPINGS)[number]

const FILLS = ['null', 'previous', 'linear'] as const
/** What stands in an empty bucket. */
export type Fill = (typeof FILLS)[number]

export interface QueryRequest {
  /** Inclusive; undefined means from the first point on. */
  readonly startUs: number | undefined
  /** Exclusive; undefined means up to the last point. */
  readonly endUs: number | undefined
  /** Without it aggregates speak of the whole range. */
  readonly every: Every | undefined
  /** IANA name, in its usual letter case. */
  readonly timeZone: string
  /** Empty for raw points. */
  readonly aggregates: readonly AggregateName[]
  readonly by: Grouping
  /** Undefined leaves empty buckets out. */
  readonly fill: Fill | undefined
  /** At most so many rows of each series, the oldest ones. */
  readonly limit: number | undefined
}

/** @throws {InvalidError} on the first parameter that is malformed or asks for what its neighbours rule out. */
export function parseQuery(parameters: QueryParameters, nowUs: number): QueryRequest {
  const timeZone = zoneClock(parameters.tz || 'UTC').name
  const startUs = parseEnd(parameters.start, { field: 'start', nowUs, timeZone })
  const endUs = parseEnd(parameters.end, { field: 'end', nowUs, timeZone })
  if (startUs !== undefined && endUs !== undefined && startUs >= endUs) {
    throw InvalidError.field('end', 'must be later than start')
  }
  const every = parameters.every ? parseEvery(parameters.every) : undefined
  const aggregates = parameters.agg ? parseAggregates(parameters.agg) : []
  if (every && aggregates.length === 0) aggregates.push('mean')
  const by = parseChoice(parameters.by, { field: 'by', choices: GROUPINGS }) ?? 'stream'
  if (by !== 'stream' && aggregates.length === 0) {
    throw InvalidError.field('by', 'needs `agg` or `every`; raw points are listed stream by stream')
  }
  const fill = parseChoice(parameters.fill, { field: 'fill', choices: FILLS })
  if (fill && !every) throw InvalidError.field('fill', 'needs `every`')
  const limit = parseLimit(parameters.limit)
  return { startUs, endUs, every, timeZone, aggregates, by, fill, limit }
}

function parseEnd(text: string | undefined, context: Parameters<typeof parseTimeUs>[1]): number | undefined {
  return text ? parseTimeUs(text, context) : undefined
}

function parseLimit(text: string | undefined): number | undefined {
  if (!text) return undefined
  const limit = Number(text)
  if (!/^\d+$/.test(text) || limit < 1 || !Number.isSafeInteger(limit)) {
    throw InvalidError.field('limit', 'must be a whole number from 1')
  }
  return limit
}

interface Choice<T extends string> {
  readonly field: string
  readonly choices: readonly T[]
}

function parseChoice<T extends string>(
  text: string | undefined,
  { field, choices }: Choice<T>,
): T | undefined {
  if (!text) return undefined
  const found = choices.find((choice) => choice === text)
  if (found === undefined) throw InvalidError.field(field, `must be one of ${choices.join(', ')}`)
  return found
}
