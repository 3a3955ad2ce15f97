/**
 * How much streams add up to: the sum of the output values of each, over a range and in each calendar period of
 * it. Sums are doubles, and the last digits depend on the order of addition: points are added one by one in the
 * order of their times, as programs on the other side of the API do it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { TooLargeError } from '../errors.ts'
import { outputOf, type ValueChain } from '../model/value-chain.ts'
import type { TimeRange } from '../points/point-store.ts'
import { type BucketRule, bucketStarts, estimateBucketCount } from '../query/buckets.ts'
import type { PointLists } from '../query/point-lists.ts'

/** A stream with what its values go through to be shown. */
export interface SummableStream {
  readonly id: number
  readonly chain: ValueChain
}

export interface AccumulationRequest<Stream extends SummableStream> {
  readonly streams: readonly Stream[]
  readonly range: TimeRange
  /** Without it the range is one period. */
  readonly rule?: BucketRule
}

export interface StreamSum<Stream> {
  readonly stream: Stream
  readonly sum: number
  /** Of each period. */
  readonly periodSums: Float64Array
}

export interface Accumulation<Stream> {
  /** In the order asked for, without those whose sum is 0. */
  readonly streams: readonly StreamSum<Stream>[]
  /** Of the streams' sums, whatever their units. */
  readonly total: number
  /** Ascending edges, cut to the range: one more than periods. */
  readonly edgesUs: Float64Array
}

/** Streams × periods. */
const CELLS_MAX = 200_000
/**
 * A stream with more points than this is added up from sums that the store has; it could differ in the last
 * digits, as anybody's sum of so many doubles could.
 */
const SINGLE_POINTS_MAX = 100_000

/** @throws {TooLargeError} more streams times periods than one report may have. */
export async function accumulate<Stream extends SummableStream>(
  points: PointLists,
  { streams, range, rule }: AccumulationRequest<Stream>,
): Promise<Accumulation<Stream>> {
  const edgesUs = edgesOf({ range, rule, streamCount: streams.length })
  const periodCount = edgesUs.length - 1
  const sums: StreamSum<Stream>[] = []
  let total = 0
  if (periodCount === 0 || streams.length === 0) return { streams: sums, total, edgesUs }
  const ids = streams.map((stream) => stream.id)
  const stored = await points.sums(ids, edgesUs)
  for (const [index, stream] of streams.entries()) {
    const from = index * periodCount
    const counts = stored.counts.subarray(from, from + periodCount)
    const count = counts.reduce((sum, value) => sum + value, 0)
    if (count === 0) continue
    const { sum, periodSums } =
      count <= SINGLE_POINTS_MAX
        ? await sumOfPoints(points, stream, edgesUs)
        : sumOfSums(stream.chain, { counts, sums: stored.sums.subarray(from, from + periodCount) })
    if (sum === 0) continue
    sums.push({ stream, sum, periodSums })
    total += sum
  }
  return { streams: sums, total, edgesUs }
}

/** No edges to speak of for a range that is empty. */
function edgesOf({
  range,
  rule,
  streamCount,
}: {
  range: TimeRange
  rule: BucketRule | undefined
  streamCount: number
}): Float64Array {
  if (range.toUs <= range.fromUs) return Float64Array.of(range.fromUs)
  const periodCount = rule === undefined ? 1 : estimateBucketCount(range, rule)
  if (periodCount * streamCount > CELLS_MAX) {
    throw new TooLargeError(
      `${streamCount} streams in ${periodCount} periods are too many for one report, which has ${CELLS_MAX} sums ` +
        'at most. Choose longer periods, a shorter range or fewer sources',
    )
  }
  if (rule === undefined) return Float64Array.of(range.fromUs, range.toUs)
  const starts = [...bucketStarts(range, rule)]
  return Float64Array.from([range.fromUs, ...starts.slice(1), range.toUs])
}

async function sumOfPoints(points: PointLists, { id, chain }: SummableStream, edgesUs: Float64Array) {
  const periodSums = new Float64Array(edgesUs.length - 1)
  const range = { fromUs: edgesUs[0], toUs: edgesUs[edgesUs.length - 1] }
  let sum = 0
  let period = 0
  for await (const { timesUs, values, texts } of points.pages(id, range)) {
    for (let row = 0; row < timesUs.length; row++) {
      if (texts?.has(row)) continue
      while (timesUs[row] >= edgesUs[period + 1]) period++
      const output = outputOf(chain, values[row])
      sum += output
      periodSums[period] += output
    }
    await nextTurn()
  }
  return { sum, periodSums }
}

/** What is done to each value by whole factors is done to their sum alike; an offset comes once per value. */
function sumOfSums({ output }: ValueChain, { counts, sums }: { counts: Float64Array; sums: Float64Array }) {
  const { m, d, o } = { m: 1, d: 1, ...output }
  const periodSums = sums.map((sum, period) => (sum * m) / d + (o ?? 0) * counts[period])
  return { sum: periodSums.reduce((total, sum) => total + sum, 0), periodSums }
}
