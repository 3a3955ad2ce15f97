/** `df/?pivot=1&stats=1`: per stream what the numbers of the range come to. */
import { InvalidError } from '../../errors.ts'
import { outputOf } from '../../model/value-chain.ts'
import { rangeAt, type TimeRange } from '../../query/merge-streams.ts'
import type { PointLists } from '../../query/point-lists.ts'
import type { ChainedStream } from './data-access.ts'
import type { PointSource } from './point-source.ts'
import type { TableRow } from './point-table.ts'

/** A median needs all numbers of a stream at once. */
const POINTS_PER_STREAM_MAX = 5_000_000

const STATISTICS = ['count', 'sum', 'mean', 'std', 'min', 'median', 'max'] as const
type Statistics = Record<(typeof STATISTICS)[number], number | undefined>

/** One row per statistic, one column per stream. */
export async function statisticsRows(
  points: PointLists,
  { streams, ranges }: PointSource,
  { applyMdo }: { applyMdo: boolean },
): Promise<TableRow[]> {
  const all: Statistics[] = []
  for (const [i, stream] of streams.entries()) {
    all.push(statisticsOf(await numbersOf(points, stream, rangeAt(ranges, i), applyMdo)))
  }
  return STATISTICS.map((name) => [name, ...all.map((statistics) => statistics[name])])
}

async function numbersOf(
  points: PointLists,
  { stream, chain }: ChainedStream,
  range: TimeRange,
  applyMdo: boolean,
): Promise<Float64Array> {
  if ((await points.count([stream.id], range)) > POINTS_PER_STREAM_MAX) {
    throw InvalidError.field(
      'stats',
      `takes at most ${POINTS_PER_STREAM_MAX} points per stream; narrow the range`,
    )
  }
  const numbers: number[] = []
  for await (const { value } of points.all([stream.id], range)) {
    if (typeof value === 'number') numbers.push(applyMdo ? outputOf(chain, value) : value)
  }
  return Float64Array.from(numbers).sort()
}

/** `std` is that of a sample, and so needs two numbers. */
function statisticsOf(sorted: Float64Array): Statistics {
  const count = sorted.length
  if (count === 0) {
    return {
      count,
      sum: 0,
      mean: undefined,
      std: undefined,
      min: undefined,
      median: undefined,
      max: undefined,
    }
  }
  const sum = sorted.reduce((total, value) => total + value, 0)
  const mean = sum / count
  const squares = sorted.reduce((total, value) => total + (value - mean) ** 2, 0)
  const middle = count >> 1
  return {
    count,
    sum,
    mean,
    std: count > 1 ? Math.sqrt(squares / (count - 1)) : undefined,
    min: sorted[0],
    median: count % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
    max: sorted[count - 1],
  }
}
