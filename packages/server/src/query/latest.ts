/** The newest points of many streams. */
import type { PointValue } from '../model/point-batch.ts'
import type { PointStore } from '../points/point-store.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'

export interface LatestPoint {
  readonly stream: StreamDescriptor
  readonly timeUs: number
  readonly value: PointValue
}

/** Streams asked for in one call to the store; bounds what a store has to put together at once. */
const STREAMS_PER_CALL = 10_000

/** In the order of the streams; those without points are left out. */
export async function readLatest(
  store: PointStore,
  streams: readonly StreamDescriptor[],
): Promise<LatestPoint[]> {
  const points: LatestPoint[] = []
  for (let from = 0; from < streams.length; from += STREAMS_PER_CALL) {
    const asked = streams.slice(from, from + STREAMS_PER_CALL)
    const { timesUs, values, texts } = await store.latest(Uint32Array.from(asked, ({ id }) => id))
    asked.forEach((stream, row) => {
      if (Number.isNaN(timesUs[row])) return
      points.push({ stream, timeUs: timesUs[row], value: texts?.get(row) ?? values[row] })
    })
  }
  return points
}
