/** Aggregates of groups of streams over buckets, read from the store in calls of bounded size. */
import assert from 'node:assert'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AggregateCells, PointStore } from '../points/point-store.ts'
import type { AggregateName } from './aggregate-names.ts'
import type { Buckets } from './buckets.ts'
import { type ChangeKind, ChangeReader } from './changes.ts'
import {
  type AnswerColumn,
  type ResultSeries,
  type RowPage,
  VALUE_COLUMN,
  type ValueColumn,
} from './query-answer.ts'
import type { StreamGroup } from './stream-groups.ts'

/** Cells asked of the store in one call: about a MB of columns, and some ms to go through them. */
export const CELLS_PER_CALL = 16_384

export interface AggregatePlan {
  readonly groups: readonly StreamGroup[]
  /** At least one, none twice. */
  readonly aggregates: readonly AggregateName[]
  /** All buckets, in slices of at most `CELLS_PER_CALL`; each call begins again. */
  readonly bucketSlices: () => Iterable<Buckets>
  /** About how many buckets all slices have together. */
  readonly bucketCount: number
  /** Gives empty buckets a row too: a count of 0 and nothing else. */
  readonly keepsEmpty: boolean
  /** Set when one bucket stands for the whole range. */
  readonly wholeRange: WholeRange | undefined
}

export interface WholeRange {
  /** The time of the row; undefined makes it that of the first point. */
  readonly rowUs: number | undefined
}

/**
 * The only first or last value of a range gives its row its own time; next to other aggregates it carries
 * that time beside the row's.
 */
export function aggregateColumns(
  aggregates: readonly AggregateName[],
  wholeRange: WholeRange | undefined,
): AnswerColumn[] {
  if (aggregates.length === 1) return [VALUE_COLUMN]
  return aggregates.map((name) => ({
    name,
    hasOwnTimes: wholeRange !== undefined && (name === 'first' || name === 'last'),
  }))
}

/** One series per group, in their order. Groups with few buckets share a call to the store. */
export async function* aggregateSeries(store: PointStore, plan: AggregatePlan): AsyncGenerator<ResultSeries> {
  const groupsPerCall = Math.floor(CELLS_PER_CALL / Math.max(1, plan.bucketCount))
  if (groupsPerCall < 2) {
    for (const group of plan.groups) {
      yield { labels: group.labels, pages: () => readGroup(store, { ...plan, groups: [group] }) }
    }
    return
  }
  for (let from = 0; from < plan.groups.length; from += groupsPerCall) {
    if (from > 0) await nextTurn()
    const groups = plan.groups.slice(from, from + groupsPerCall)
    const pages: RowPage[][] = groups.map(() => [])
    for await (const slice of readSlices(store, { ...plan, groups })) {
      groups.forEach((_, group) => {
        pages[group].push(...pageOf(plan, slice, group))
      })
    }
    for (const [index, { labels }] of groups.entries()) {
      yield { labels, pages: () => pages[index] }
    }
  }
}

async function* readGroup(store: PointStore, plan: AggregatePlan): AsyncGenerator<RowPage> {
  let isFirst = true
  for await (const slice of readSlices(store, plan)) {
    if (!isFirst) await nextTurn()
    isFirst = false
    yield* pageOf(plan, slice, 0)
  }
}

/** What is known of all groups over one slice of the buckets. */
interface Slice {
  readonly buckets: Buckets
  readonly cells: AggregateCells
  readonly changes: ReadonlyMap<ChangeKind, Float64Array>
}

async function* readSlices(store: PointStore, plan: AggregatePlan): AsyncGenerator<Slice> {
  const streamIds = Uint32Array.from(plan.groups.flatMap(({ streams }) => streams.map(({ id }) => id)))
  const groups = Uint32Array.from(plan.groups.flatMap(({ streams }, group) => streams.map(() => group)))
  const changeReaders = (['delta', 'increase'] as const)
    .filter((kind) => plan.aggregates.includes(kind))
    .map((kind) => new ChangeReader(store, { kind, groups: plan.groups, cellsPerCall: CELLS_PER_CALL }))
  for (const buckets of plan.bucketSlices()) {
    const { edgesUs } = buckets
    const cells = await store.aggregate({ streamIds, groups, groupCount: plan.groups.length, edgesUs })
    const changes = new Map<ChangeKind, Float64Array>()
    for (const reader of changeReaders) changes.set(reader.kind, await reader.read(edgesUs, cells))
    yield { buckets, cells, changes }
  }
}

/** The rows of one group: one page, or none when there are no rows. */
function pageOf(plan: AggregatePlan, slice: Slice, group: number): RowPage[] {
  const bucketCount = slice.buckets.startsUs.length
  const firstCell = group * bucketCount
  const rowCells: number[] = []
  for (let cell = firstCell; cell < firstCell + bucketCount; cell++) {
    if (plan.keepsEmpty || slice.cells.counts[cell] > 0) rowCells.push(cell)
  }
  if (rowCells.length === 0) return []
  const timesUs = plan.wholeRange
    ? wholeRangeTimes(plan, slice.cells, rowCells)
    : columnFrom(rowCells, (cell) => slice.buckets.startsUs[cell - firstCell])
  const columns = aggregateColumns(plan.aggregates, plan.wholeRange).map(({ hasOwnTimes }, index) => {
    const aggregate = plan.aggregates[index]
    const column = columnOf(aggregate, slice, rowCells)
    return hasOwnTimes ? { ...column, ownTimesUs: ownTimes(aggregate, slice.cells, rowCells) } : column
  })
  return [{ timesUs, columns }]
}

function wholeRangeTimes(
  { aggregates, wholeRange }: AggregatePlan,
  cells: AggregateCells,
  rowCells: readonly number[],
): Float64Array {
  if (aggregates.length === 1 && aggregates[0] === 'last') return ownTimes('last', cells, rowCells)
  const rowUs = aggregates.length === 1 && aggregates[0] === 'first' ? undefined : wholeRange?.rowUs
  return rowUs === undefined ? ownTimes('first', cells, rowCells) : columnFrom(rowCells, () => rowUs)
}

function ownTimes(
  aggregate: AggregateName,
  cells: AggregateCells,
  rowCells: readonly number[],
): Float64Array {
  const timesUs = aggregate === 'last' ? cells.lastTimesUs : cells.firstTimesUs
  return columnFrom(rowCells, (cell) => timesUs[cell])
}

/** Text has a count, a first and a last value; whatever else is asked of cells without numbers is NaN. */
function columnOf(aggregate: AggregateName, slice: Slice, rowCells: readonly number[]): ValueColumn {
  const { cells, changes } = slice
  const pick = (read: (cell: number) => number) => columnFrom(rowCells, read)
  switch (aggregate) {
    case 'mean':
      return { values: pick((cell) => cells.sums[cell] / cells.numberCounts[cell]) }
    case 'min':
      return { values: pick((cell) => cells.mins[cell]) }
    case 'max':
      return { values: pick((cell) => cells.maxs[cell]) }
    case 'sum':
      return { values: pick((cell) => (cells.numberCounts[cell] > 0 ? cells.sums[cell] : Number.NaN)) }
    case 'count':
      return { values: pick((cell) => cells.counts[cell]) }
    case 'first':
      return { values: pick((cell) => cells.firsts[cell]), texts: textsAt(rowCells, cells.firstTexts) }
    case 'last':
      return { values: pick((cell) => cells.lasts[cell]), texts: textsAt(rowCells, cells.lastTexts) }
    case 'delta':
    case 'increase': {
      const sums = changes.get(aggregate)
      assert(sums)
      return { values: pick((cell) => sums[cell]) }
    }
  }
}

/** A loop, since `Float64Array.from` takes ten times as long. */
function columnFrom(rowCells: readonly number[], read: (cell: number) => number): Float64Array {
  const values = new Float64Array(rowCells.length)
  for (let row = 0; row < rowCells.length; row++) values[row] = read(rowCells[row])
  return values
}

function textsAt(
  rowCells: readonly number[],
  texts: ReadonlyMap<number, string>,
): ReadonlyMap<number, string> | undefined {
  if (texts.size === 0) return undefined
  const found = new Map<number, string>()
  rowCells.forEach((cell, row) => {
    const text = texts.get(cell)
    if (text !== undefined) found.set(row, text)
  })
  return found
}
