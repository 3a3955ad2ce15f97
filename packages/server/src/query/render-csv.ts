/**
 * A query answer as CSV (RFC 4180, lines end in CRLF): `time,device,variable,stream,value`, or a column per
 * aggregate in place of `value`. Times are ISO 8601. What a series does not have is an empty cell. A column
 * whose values have times of their own is followed by one with these, such as `first_time`.
 *
 * Names and text values come from devices and people. Where a spreadsheet would take one for a formula, its
 * cell begins with an apostrophe; JSON and ndjson carry such texts as they are.
 */
import { ByteWriter } from './byte-writer.ts'
import type { AnswerColumn, QueryAnswer, RowPage, SeriesLabels } from './query-answer.ts'

const COMMA = 0x2c
const LINE_END = Buffer.from('\r\n')

/** Blocks of about `BLOCK_BYTES`; the first line holds the names of the columns. */
export async function* renderCsv(answer: QueryAnswer): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter()
  const names = answer.columns.flatMap(({ name, hasOwnTimes }) =>
    hasOwnTimes ? [name, `${name}_time`] : name,
  )
  writer.text(['time', 'device', 'variable', 'stream', ...names].join(','))
  writer.bytes(LINE_END)
  for await (const series of answer.series) {
    const labels = Buffer.from(labelCells(series.labels))
    for await (const page of series.pages()) {
      for (let row = 0; row < page.timesUs.length; row++) {
        writer.isoTime(page.timesUs[row])
        writer.bytes(labels)
        writeValues(writer, { page, row, columns: answer.columns })
        writer.bytes(LINE_END)
        if (writer.isFull) yield writer.take()
      }
    }
  }
  yield writer.take()
}

function labelCells({ device, variable, stream }: SeriesLabels): string {
  return [device, variable, stream].map((label) => `,${label === undefined ? '' : textCell(label)}`).join('')
}

interface Row {
  readonly page: RowPage
  readonly row: number
  readonly columns: readonly AnswerColumn[]
}

function writeValues(writer: ByteWriter, { page, row, columns }: Row): void {
  for (let index = 0; index < columns.length; index++) {
    const { values, texts, ownTimesUs } = page.columns[index]
    writer.byte(COMMA)
    const text = texts?.get(row)
    if (text !== undefined) writer.text(textCell(text))
    else if (Number.isFinite(values[row])) writer.number(values[row])
    if (!columns[index].hasOwnTimes) continue
    writer.byte(COMMA)
    const timeUs = ownTimesUs?.[row] ?? Number.NaN
    if (!Number.isNaN(timeUs)) writer.isoTime(timeUs)
  }
}

function textCell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
