/**
 * A query answer as one JSON object per line, with the keys of the CSV columns: `time` (ISO 8601), `device`,
 * `variable`, `stream`, and `value` or a key per aggregate. What a series does not have is null.
 */
import type { ByteWriter } from './byte-writer.ts'
import type { AnswerColumn, QueryAnswer, RowPage, SeriesLabels } from './query-answer.ts'
import { type LineFormat, renderLines } from './render-lines.ts'

const QUOTE = 0x22
const LINE_START = Buffer.from('{"time":"')
const CLOSING_BRACE = 0x7d
const LINE_FEED = 0x0a
const NULL = Buffer.from('null')

/** Blocks of about `BLOCK_BYTES`; every line ends in a line feed. */
export function renderNdjson(answer: QueryAnswer): AsyncGenerator<Uint8Array> {
  return renderLines(answer, ndjsonFormat(answer.columns))
}

function ndjsonFormat(columns: readonly AnswerColumn[]): LineFormat {
  const keys = columns.map(columnKeys)
  return {
    header: '',
    labelsText: ({ device, variable, stream }: SeriesLabels) => {
      const names = { device: device ?? null, variable: variable ?? null, stream: stream ?? null }
      return `",${JSON.stringify(names).slice(1, -1)},"${columns[0].name}":`
    },
    write(writer, labels, { page, from, to }) {
      for (let row = from; row < to; row++) {
        writer.bytes(LINE_START)
        writer.isoTime(page.timesUs[row])
        writer.bytes(labels)
        writeValues(writer, { page, row, keys })
        writer.byte(CLOSING_BRACE)
        writer.byte(LINE_FEED)
      }
    },
  }
}

interface ColumnKeys {
  readonly value: Uint8Array
  /** Undefined where the values have no times of their own. */
  readonly ownTime: Uint8Array | undefined
}

function columnKeys({ name, hasOwnTimes }: AnswerColumn): ColumnKeys {
  return {
    value: Buffer.from(`,"${name}":`),
    ownTime: hasOwnTimes ? Buffer.from(`,"${name}_time":`) : undefined,
  }
}

interface Row {
  readonly page: RowPage
  readonly row: number
  readonly keys: readonly ColumnKeys[]
}

/** The key of the first value is there already. */
function writeValues(writer: ByteWriter, { page, row, keys }: Row): void {
  for (let index = 0; index < keys.length; index++) {
    const { values, texts, ownTimesUs } = page.columns[index]
    if (index > 0) writer.bytes(keys[index].value)
    const text = texts?.get(row)
    if (text !== undefined) writer.text(JSON.stringify(text))
    else if (Number.isFinite(values[row])) writer.number(values[row])
    else writer.bytes(NULL)
    const timeKey = keys[index].ownTime
    if (timeKey === undefined) continue
    writer.bytes(timeKey)
    writeTime(writer, ownTimesUs?.[row] ?? Number.NaN)
  }
}

function writeTime(writer: ByteWriter, timeUs: number): void {
  if (Number.isNaN(timeUs)) {
    writer.bytes(NULL)
    return
  }
  writer.byte(QUOTE)
  writer.isoTime(timeUs)
  writer.byte(QUOTE)
}
