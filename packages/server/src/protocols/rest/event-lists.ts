/** What `GET event/` can be asked for. */
import type { Static } from 'typebox'
import type { EventFilter, NumberRange } from '../../catalog/events.ts'
import { InvalidError } from '../../errors.ts'
import { readStrictRange } from './data-range.ts'
import { PageQuery } from './paging.ts'
import { RangeQuery } from './routes/stream-data.ts'
import { Type } from './schema.ts'

const least = (of: string) => Type.Optional(Type.String({ description: `Least ${of}` }))
const most = (of: string) => Type.Optional(Type.String({ description: `Greatest ${of}` }))

export const EventQuery = Type.Object({
  ...PageQuery,
  ...RangeQuery,
  filter: Type.Optional(Type.String({ description: 'Slug of a stream, device, block, variable or project' })),
  id_min: least('id'),
  id_max: most('id'),
  id_0: least('id, as `id_min`'),
  id_1: most('id, as `id_max`'),
  streamer_id_min: least('`streamer_local_id`'),
  streamer_id_max: most('`streamer_local_id`'),
  streamer_id_0: least('`streamer_local_id`, as `streamer_id_min`'),
  streamer_id_1: most('`streamer_local_id`, as `streamer_id_max`'),
  streamer_ts_min: least('`device_timestamp`'),
  streamer_ts_max: most('`device_timestamp`'),
  with_errors: Type.Optional(Type.String({ description: '`1`: also what is hidden, for staff' })),
  staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
})
export type EventQuery = Static<typeof EventQuery>

/** @throws {InvalidError} a bound is malformed. @throws {RestAnswer} a bad `lastn`. */
export function readEventQuery(
  query: EventQuery,
  { isStaff }: { isStaff: boolean },
): { filter: EventFilter; newest: number | undefined } {
  const { startUs, endUs, newest } = readStrictRange(query)
  const filter = {
    fromUs: startUs,
    toUs: endUs,
    ids: readRange(query, ['id_min', 'id_0'], ['id_max', 'id_1']),
    streamerLocalIds: readRange(
      query,
      ['streamer_id_min', 'streamer_id_0'],
      ['streamer_id_max', 'streamer_id_1'],
    ),
    deviceTimestamps: readRange(query, ['streamer_ts_min'], ['streamer_ts_max']),
    withErrors: isStaff && query.with_errors === '1',
  }
  return { filter, newest }
}

type Name = keyof EventQuery

function readRange(query: EventQuery, leastNames: Name[], mostNames: Name[]): NumberRange {
  return { least: readBound(query, leastNames), most: readBound(query, mostNames) }
}

/** Of several names for a bound the first that is given. */
function readBound(query: EventQuery, names: Name[]): number | undefined {
  const name = names.find((name) => query[name])
  if (name === undefined) return undefined
  const text = query[name] ?? ''
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  throw InvalidError.field(name, 'Enter a number.')
}
