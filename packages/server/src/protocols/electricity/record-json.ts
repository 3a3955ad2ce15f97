/** Data answers as JSON text. Keys are in alphabetical order, every value of a record is a string. */
import type { ConsumpRow } from '../../catalog/schema.ts'

/** What an empty cell looks like to the clients of this API. */
const NOTHING = 'None'
const COMMA = Buffer.from(',')
const TAIL = Buffer.from(']}}')

/** Records with a comma between them, ready to stand in `renderAnswer`. */
export function renderRecords(rows: readonly ConsumpRow[]): Buffer {
  return Buffer.from(rows.map(renderRecord).join(','))
}

/** The answer around records that were rendered part by part; none of the parts is empty. */
export function renderAnswer(answer: {
  message: string
  rowCount: number
  parts: readonly Buffer[]
}): Buffer {
  const message = JSON.stringify(answer.message)
  const values = `{"numrecs":${answer.rowCount},"records":[`
  const head = Buffer.from(`{"message":${message},"status":"OK","statusCode":200,"values":${values}`)
  const records = answer.parts.flatMap((part, index) => (index === 0 ? [part] : [COMMA, part]))
  return Buffer.concat([head, ...records, TAIL])
}

function renderRecord(row: ConsumpRow): string {
  return JSON.stringify({
    date: row.date,
    energy: row.energy ?? NOTHING,
    id: String(row.id),
    intensity: row.intensity ?? NOTHING,
    maximeter: row.maximeter ?? NOTHING,
    power: row.power ?? NOTHING,
    power_factor: row.power_factor ?? NOTHING,
    reactive_energy: row.reactive_energy ?? NOTHING,
    reactive_power: row.reactive_power ?? NOTHING,
    voltage: row.voltage ?? NOTHING,
  })
}
