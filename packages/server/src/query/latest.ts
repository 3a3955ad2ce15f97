/** The newest points of many streams. */
import type { PointValue } from '../model/point-batch.ts'
import type { PointStore } from '../points/point-store.ts'
import type { ShortSeries } from './query-answer.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'
import type { StreamGroups } from './stream-groups.ts'

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

/**
 * The newest point of each group as a row of its own, as aggregating everything would find it: of equal
 * times that of the later stream. A group without points has no row.
 */
export async function* latestSeries(store: PointStore, groups: StreamGroups): AsyncGenerator<ShortSeries> {
  const { labels, streamIds, groupNumbers } = groups
  const newestUs = new Float64Array(labels.length).fill(Number.NaN)
  const newest = new Float64Array(labels.length)
  const newestTexts = new Map<number, string>()
  for (let from = 0; from < streamIds.length; from += STREAMS_PER_CALL) {
    const { timesUs, values, texts } = await store.latest(streamIds.subarray(from, from + STREAMS_PER_CALL))
    for (let row = 0; row < timesUs.length; row++) {
      const group = groupNumbers[from + row]
      if (Number.isNaN(timesUs[row]) || newestUs[group] > timesUs[row]) continue
      newestUs[group] = timesUs[row]
      newest[group] = values[row]
      const text = texts?.get(row)
      if (text !== undefined) newestTexts.set(group, text)
      else newestTexts.delete(group)
    }
  }
  yield packRows(groups, { newestUs, newest, newestTexts })
}

interface NewestPoints {
  readonly newestUs: Float64Array
  readonly newest: Float64Array
  readonly newestTexts: ReadonlyMap<number, string>
}

/** Leaves out the groups without points. */
function packRows({ labels }: StreamGroups, { newestUs, newest, newestTexts }: NewestPoints): ShortSeries {
  const ends = new Uint32Array(labels.length)
  const texts = new Map<number, string>()
  let rowCount = 0
  for (let group = 0; group < labels.length; group++) {
    if (!Number.isNaN(newestUs[group])) {
      newestUs[rowCount] = newestUs[group]
      newest[rowCount] = newest[group]
      const text = newestTexts.get(group)
      if (text !== undefined) texts.set(rowCount, text)
      rowCount++
    }
    ends[group] = rowCount
  }
  const column = { values: newest.subarray(0, rowCount), ...(texts.size === 0 ? {} : { texts }) }
  return { labels, ends, rows: { timesUs: newestUs.subarray(0, rowCount), columns: [column] } }
}
