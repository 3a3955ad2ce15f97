/** Aggregates of groups of streams over buckets, read from the store in calls of bounded size. */
import assert from 'node:assert'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AggregateCells, PointStore } from '../points/point-store.ts'
import type { AggregateName } from './aggregate-names.ts'
import type { Buckets } from './buckets.ts'
import { type ChangeKind, ChangeReader } from './changes.ts'
import {
  type AnswerColumn,
  pagesAt,
  type RowPage,
  type SeriesLot,
  type ShortSeries,
  VALUE_COLUMN,
  type ValueColumn,
} from './query-answer.ts'
import { asStreamGroups, type StreamGroups } from './stream-groups.ts'

/** Cells asked of the store in one call: about a MB of columns, and some ms to go through them. */
export const CELLS_PER_CALL = 16_384

export interface AggregatePlan {
  readonly groups: StreamGroups
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

/** One series per group, in their order. Groups with few buckets share a call to the store, and are a lot. */
export async function* aggregateSeries(store: PointStore, plan: AggregatePlan): AsyncGenerator<SeriesLot> {
  const { groups } = plan.groups
  const groupsPerCall = Math.floor(CELLS_PER_CALL / Math.max(1, plan.bucketCount))
  if (groupsPerCall < 2) {
    for (const group of groups) {
      const alone = { ...plan, groups: asStreamGroups([group]) }
      yield { labels: group.labels, pages: () => readGroup(store, alone) }
    }
    return
  }
  for (let from = 0; from < groups.length; from += groupsPerCall) {
    if (from > 0) await nextTurn()
    const together =
      groups.length <= groupsPerCall ? plan.groups : asStreamGroups(groups.slice(from, from + groupsPerCall))
    const { labels } = together
    const slices: Omit<ShortSeries, 'labels'>[] = []
    for await (const slice of readSlices(store, { ...plan, groups: together })) {
      slices.push(rowsOf(plan, slice, labels.length))
    }
    if (slices.length === 1) {
      yield { labels, ...slices[0] }
      continue
    }
    // None where the range is empty, and several where an hour that the clock repeats has many buckets.
    for (const [index, group] of together.groups.entries()) {
      const pages = slices.flatMap((slice) => pagesAt(slice, index))
      yield { labels: group.labels, pages: () => pages }
    }
  }
}

async function* readGroup(store: PointStore, plan: AggregatePlan): AsyncGenerator<RowPage> {
  let isFirst = true
  for await (const slice of readSlices(store, plan)) {
    if (!isFirst) await nextTurn()
    isFirst = false
    const { rows } = rowsOf(plan, slice, 1)
    if (rows.timesUs.length > 0) yield rows
  }
}

/** What is known of all groups over one slice of the buckets. */
interface Slice {
  readonly buckets: Buckets
  readonly cells: AggregateCells
  readonly changes: ReadonlyMap<ChangeKind, Float64Array>
}

async function* readSlices(store: PointStore, plan: AggregatePlan): AsyncGenerator<Slice> {
  const { groups, streamIds, groupNumbers } = plan.groups
  const changeReaders = (['delta', 'increase'] as const)
    .filter((kind) => plan.aggregates.includes(kind))
    .map((kind) => new ChangeReader(store, { kind, groups, cellsPerCall: CELLS_PER_CALL }))
  for (const buckets of plan.bucketSlices()) {
    const { edgesUs } = buckets
    const request = { streamIds, groups: groupNumbers, groupCount: groups.length, edgesUs }
    const cells = await store.aggregate(request)
    const changes = new Map<ChangeKind, Float64Array>()
    for (const reader of changeReaders) changes.set(reader.kind, await reader.read(edgesUs, cells))
    yield { buckets, cells, changes }
  }
}

/** The rows of all groups, one after the other, and where those of each end. */
function rowsOf(
  plan: AggregatePlan,
  { buckets, cells, changes }: Slice,
  groupCount: number,
): Omit<ShortSeries, 'labels'> {
  const { startsUs } = buckets
  const { counts } = cells
  const bucketCount = startsUs.length
  const rowCells = new Uint32Array(counts.length)
  const ends = new Uint32Array(groupCount)
  let rowCount = 0
  for (let group = 0; group < groupCount; group++) {
    const firstCell = group * bucketCount
    for (let cell = firstCell; cell < firstCell + bucketCount; cell++) {
      if (plan.keepsEmpty || counts[cell] > 0) rowCells[rowCount++] = cell
    }
    ends[group] = rowCount
  }
  const rows = rowCells.subarray(0, rowCount)
  const timesUs = plan.wholeRange
    ? wholeRangeTimes(plan, cells, rows)
    : columnFrom(rows, (cell) => startsUs[cell % bucketCount])
  const columns = aggregateColumns(plan.aggregates, plan.wholeRange).map(({ hasOwnTimes }, index) => {
    const aggregate = plan.aggregates[index]
    const column = columnOf(aggregate, { cells, changes }, rows)
    return hasOwnTimes ? { ...column, ownTimesUs: ownTimes(aggregate, cells, rows) } : column
  })
  return { ends, rows: { timesUs, columns } }
}

function wholeRangeTimes(
  { aggregates, wholeRange }: AggregatePlan,
  cells: AggregateCells,
  rowCells: Uint32Array,
): Float64Array {
  if (aggregates.length === 1 && aggregates[0] === 'last') return ownTimes('last', cells, rowCells)
  const rowUs = aggregates.length === 1 && aggregates[0] === 'first' ? undefined : wholeRange?.rowUs
  return rowUs === undefined ? ownTimes('first', cells, rowCells) : columnFrom(rowCells, () => rowUs)
}

function ownTimes(aggregate: AggregateName, cells: AggregateCells, rowCells: Uint32Array): Float64Array {
  const timesUs = aggregate === 'last' ? cells.lastTimesUs : cells.firstTimesUs
  return columnFrom(rowCells, (cell) => timesUs[cell])
}

/** Text has a count, a first and a last value; whatever else is asked of cells without numbers is NaN. */
function columnOf(
  aggregate: AggregateName,
  slice: Pick<Slice, 'cells' | 'changes'>,
  rowCells: Uint32Array,
): ValueColumn {
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
function columnFrom(rowCells: Uint32Array, read: (cell: number) => number): Float64Array {
  const values = new Float64Array(rowCells.length)
  for (let row = 0; row < rowCells.length; row++) values[row] = read(rowCells[row])
  return values
}

function textsAt(
  rowCells: Uint32Array,
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
