/** The table of `df/`: one row per point, or one row per time with a column per stream. */
import { formatIsoUs } from '../../model/time.ts'
import { outputOf } from '../../model/value-chain.ts'
import type { ListedPoint } from '../../query/data-lists.ts'
import type { MergedPoint } from '../../query/merge-streams.ts'
import type { PointLists } from '../../query/point-lists.ts'
import type { ChainedStream } from './data-access.ts'
import { dataRequest, type PointSource } from './point-source.ts'
import type { RestServices } from './services.ts'

type Lists = Pick<RestServices, 'points' | 'data'>

export interface TableOptions {
  /** Output values in place of internal ones. */
  readonly applyMdo: boolean
  /** Adds `device_timestamp` and `streamer_local_id`. */
  readonly extended: boolean
}

/** One cell of a table; undefined is empty. */
export type Cell = string | number | undefined
export type TableRow = readonly Cell[]

const BLOCK_CHARS = 64 * 1024
const COLUMNS = ['row', 'int_value', 'stream_slug']
const EXTENDED_COLUMNS = ['device_timestamp', 'streamer_local_id']

export function tableColumns({ extended }: Pick<TableOptions, 'extended'>): string[] {
  return extended ? [...COLUMNS, ...EXTENDED_COLUMNS] : COLUMNS
}

/** Rows in ascending time, read as they are taken. */
export async function* tableRows(
  lists: Lists,
  source: PointSource,
  { applyMdo, extended }: TableOptions,
): AsyncGenerator<TableRow> {
  const { streams } = source
  const points = extended ? pointsWithReadings(lists, source) : pointsOf(lists.points, source)
  for await (const point of points) {
    const { stream } = streams[point.stream]
    const { reading } = point as ListedPoint
    const more = extended ? [reading?.device_s ?? undefined, reading?.reading_id] : []
    yield [formatIsoUs(point.timeUs), cellOf(point, streams, applyMdo), stream.slug, ...more]
  }
}

/** One row per time: the time, then a cell for each stream. */
export async function* pivotRows(
  { points }: Pick<Lists, 'points'>,
  source: PointSource,
  { applyMdo }: Pick<TableOptions, 'applyMdo'>,
): AsyncGenerator<TableRow> {
  const { streams } = source
  let timeUs: number | undefined
  let cells: Cell[] = []
  for await (const point of pointsOf(points, source)) {
    if (timeUs !== undefined && point.timeUs !== timeUs) yield [formatIsoUs(timeUs), ...cells]
    if (point.timeUs !== timeUs) cells = streams.map(() => undefined)
    timeUs = point.timeUs
    cells[point.stream] = cellOf(point, streams, applyMdo)
  }
  if (timeUs !== undefined) yield [formatIsoUs(timeUs), ...cells]
}

export function pivotColumns(streams: readonly ChainedStream[]): string[] {
  return ['row', ...streams.map(({ stream }) => stream.slug)]
}

/** CSV without a newline at the end. */
export async function* csvOf(
  columns: readonly string[],
  rows: AsyncIterable<TableRow> | Iterable<TableRow>,
): AsyncGenerator<string> {
  let block = columns.join(',')
  for await (const row of rows) {
    block += `\n${row.map(csvCell).join(',')}`
    if (block.length < BLOCK_CHARS) continue
    yield block
    block = ''
  }
  yield block
}

export function tableCsv(lists: Lists, source: PointSource, options: TableOptions): AsyncGenerator<string> {
  return csvOf(tableColumns(options), tableRows(lists, source, options))
}

/** An array of objects by column. */
export async function* jsonOf(
  columns: readonly string[],
  rows: AsyncIterable<TableRow> | Iterable<TableRow>,
): AsyncGenerator<string> {
  let block = '['
  let separator = ''
  for await (const row of rows) {
    const object = Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null]))
    block += separator + JSON.stringify(object)
    separator = ','
    if (block.length < BLOCK_CHARS) continue
    yield block
    block = ''
  }
  yield `${block}]`
}

async function* pointsOf(
  points: PointLists,
  { streams, ranges, newest }: PointSource,
): AsyncGenerator<MergedPoint> {
  const ids = streams.map(({ stream }) => stream.id)
  if (newest === undefined) yield* points.all(ids, ranges)
  else yield* await points.newest(ids, ranges, newest)
}

async function* pointsWithReadings(
  { data, points }: Lists,
  source: PointSource,
): AsyncGenerator<MergedPoint & ListedPoint> {
  const request = dataRequest(source)
  if (source.newest === undefined) yield* data.all(request)
  else yield* await data.withReadings(request.streams, await Array.fromAsync(pointsOf(points, source)))
}

function cellOf(point: MergedPoint, streams: readonly ChainedStream[], applyMdo: boolean): Cell {
  const { value } = point
  return applyMdo && typeof value === 'number' ? outputOf(streams[point.stream].chain, value) : value
}

/** Quoted where it must be. A text that a spreadsheet would take for a formula gets an apostrophe. */
function csvCell(cell: Cell): string {
  if (cell === undefined) return ''
  if (typeof cell === 'number') return String(cell)
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
