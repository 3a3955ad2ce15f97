/** Reads the answers of databases that keep all metrics of a device at one time in one row. */
import type { Question } from '../load/questions.ts'

export type Row = readonly number[]

/** All of the first column, then all of the second one. */
export function columns(rows: readonly Row[]): number[] {
  return (rows[0] ?? []).flatMap((_, column) => rows.map((row) => row[column]))
}

/** Of several columns the first is a time or a device, which the order of the answer makes good for. */
export function readRows({ kind }: Question, rows: readonly Row[]): number[] {
  switch (kind) {
    case 'last':
    case 'metric-sum':
    case 'raw-hour':
    case 'hourly-mean':
      return rows.flat()
    case 'five-minute-max':
    case 'export':
      return columns(rows.map((row) => row.slice(1)))
    case 'device-means':
    case 'device-means-cut':
    case 'device-lasts':
      return [...rows].sort(([a], [b]) => a - b).map(([, value]) => value)
  }
}

/** Rows of text; what is no number, such as a time as people read it, is NaN. */
export function textRows(body: Buffer, separator: string): Row[] {
  const text = body.toString().trimEnd()
  return text === '' ? [] : text.split('\n').map((row) => row.split(separator).map(Number))
}
