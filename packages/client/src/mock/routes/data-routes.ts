/** Points: of one stream, of many, as a table. */
import { MdoHelper } from '../../mdo.ts'
import type { Unit } from '../../resources/unit.ts'
import { canonicalSlug } from '../../slugs/parse-slug.ts'
import { pointTimeUs } from '../../write/point-time.ts'
import { find } from '../find-object.ts'
import { type Ask, jsonOf, pageOf, Refusal } from '../mock-http.ts'
import type { MockObject, MockState } from '../mock-state.ts'
import { plainPoint } from '../stream-folder.ts'
import { type Holder, inRange, ownersOf, pointsOf, putPoint, streamsWithPoints } from '../stream-points.ts'
import type { Routes } from './route.ts'

const POINT_PAGES = { usual: 1_000, max: 20_000 }

async function listed({ state, folder, query }: Ask): Promise<MockObject[]> {
  const filter = query.get('filter')
  if (filter === null) return []
  const all: MockObject[] = []
  for (const stream of await streamsWithPoints({ state, folder }, filter)) {
    for (const point of inRange(await pointsOf({ state, folder }, stream), query, true)) {
      const { type, timestamp, int_value, value, streamer_local_id } = point
      const numbers = { type, device_timestamp: null, timestamp, int_value, value, streamer_local_id }
      all.push({ id: all.length + 1, ...ownersOf(stream), ...numbers, dirty_ts: false, status: 'unk' })
    }
  }
  return all
}

/** @throws {Refusal} 400: what is wrong with it. */
async function write(holder: Holder, item: unknown): Promise<MockObject> {
  const { stream, timestamp, int_value: raw, value } = Object(item) as MockObject
  const slug = typeof stream === 'string' ? canonicalSlug(stream) : undefined
  if (!slug?.startsWith('s--')) throw new Refusal(400, { stream: ['This field is required.'] })
  if (typeof timestamp !== 'string' || pointTimeUs(timestamp) === undefined) {
    throw new Refusal(400, { timestamp: ['Enter a valid date/time.'] })
  }
  if ((typeof raw === 'number') === (typeof value === 'number')) {
    throw new Refusal(400, { non_field_errors: ['Give either int_value or value.'] })
  }
  const point = converted(holder.state, slug, { timestamp, raw, value })
  const points = await pointsOf(holder, slug)
  holder.state.points.set(slug, points)
  putPoint(points, point)
  const { display_value: _display, output_value: _output, ...plain } = point
  return { id: points.length, ...ownersOf(slug), ...plain, dirty_ts: false, status: 'unk' }
}

/** What a device counted, by the factors of the stream and of its units. */
function converted(
  state: MockState,
  slug: string,
  { timestamp, raw, value }: { timestamp: string; raw: unknown; value: unknown },
): MockObject {
  const stream = state.streams.get(slug)
  const input = stream?.input_unit as Unit | null | undefined
  const output = stream?.output_unit as Unit | null | undefined
  const factor = (name: string) => (typeof stream?.[name] === 'number' ? (stream[name] as number) : undefined)
  const own = new MdoHelper(
    factor('multiplication_factor') ?? 1,
    factor('division_factor') ?? 1,
    factor('offset') ?? null,
  )
  const counted = own.compute(Number(raw))
  const internal = typeof value === 'number' ? value : input ? unitMdo(input).compute(counted) : counted
  const shown = output ? unitMdo(output).compute(internal) : internal
  return {
    ...plainPoint(timestamp, typeof raw === 'number' ? raw : Math.round(internal)),
    type: input ? 'ITR' : 'Num',
    value: internal,
    display_value: shown.toFixed(output?.decimal_places ?? 0),
    output_value: shown,
  }
}

function unitMdo({ m, d, o }: Unit): MdoHelper {
  return new MdoHelper(m, d, o)
}

export const DATA_ROUTES: Routes = {
  'stream/:slug/data': {
    async GET(ask) {
      const { slug } = find(ask.state.streams, ask.names.slug)
      const points = inRange(await pointsOf(ask, String(slug)), ask.query, false)
      return pageOf(ask, points, { usual: 5_000, max: 20_000 })
    },
  },
  data: {
    GET: async (ask) => pageOf(ask, await listed(ask), POINT_PAGES),
    async POST(ask) {
      const body = jsonOf(ask)
      if (!Array.isArray(body)) return { status: 201, body: await write(ask, body) }
      for (const item of body) await write(ask, item)
      return { status: 201, body: { count: body.length } }
    },
  },
  df: {
    async GET(ask) {
      const rows = (await listed(ask)).map((point) => `${point.timestamp},${point.value},${point.stream}`)
      const body = ['row,int_value,stream_slug', ...rows].join('\n')
      return { status: 200, body, type: 'text/csv' }
    },
  },
}
