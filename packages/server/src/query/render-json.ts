/**
 * A query answer as JSON: `{"results":[{"stream":…,"device":…,"variable":…,"project":…,"times":[…],
 * "values":[…]}]}`, times in milliseconds. A series carries those of the four names that it has. Several
 * aggregates make `values` an object by aggregate; first and last values of a whole range then have their
 * own times in `value_times`, likewise by aggregate.
 */
import { ByteWriter } from './byte-writer.ts'
import {
  type AnswerColumn,
  areShort,
  type QueryAnswer,
  type ResultSeries,
  type RowPage,
  rowsBetweenLooks,
  type SeriesLabels,
  type ShortSeries,
} from './query-answer.ts'
import { RereadPages } from './reread-pages.ts'

const COMMA = 0x2c
const CLOSING_BRACKET = 0x5d
const NULL = Buffer.from('null')

/** Blocks of about `BLOCK_BYTES`; more where a short series does not end before. */
export async function* renderJson(answer: QueryAnswer): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter()
  const layout = layOut(answer.columns)
  writer.text('{"results":[')
  for await (const lot of answer.series) {
    if (!areShort(lot)) {
      yield* longSeries(writer, lot, layout)
      continue
    }
    for (let index = 0; index < lot.labels.length; ) {
      // Not behind the last series, whose comma the end of the list replaces.
      if (writer.isFull) yield writer.take()
      index = shortSeries(writer, lot, index, layout)
    }
  }
  writer.endList(CLOSING_BRACKET)
  writer.text('}')
  yield writer.take()
}

/** The arrays of a series in the order in which they are written, and what follows them. */
interface Layout {
  readonly arrays: readonly JsonArray[]
  readonly end: Uint8Array
}

interface JsonArray {
  /** What stands before the first value, but for the names before the first array. */
  readonly before: Uint8Array
  readonly write: WriteRows
}

/** Writes the values of some rows, each with a comma after it. */
type WriteRows = (writer: ByteWriter, rows: RowPage, from: number, to: number) => void

function layOut(columns: readonly AnswerColumn[]): Layout {
  const isSingle = columns.length === 1
  const arrays: JsonArray[] = []
  const add = (before: string, write: WriteRows) => arrays.push({ before: Buffer.from(before), write })
  add('"times":[', writeTimes)
  columns.forEach(({ name }, index) => {
    add(isSingle ? ',"values":[' : `${index === 0 ? ',"values":{' : ','}"${name}":[`, valuesWriter(index))
  })
  columns.forEach(({ name, hasOwnTimes }, index) => {
    const isFirst = arrays.length === 1 + columns.length
    if (hasOwnTimes) add(`${isFirst ? '},"value_times":{' : ','}"${name}":[`, ownTimesWriter(index))
  })
  return { arrays, end: Buffer.from(isSingle ? '},' : '}},') }
}

async function* longSeries(
  writer: ByteWriter,
  series: ResultSeries,
  { arrays, end }: Layout,
): AsyncGenerator<Uint8Array> {
  const rows = new RereadPages(series)
  writer.text(labelsText(series.labels))
  for (const [index, { before, write }] of arrays.entries()) {
    writer.bytes(before)
    for await (const page of index === 0 ? rows.first() : rows.again()) {
      const rowCount = page.timesUs.length
      const rowsPerLook = rowsBetweenLooks(page)
      for (let row = 0; row < rowCount; row += rowsPerLook) {
        if (writer.isFull) yield writer.take()
        write(writer, page, row, Math.min(row + rowsPerLook, rowCount))
      }
    }
    writer.endList(CLOSING_BRACKET)
  }
  if (writer.isFull) yield writer.take()
  writer.bytes(end)
}

/** Writes series from one on, until a block is full or there are no more; returns the one to go on with. */
function shortSeries(writer: ByteWriter, lot: ShortSeries, first: number, { arrays, end }: Layout): number {
  const { ends, rows } = lot
  const heads = headsOf(lot.labels)
  let from = first === 0 ? 0 : ends[first - 1]
  for (let index = first; index < ends.length; index++) {
    const to = ends[index]
    writer.bytes(heads[index])
    for (let array = 0; array < arrays.length; array++) {
      const { before, write } = arrays[array]
      writer.bytes(before)
      write(writer, rows, from, to)
      writer.endList(CLOSING_BRACKET)
    }
    writer.bytes(end)
    if (writer.isFull) return index + 1
    from = to
  }
  return ends.length
}

/** Kept as long as the list of labels, which the same question finds again. */
const heads = new WeakMap<readonly SeriesLabels[], readonly Uint8Array[]>()

function headsOf(labels: readonly SeriesLabels[]): readonly Uint8Array[] {
  const known = heads.get(labels) ?? labels.map((each) => Buffer.from(labelsText(each)))
  heads.set(labels, known)
  return known
}

/** The opening of a series. Names that are undefined are left out. */
function labelsText(labels: SeriesLabels): string {
  const text = JSON.stringify(labels)
  return text === '{}' ? '{' : `${text.slice(0, -1)},`
}

function writeTimes(writer: ByteWriter, { timesUs }: RowPage, from: number, to: number): void {
  for (let row = from; row < to; row++) {
    writer.timeMs(timesUs[row])
    writer.byte(COMMA)
  }
}

function ownTimesWriter(column: number): WriteRows {
  return (writer, { columns }, from, to) => {
    const { ownTimesUs } = columns[column]
    for (let row = from; row < to; row++) {
      const timeUs = ownTimesUs?.[row] ?? Number.NaN
      if (Number.isNaN(timeUs)) writer.bytes(NULL)
      else writer.timeMs(timeUs)
      writer.byte(COMMA)
    }
  }
}

/** A sum beyond the largest double is not a number that JSON has. */
function valuesWriter(column: number): WriteRows {
  return (writer, { columns }, from, to) => {
    const { values, texts } = columns[column]
    for (let row = from; row < to; row++) {
      const value = values[row]
      const text = texts?.get(row)
      if (text !== undefined) writer.text(JSON.stringify(text))
      else if (Number.isFinite(value)) writer.number(value)
      else writer.bytes(NULL)
      writer.byte(COMMA)
    }
  }
}
