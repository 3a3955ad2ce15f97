/** What formats with a line per row have in common: every line carries the names of its series. */
import { ByteWriter } from './byte-writer.ts'
import {
  areShort,
  type QueryAnswer,
  type RowPage,
  rowsBetweenLooks,
  type SeriesLabels,
} from './query-answer.ts'

export interface LineFormat {
  /** Before the first line. */
  readonly header: string
  /** The part of a line that is the same for all rows of a series. */
  readonly labelsText: (labels: SeriesLabels) => string
  /** Writes the lines of some rows. */
  readonly write: (writer: ByteWriter, labels: Uint8Array, rows: RowRun) => void
}

/** Rows `from … to` of a page. */
export interface RowRun {
  readonly page: RowPage
  readonly from: number
  readonly to: number
}

/** Blocks of about `BLOCK_BYTES`. */
export async function* renderLines(answer: QueryAnswer, format: LineFormat): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter()
  writer.text(format.header)
  for await (const lot of answer.series) {
    if (areShort(lot)) {
      let from = 0
      for (const [index, labels] of lot.labels.entries()) {
        const to = lot.ends[index]
        if (from < to) yield* writeRun(writer, format, labelsOf(format, labels), { page: lot.rows, from, to })
        from = to
      }
      continue
    }
    const labels = labelsOf(format, lot.labels)
    for await (const page of lot.pages()) {
      yield* writeRun(writer, format, labels, { page, from: 0, to: page.timesUs.length })
    }
  }
  yield writer.take()
}

function labelsOf(format: LineFormat, labels: SeriesLabels): Uint8Array {
  return Buffer.from(format.labelsText(labels))
}

function* writeRun(
  writer: ByteWriter,
  { write }: LineFormat,
  labels: Uint8Array,
  { page, from, to }: RowRun,
): Generator<Uint8Array> {
  const rowsPerLook = rowsBetweenLooks(page)
  for (let row = from; row < to; row += rowsPerLook) {
    write(writer, labels, { page, from: row, to: Math.min(row + rowsPerLook, to) })
    if (writer.isFull) yield writer.take()
  }
}
