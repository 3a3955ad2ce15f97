/**
 * A query answer as one JSON object per line, with the keys of the CSV columns: `time` (ISO 8601), `device`,
 * `variable`, `stream`, and `value` or a key per aggregate. What a series does not have is null.
 */
import { formatIsoUs } from '../model/time.ts'
import { ByteWriter } from './byte-writer.ts'
import type { AnswerColumn, QueryAnswer, RowPage } from './query-answer.ts'

const LINE_START = Buffer.from('{"time":"')
const LINE_END = Buffer.from('}\n')
const NULL = Buffer.from('null')

/** Blocks of about `BLOCK_BYTES`; every line ends in a line feed. */
export async function* renderNdjson(answer: QueryAnswer): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter()
  const keys = answer.columns.map(columnKeys)
  for await (const series of answer.series) {
    const { device = null, variable = null, stream = null } = series.labels
    const labels = Buffer.from(`",${JSON.stringify({ device, variable, stream }).slice(1, -1)}`)
    for await (const page of series.pages()) {
      for (let row = 0; row < page.timesUs.length; row++) {
        writer.bytes(LINE_START)
        writer.isoTime(page.timesUs[row])
        writer.bytes(labels)
        writeValues(writer, { page, row, keys })
        writer.bytes(LINE_END)
        if (writer.isFull) yield writer.take()
      }
    }
  }
  yield writer.take()
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

function writeValues(writer: ByteWriter, { page, row, keys }: Row): void {
  for (let index = 0; index < keys.length; index++) {
    const { values, texts, ownTimesUs } = page.columns[index]
    writer.bytes(keys[index].value)
    const text = texts?.get(row)
    if (text !== undefined) writer.text(JSON.stringify(text))
    else if (Number.isFinite(values[row])) writer.number(values[row])
    else writer.bytes(NULL)
    const timeKey = keys[index].ownTime
    if (timeKey === undefined) continue
    const timeUs = ownTimesUs?.[row] ?? Number.NaN
    writer.bytes(timeKey)
    writer.text(Number.isNaN(timeUs) ? 'null' : `"${formatIsoUs(timeUs)}"`)
  }
}
