/**
 * What came since the last look. The server keeps the newest point of each stream at hand, so that asking for
 * those is cheap; the points themselves are read of the streams that have a newer one.
 */
import type { Api, QueryRequest, QueryRow } from '@sonde/client'

export type NewPoint = QueryRow<{ filter: string }>

export interface Tail {
  readonly series: QueryRequest
  /** Time of the newest point that was shown, by stream. */
  readonly seenUs: Map<string, number>
  /** From when on points of other streams are new. */
  readonly sinceUs: number
}

/** So many slugs fit into an address. */
const SLUGS_MAX = 50

/** `start` is where to begin; left out, points that are there already are not new. */
export async function openTail(
  api: Api,
  { series, start }: { series: QueryRequest; start?: string | undefined },
): Promise<Tail> {
  const seenUs = new Map<string, number>()
  if (start !== undefined) {
    const first = await firstUs(api, { ...series, start })
    return { series, seenUs, sinceUs: first }
  }
  for (const [stream, timeUs] of await newestUs(api, series)) seenUs.set(stream, timeUs)
  return { series, seenUs, sinceUs: -Infinity }
}

/** In the order of streams and time. */
export async function* newPoints(api: Api, { series, seenUs, sinceUs }: Tail): AsyncGenerator<NewPoint> {
  const newest = await newestUs(api, series)
  const changed = [...newest].filter(([stream, timeUs]) => timeUs > (seenUs.get(stream) ?? sinceUs))
  // Streams that were seen at about the same time are read together.
  const seenOf = ([stream]: readonly [string, number]) => seenUs.get(stream) ?? sinceUs
  changed.sort((a, b) => seenOf(a) - seenOf(b) || 0)
  for (let at = 0; at < changed.length; at += SLUGS_MAX) {
    const group = changed.slice(at, at + SLUGS_MAX)
    const fromUs = seenOf(group[0])
    const rows = api.queryRows({
      filter: group.map(([stream]) => stream),
      ...(fromUs === -Infinity ? {} : { start: new Date(Math.floor(fromUs / 1_000)) }),
    })
    for await (const row of rows) {
      const stream = row.stream ?? ''
      const timeUs = timeUsOf(row.time)
      if (timeUs <= (seenUs.get(stream) ?? sinceUs)) continue
      seenUs.set(stream, timeUs)
      yield row
    }
  }
}

async function newestUs(api: Api, series: QueryRequest): Promise<Map<string, number>> {
  const newest = new Map<string, number>()
  for await (const row of api.queryRows({ ...series, agg: 'last' })) {
    if (row.stream !== null) newest.set(row.stream, timeUsOf(row.last_time ?? row.time))
  }
  return newest
}

/** The moment before the first point of a range; before all times when it has none. */
async function firstUs(api: Api, series: QueryRequest): Promise<number> {
  for await (const row of api.queryRows({ ...series, by: 'none', agg: 'first' })) {
    return timeUsOf(row.first_time ?? row.time) - 1
  }
  return Date.now() * 1_000
}

/** Exact, though a Date has milliseconds only. */
function timeUsOf(time: string): number {
  const [, fraction = ''] = /\.(\d+)Z$/.exec(time) ?? []
  return Date.parse(time.replace(/\.\d+Z$/, 'Z')) * 1_000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}
