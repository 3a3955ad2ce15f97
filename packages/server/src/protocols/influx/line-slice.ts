/** What is read of line protocol, and what reading it needs to know. */
import type { LineColumns } from './line-columns.ts'
import type { Precision } from './precision.ts'
import type { SeriesTable } from './series-table.ts'

export interface LineLimits {
  /** Bytes of a text value, in UTF-8. */
  readonly textBytesMax: number
  /** Reasons that are listed; further bad lines are counted only. */
  readonly rejectionsListedMax: number
}

export interface LineOptions {
  readonly projectId: number
  readonly precision: Precision
  /** For lines without a time. */
  readonly nowUs: number
}

export interface LineRejection {
  /** From 1. A text with line ends in it makes a line of several. */
  readonly line: number
  readonly reason: string
}

/** What was read of some lines: a row per value, as parallel columns. */
export interface LineSlice {
  /** What `LineParser.giveBack` takes. */
  readonly columns: LineColumns
  /** Holds the keys that `fields` are numbers of. */
  readonly table: SeriesTable
  readonly fields: Int32Array
  /** Holds anything; for whoever finds the streams of the fields. */
  readonly streamIds: Uint32Array
  readonly timesUs: Float64Array
  /** NaN where `texts` has the row. */
  readonly values: Float64Array
  readonly texts: ReadonlyMap<number, string>
  /** Number of the line that each row stands on. */
  readonly lines: Uint32Array
  /** Lines that could not be read. */
  readonly rejectedCount: number
  readonly rejected: readonly LineRejection[]
  /** Integers that were replaced by the nearest float64. */
  readonly roundedCount: number
}
