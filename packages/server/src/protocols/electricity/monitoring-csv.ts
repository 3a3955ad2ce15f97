/**
 * Reads the meter's CSV as a stream: a header, then rows of a local date and eight measurements. Every row
 * is checked; the first bad one ends the reading with its line in the file and the cause.
 */
import { pipeline } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { InvalidError } from '../../errors.ts'
import { exactDecimal } from './exact-decimal.ts'
import { MEASUREMENTS } from './measurements.ts'

export interface MonitoringRow {
  /** Line in the file; the header is line 1. */
  readonly line: number
  /** `YYYY-MM-DD HH:MM:SS`, on the clock at the meter's place. */
  readonly date: string
  /** Exact decimals with five digits, in the order of `MEASUREMENTS`; null where the cell is empty. */
  readonly values: readonly (string | null)[]
}

const COLUMN_COUNT = 1 + MEASUREMENTS.length
/** A line of the meter has some 80 bytes; what is much longer is another kind of file. */
const LINE_BYTES_MAX = 8_192
/** What an error message quotes of a cell. */
const QUOTED_CHARS_MAX = 40

/** English always, whatever the language of the machine. */
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DATE = /^(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2})$/

/**
 * Yields the rows in file order; empty lines do not count as rows.
 * @throws {InvalidError} `Could not insert the values of row <line>: <cause>`.
 */
export async function* readMonitoringCsv(source: AsyncIterable<Uint8Array>): AsyncGenerator<MonitoringRow> {
  const parser = parse({
    bom: true,
    info: true,
    max_record_size: LINE_BYTES_MAX,
    relax_column_count: true,
    skip_empty_lines: true,
  })
  // A failure of the source destroys the parser, so the loop below throws it.
  pipeline(source, parser, () => {})
  let headerSeen = false
  try {
    for await (const entry of parser) {
      const { info, record } = entry as { info: { lines: number }; record: string[] }
      if (headerSeen) {
        yield readRow(record, info.lines)
      } else if (record.length === COLUMN_COUNT) {
        headerSeen = true
      } else {
        break
      }
    }
  } catch (error) {
    if (error instanceof CsvError) throw badRow(Number(error.lines), causeOf(error))
    throw error
  }
  if (!headerSeen) throw badRow(1, 'The csv format does not match with the expected one')
}

function readRow(record: readonly string[], line: number): MonitoringRow {
  if (record.length !== COLUMN_COUNT) {
    throw badRow(line, `it has ${record.length} columns; there must be ${COLUMN_COUNT}`)
  }
  const [dateCell, ...cells] = record.map((cell) => cell.trim())
  const date = readMeterDate(dateCell)
  if (date === undefined) throw badRow(line, `${quote(dateCell)} is not a date such as 1 Aug 2019 00:00:00`)
  return { line, date, values: cells.map((cell, column) => readCell(cell, { line, column })) }
}

function readCell(cell: string, { line, column }: { line: number; column: number }): string | null {
  if (cell === '') return null
  try {
    return exactDecimal(cell)
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error
    throw badRow(line, `${MEASUREMENTS[column].name} is ${quote(cell)}; ${error.message}`)
  }
}

/** `1 Aug 2019 00:15:00` becomes `2019-08-01 00:15:00`; undefined when there is no such date. */
export function readMeterDate(text: string): string | undefined {
  const match = DATE.exec(text)
  if (!match) return undefined
  const [, day, monthName, year, hour, minute, second] = match
  const month = MONTHS.indexOf(monthName.toLowerCase()) + 1
  if (month === 0 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(Number(year), month - 1, Number(day))
  if (Number(year) === 0 || date.getUTCDate() !== Number(day)) return undefined
  return `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')} ${hour}:${minute}:${second}`
}

function causeOf(error: CsvError): string {
  if (error.code === 'CSV_MAX_RECORD_SIZE') return `it is longer than ${LINE_BYTES_MAX} bytes`
  return 'a quotation mark is out of place'
}

/** The failure of one row, in the words that operators of this importer know. */
export function badRow(line: number, cause: string): InvalidError {
  return new InvalidError(`Could not insert the values of row ${line}: ${cause}`)
}

function quote(cell: string): string {
  return JSON.stringify(cell.length <= QUOTED_CHARS_MAX ? cell : `${cell.slice(0, QUOTED_CHARS_MAX)}…`)
}
