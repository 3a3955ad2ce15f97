/** What streams hold, by slug, as `extra/` shows it. */
import type { Static } from 'typebox'
import { countEventsByStream } from '../../catalog/events.ts'
import type { StreamRow } from '../../catalog/schema.ts'
import { Type } from './schema.ts'
import type { RestServices } from './services.ts'

const StreamCount = Type.Object({
  data_cnt: Type.Integer({ description: 'Points' }),
  event_cnt: Type.Optional(Type.Integer({ description: 'Left out when there are none' })),
  has_streamid: Type.Boolean({ description: 'Whether the stream has a record' }),
})
export const StreamCountsView = Type.Record(Type.String(), StreamCount)

/** Only of streams that hold something. */
export async function streamCounts(
  { catalog, points }: RestServices,
  streams: readonly Pick<StreamRow, 'id' | 'slug' | 'is_registered'>[],
): Promise<Static<typeof StreamCountsView>> {
  const ids = streams.map(({ id }) => id)
  const pointCounts = await points.countEach(ids)
  const eventCounts = await countEventsByStream(catalog, ids)
  const counts: Static<typeof StreamCountsView> = {}
  for (const [i, { id, slug, is_registered }] of streams.entries()) {
    const eventCount = eventCounts.get(id) ?? 0
    if (pointCounts[i] === 0 && eventCount === 0) continue
    counts[slug] = {
      data_cnt: pointCounts[i],
      ...(eventCount === 0 ? {} : { event_cnt: eventCount }),
      has_streamid: is_registered === 1,
    }
  }
  return counts
}
