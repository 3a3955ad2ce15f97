/**
 * A query answer as JSON: `{"results":[{"stream":…,"device":…,"variable":…,"project":…,"times":[…],
 * "values":[…]}]}`, times in milliseconds. A series carries those of the four names that it has. Several
 * aggregates make `values` an object by aggregate; first and last values of a whole range then have their
 * own times in `value_times`, likewise by aggregate.
 */
import { ByteWriter } from './byte-writer.ts'
import {
  type AnswerColumn,
  isPageList,
  type Pages,
  type QueryAnswer,
  type ResultSeries,
  type RowPage,
  type SeriesLabels,
  type ValueColumn,
} from './query-answer.ts'
import { RereadPages } from './reread-pages.ts'

const COMMA = 0x2c
const CLOSING_BRACKET = 0x5d
const NULL = Buffer.from('null')

/** Blocks of about `BLOCK_BYTES`. */
export async function* renderJson(answer: QueryAnswer): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter()
  writer.text('{"results":[')
  for await (const series of answer.series) {
    const { arrays, end } = layOut(writer, series, answer.columns)
    for (const { before, pages, cellsOf } of arrays) {
      writer.text(before)
      const source = pages()
      if (isPageList(source)) {
        for (const page of source) {
          for (const _ of writeCells(writer, page, cellsOf(page))) yield writer.take()
        }
      } else {
        for await (const page of source) {
          for (const _ of writeCells(writer, page, cellsOf(page))) yield writer.take()
        }
      }
      writer.endList(CLOSING_BRACKET)
    }
    if (writer.isFull) yield writer.take()
    writer.text(end)
  }
  writer.endList(CLOSING_BRACKET)
  writer.text('}')
  yield writer.take()
}

type WriteCell = (row: number) => void

interface JsonArray {
  /** What stands before the first value: the end of the array before, or the start of the object. */
  readonly before: string
  readonly pages: () => Pages
  readonly cellsOf: (page: RowPage) => WriteCell
}

/** The arrays of one series in the order in which they are written, and what follows them. */
function layOut(
  writer: ByteWriter,
  series: ResultSeries,
  columns: readonly AnswerColumn[],
): { arrays: JsonArray[]; end: string } {
  const rows = new RereadPages(series)
  const again = () => rows.again()
  const isSingle = columns.length === 1
  const times = {
    before: `${openLabels(series.labels)}"times":[`,
    pages: () => rows.first(),
    cellsOf: (page: RowPage) => timeCells(writer, page.timesUs),
  }
  const values = columns.map(({ name }, index) => ({
    before: isSingle ? ',"values":[' : `${index === 0 ? ',"values":{' : ','}"${name}":[`,
    pages: again,
    cellsOf: (page: RowPage) => valueCells(writer, page.columns[index]),
  }))
  const arrays: JsonArray[] = [times, ...values]
  columns.forEach(({ name, hasOwnTimes }, index) => {
    if (!hasOwnTimes) return
    arrays.push({
      before: `${arrays.length === 1 + columns.length ? '},"value_times":{' : ','}"${name}":[`,
      pages: again,
      cellsOf: (page: RowPage) => timeCells(writer, page.columns[index].ownTimesUs),
    })
  })
  return { arrays, end: isSingle ? '},' : '}},' }
}

/** Names that are undefined are left out. */
function openLabels(labels: SeriesLabels): string {
  const text = JSON.stringify(labels)
  return text === '{}' ? '{' : `${text.slice(0, -1)},`
}

/** Writes a page's part of an array, each value with a comma after it. Yields when a block is full. */
function* writeCells(writer: ByteWriter, { timesUs }: RowPage, writeCell: WriteCell): Generator<void> {
  for (let row = 0; row < timesUs.length; row++) {
    writeCell(row)
    if (writer.isFull) yield
    writer.byte(COMMA)
  }
}

function timeCells(writer: ByteWriter, timesUs: Float64Array | undefined): WriteCell {
  return (row) => {
    const timeUs = timesUs?.[row] ?? Number.NaN
    if (Number.isNaN(timeUs)) writer.bytes(NULL)
    else writer.timeMs(timeUs)
  }
}

/** A sum beyond the largest double is not a number that JSON has. */
function valueCells(writer: ByteWriter, { values, texts }: ValueColumn): WriteCell {
  return (row) => {
    const value = values[row]
    const text = texts?.get(row)
    if (text !== undefined) writer.text(JSON.stringify(text))
    else if (Number.isFinite(value)) writer.number(value)
    else writer.bytes(NULL)
  }
}
