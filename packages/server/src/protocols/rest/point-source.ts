/** Which points a request is about: of which streams, in which time of each, and how many. */
import { findDeviceMasks } from '../../catalog/device-masks.ts'
import type { DataRequest } from '../../query/data-lists.ts'
import type { Ranges } from '../../query/merge-streams.ts'
import { rangeOf } from '../../query/point-lists.ts'
import type { ChainedStream } from './data-access.ts'
import type { DataRange } from './data-range.ts'
import type { RestServices } from './services.ts'

export interface PointSource {
  readonly streams: readonly ChainedStream[]
  readonly ranges: Ranges
  /** Only the newest so many. */
  readonly newest: number | undefined
}

/** With `mask=1` the range of each stream ends where its device's mask does. */
export async function pointSource(
  services: RestServices,
  streams: readonly ChainedStream[],
  { range, mask }: { range: DataRange; mask?: string | undefined },
): Promise<PointSource> {
  const { newest, ...bounds } = range
  const whole = rangeOf(bounds)
  const source = { streams, newest, ranges: whole }
  if (mask !== '1') return source
  const own = streams.filter(isOfDevice).map(({ stream }) => stream.device_id)
  const masks = await findDeviceMasks(services.catalog, own)
  if (masks.size === 0) return source
  const ranges = streams.map((chained) => {
    const found = isOfDevice(chained) ? masks.get(chained.stream.device_id) : undefined
    return {
      fromUs: Math.max(whole.fromUs, found?.start_us ?? whole.fromUs),
      toUs: Math.min(whole.toUs, found?.end_us ?? whole.toUs),
    }
  })
  return { ...source, ranges }
}

/** What was archived is not the device's any more, and its mask does not concern it. */
function isOfDevice({ stream }: ChainedStream): boolean {
  return stream.device_id !== 0 && stream.block === 0
}

/** The same for lists that carry readings. */
export function dataRequest({ streams, ranges }: PointSource): DataRequest {
  const listed = streams.map(({ stream }) => ({ id: stream.id, hasReadings: stream.has_readings === 1 }))
  return { streams: listed, ranges }
}
