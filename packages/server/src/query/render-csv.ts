/**
 * A query answer as CSV (RFC 4180, lines end in CRLF): `time,device,variable,stream,value`, or a column per
 * aggregate in place of `value`. Times are ISO 8601. What a series does not have is an empty cell. A column
 * whose values have times of their own is followed by one with these, such as `first_time`.
 *
 * Names and text values come from devices and people. Where a spreadsheet would take one for a formula, its
 * cell begins with an apostrophe; JSON and ndjson carry such texts as they are.
 */
import type { ByteWriter } from './byte-writer.ts'
import type { AnswerColumn, QueryAnswer, RowPage, SeriesLabels } from './query-answer.ts'
import { type LineFormat, renderLines } from './render-lines.ts'

const COMMA = 0x2c
const CARRIAGE_RETURN = 0x0d
const LINE_FEED = 0x0a

/** Blocks of about `BLOCK_BYTES`; the first line holds the names of the columns. */
export function renderCsv(answer: QueryAnswer): AsyncGenerator<Uint8Array> {
  return renderLines(answer, csvFormat(answer.columns))
}

function csvFormat(columns: readonly AnswerColumn[]): LineFormat {
  const names = columns.flatMap(({ name, hasOwnTimes }) => (hasOwnTimes ? [name, `${name}_time`] : name))
  return {
    header: `${['time', 'device', 'variable', 'stream', ...names].join(',')}\r\n`,
    labelsText: ({ device, variable, stream }: SeriesLabels) =>
      `,${[device, variable, stream].map((label) => (label === undefined ? '' : textCell(label))).join(',')},`,
    write(writer, labels, { page, from, to }) {
      for (let row = from; row < to; row++) {
        writer.isoTime(page.timesUs[row])
        writer.bytes(labels)
        writeValues(writer, { page, row, columns })
        writer.byte(CARRIAGE_RETURN)
        writer.byte(LINE_FEED)
      }
    },
  }
}

interface Row {
  readonly page: RowPage
  readonly row: number
  readonly columns: readonly AnswerColumn[]
}

/** Cells with commas between them; one stands before the first already. */
function writeValues(writer: ByteWriter, { page, row, columns }: Row): void {
  for (let index = 0; index < columns.length; index++) {
    const { values, texts, ownTimesUs } = page.columns[index]
    if (index > 0) writer.byte(COMMA)
    const text = texts?.get(row)
    if (text !== undefined) writer.text(textCell(text))
    else if (Number.isFinite(values[row])) writer.number(values[row])
    if (!columns[index].hasOwnTimes) continue
    writer.byte(COMMA)
    const timeUs = ownTimesUs?.[row] ?? Number.NaN
    if (!Number.isNaN(timeUs)) writer.isoTime(timeUs)
  }
}

/** A text as a cell, harmless in a spreadsheet. */
export function textCell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
