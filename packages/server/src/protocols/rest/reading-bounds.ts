/** The parameters of `data/` that select points by what came with them in a report. */
import type { ReadingBounds } from '../../catalog/readings.ts'
import { InvalidError } from '../../errors.ts'
import { Type } from './schema.ts'

const bound = (description: string) => Type.Optional(Type.String({ description }))

/** Both ends of all of them are inclusive. */
export const ReadingBoundsQuery = {
  id_min: bound('Least `id`'),
  id_max: bound('Greatest `id`'),
  id_0: bound('As `id_min`'),
  id_1: bound('As `id_max`'),
  streamer_id_min: bound('Least `streamer_local_id`'),
  streamer_id_max: bound('Greatest `streamer_local_id`'),
  streamer_id_0: bound('As `streamer_id_min`'),
  streamer_id_1: bound('As `streamer_id_max`'),
  streamer_ts_min: bound('Least `device_timestamp`'),
  streamer_ts_max: bound('Greatest `device_timestamp`'),
}

const BOUND_OF = {
  id_min: 'idMin',
  id_0: 'idMin',
  id_max: 'idMax',
  id_1: 'idMax',
  streamer_id_min: 'readingIdMin',
  streamer_id_0: 'readingIdMin',
  streamer_id_max: 'readingIdMax',
  streamer_id_1: 'readingIdMax',
  streamer_ts_min: 'deviceSMin',
  streamer_ts_max: 'deviceSMax',
} as const satisfies Record<keyof typeof ReadingBoundsQuery, keyof ReadingBounds>

/**
 * Undefined when the request has none of them.
 * @throws {InvalidError} one is no whole number.
 */
export function readReadingBounds(
  query: Partial<Record<keyof typeof ReadingBoundsQuery, string>>,
): ReadingBounds | undefined {
  const bounds: Partial<Record<keyof ReadingBounds, number>> = {}
  for (const [name, bound] of Object.entries(BOUND_OF)) {
    const text = query[name as keyof typeof BOUND_OF]
    if (!text) continue
    if (!/^-?\d{1,15}$/.test(text)) throw InvalidError.field(name, 'Enter a whole number.')
    bounds[bound] = Number(text)
  }
  return Object.keys(bounds).length === 0 ? undefined : bounds
}
