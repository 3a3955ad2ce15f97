/**
 * A query answer as one JSON object per line, with the keys of the CSV columns: `time` (ISO 8601), `device`,
 * `variable`, `stream`, and `value` or a key per aggregate. What a series does not have is null.
 */
import { type ByteWriter, FixedText } from './byte-writer.ts'
import type { AnswerColumn, QueryAnswer, RowPage, SeriesLabels } from './query-answer.ts'
import { type LineFormat, renderLines } from './render-lines.ts'

const QUOTE = 0x22
const LINE_START = new FixedText('{"time":"')
const LINE_END = new FixedText('}\n')
const NULL = new FixedText('null')

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
      return `",${JSON.stringify(names).slice(1, -1)}`
    },
    write(writer, labels, { page, from, to }) {
      for (let row = from; row < to; row++) {
        writer.fixed(LINE_START)
        writer.isoTime(page.timesUs[row])
        writer.fixed(labels)
        writeValues(writer, { page, row, keys })
        writer.fixed(LINE_END)
      }
    },
  }
}

interface ColumnKeys {
  readonly value: FixedText
  /** Undefined where the values have no times of their own. */
  readonly ownTime: FixedText | undefined
}

function columnKeys({ name, hasOwnTimes }: AnswerColumn): ColumnKeys {
  return {
    value: new FixedText(`,"${name}":`),
    ownTime: hasOwnTimes ? new FixedText(`,"${name}_time":`) : undefined,
  }
}

interface Row {
  readonly page: RowPage
  readonly row: number
  readonly keys: readonly ColumnKeys[]
}

function writeValues(writer: ByteWriter, { page, row, keys }: Row): void {
  for (let index = 0; index < keys.length; index++) {
    const { values, texts, ownTimesUs } = page.columns[index]
    writer.fixed(keys[index].value)
    const text = texts?.get(row)
    if (text !== undefined) writer.text(JSON.stringify(text))
    else if (Number.isFinite(values[row])) writer.number(values[row])
    else writer.fixed(NULL)
    const timeKey = keys[index].ownTime
    if (timeKey === undefined) continue
    writer.fixed(timeKey)
    writeTime(writer, ownTimesUs?.[row] ?? Number.NaN)
  }
}

function writeTime(writer: ByteWriter, timeUs: number): void {
  if (Number.isNaN(timeUs)) {
    writer.fixed(NULL)
    return
  }
  writer.byte(QUOTE)
  writer.isoTime(timeUs)
  writer.byte(QUOTE)
}
