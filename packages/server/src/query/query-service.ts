/**
 * Answers queries: picks what to read from the points store, and bounds it before the first row is read,
 * so that a refusal never comes after half an answer.
 */
import type { Limits } from '../config.ts'
import { TooLargeError } from '../errors.ts'
import {
  ALL_TIME,
  type LatestColumns,
  type PointColumns,
  type PointStore,
  type TimeRange,
} from '../points/point-store.ts'
import { aggregateColumns, aggregateSeries, CELLS_PER_CALL } from './aggregate-series.ts'
import { type BucketRule, bucketSlices, estimateBucketCount } from './buckets.ts'
import { fillLinear, fillPrevious } from './fill.ts'
import { type LatestPoint, latestSeries, readLatest } from './latest.ts'
import { type PageRange, readPages } from './point-pages.ts'
import {
  type Pages,
  type QueryAnswer,
  type ResultSeries,
  type RowPage,
  type SeriesLot,
  seriesOfLot,
  takeRows,
  VALUE_COLUMN,
} from './query-answer.ts'
import type { Fill, QueryRequest } from './query-request.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'
import { gatherStreams, type StreamGroups } from './stream-groups.ts'

/** Buckets of a series that is held whole, because `fill=linear` looks ahead. */
const LINEAR_BUCKETS_MAX = 1_000_000

export class QueryService {
  #store: PointStore
  #cellsMax: number

  constructor(store: PointStore, { queryCellsMax }: Pick<Limits, 'queryCellsMax'>) {
    this.#store = store
    this.#cellsMax = queryCellsMax
  }

  /**
   * The series that a request makes of some streams, in the order of the streams; those without rows are
   * among them. Rows are read while the answer is taken, and no further than it is taken.
   * @throws {TooLargeError} more buckets than one query may have; the message names the remedy.
   */
  async run(request: QueryRequest, streams: readonly StreamDescriptor[]): Promise<QueryAnswer> {
    const groups = gatherStreams(streams, request.by)
    const { aggregates, every, timeZone } = request
    if (aggregates.length === 0) return { columns: [VALUE_COLUMN], series: this.#rawSeries(request, groups) }
    if (every) return this.#bucketAnswer(request, groups, { every, timeZone })
    return this.#wholeRangeAnswer(request, groups)
  }

  /** The newest points, in the order of the streams; those without points are left out. */
  latest(streams: readonly StreamDescriptor[]): Promise<LatestPoint[]> {
    return readLatest(this.#store, streams)
  }

  /** The newest point of each stream, by position, without what they are called. */
  latestColumns(streamIds: Uint32Array): LatestColumns | Promise<LatestColumns> {
    return this.#store.latest(streamIds)
  }

  /** Raw points of one stream, ascending, in pages that are never empty. */
  points(range: PageRange): AsyncIterable<PointColumns> {
    return readPages(this.#store, range)
  }

  async *#rawSeries(request: QueryRequest, { groups }: StreamGroups): AsyncGenerator<ResultSeries> {
    const { limit } = request
    for (const { labels, streams } of groups) {
      const range = { streamId: streams[0].id, ...requestedRange(request), limit }
      yield { labels, pages: () => asRows(this.points(range)) }
    }
  }

  #wholeRangeAnswer({ aggregates, startUs, endUs }: QueryRequest, groups: StreamGroups): QueryAnswer {
    if (aggregates.length === 1 && aggregates[0] === 'last' && startUs === undefined && endUs === undefined) {
      return { columns: [VALUE_COLUMN], series: latestSeries(this.#store, groups) }
    }
    const { fromUs, toUs } = requestedRange({ startUs, endUs })
    const wholeRange = { rowUs: startUs }
    const buckets = { startsUs: Float64Array.of(fromUs), edgesUs: Float64Array.of(fromUs, toUs) }
    const series = aggregateSeries(this.#store, {
      groups,
      aggregates,
      bucketSlices: () => (fromUs < toUs ? [buckets] : []),
      bucketCount: 1,
      keepsEmpty: false,
      wholeRange,
    })
    return { columns: aggregateColumns(aggregates, wholeRange), series }
  }

  async #bucketAnswer(request: QueryRequest, groups: StreamGroups, rule: BucketRule): Promise<QueryAnswer> {
    const { aggregates, fill } = request
    const range = await this.#bucketRange(request, groups, rule)
    const bucketCount = estimateBucketCount(range, rule)
    this.#refuseTooMany(request, groups, bucketCount)
    const series = aggregateSeries(this.#store, {
      groups,
      aggregates,
      bucketSlices: () => bucketSlices(range, rule, CELLS_PER_CALL),
      bucketCount,
      keepsEmpty: fill !== undefined,
      wholeRange: undefined,
    })
    return { columns: aggregateColumns(aggregates, undefined), series: finish(series, request) }
  }

  /**
   * What the buckets cover: the range asked for, with the first and last point of all streams for an end
   * that is open. Without `fill` a wide range is cut to these points, since rows come from them alone, so
   * that a start in 1970 costs nothing.
   */
  async #bucketRange(request: QueryRequest, groups: StreamGroups, rule: BucketRule): Promise<TimeRange> {
    const range = requestedRange(request)
    const isOpen = request.startUs === undefined || request.endUs === undefined
    const seriesCount = groups.groups.length
    if (!isOpen && (request.fill || estimateBucketCount(range, rule) * seriesCount <= CELLS_PER_CALL)) {
      return range
    }
    const extent = await this.#store.extent(groups.streamIds)
    if (!extent) return { fromUs: 0, toUs: 0 }
    const mayCutStart = request.startUs === undefined || !request.fill
    const mayCutEnd = request.endUs === undefined || !request.fill
    return {
      fromUs: mayCutStart ? Math.max(range.fromUs, extent.firstUs) : range.fromUs,
      toUs: mayCutEnd ? Math.min(range.toUs, extent.lastUs + 1) : range.toUs,
    }
  }

  #refuseTooMany(request: QueryRequest, groups: StreamGroups, bucketCount: number): void {
    if (request.fill === 'linear' && bucketCount > LINEAR_BUCKETS_MAX) {
      throw new TooLargeError(
        `fill=linear takes at most ${LINEAR_BUCKETS_MAX} buckets, and the range has about ${bucketCount}. ` +
          'Use a wider `every`, a shorter range, or another `fill`.',
      )
    }
    // Changes are found stream by stream, whatever the grouping.
    const hasChanges = request.aggregates.includes('delta') || request.aggregates.includes('increase')
    const seriesCount = hasChanges ? groups.streamIds.length : groups.groups.length
    if (bucketCount * seriesCount > this.#cellsMax) {
      throw new TooLargeError(
        `about ${bucketCount} buckets for each of ${seriesCount} series; one query may have ` +
          `${this.#cellsMax} buckets in all. Use a wider \`every\`, a shorter range, or fewer streams.`,
      )
    }
  }
}

/** A store holds no time outside of `ALL_TIME`, whatever may be asked for. */
function requestedRange({ startUs, endUs }: Pick<QueryRequest, 'startUs' | 'endUs'>): TimeRange {
  const { fromUs, toUs } = ALL_TIME
  return {
    fromUs: Math.min(Math.max(startUs ?? fromUs, fromUs), toUs),
    toUs: Math.min(Math.max(endUs ?? toUs, fromUs), toUs),
  }
}

async function* asRows(pages: AsyncIterable<PointColumns>): AsyncGenerator<RowPage> {
  for await (const { timesUs, values, texts } of pages) yield { timesUs, columns: [{ values, texts }] }
}

/** Fills gaps, then counts the rows that are allowed. */
async function* finish(
  series: AsyncIterable<SeriesLot>,
  { fill, limit }: QueryRequest,
): AsyncGenerator<SeriesLot> {
  if (fill !== 'previous' && fill !== 'linear' && limit === undefined) {
    yield* series
    return
  }
  for await (const lot of series) {
    for (const { labels, pages } of seriesOfLot(lot)) {
      yield {
        labels,
        pages: () => {
          const filled = fillGaps(pages(), fill)
          return limit === undefined ? filled : takeRows(filled, limit)
        },
      }
    }
  }
}

function fillGaps(pages: Pages, fill: Fill | undefined): Pages {
  if (fill === 'previous') return fillPrevious(pages)
  return fill === 'linear' ? fillLinear(pages) : pages
}
