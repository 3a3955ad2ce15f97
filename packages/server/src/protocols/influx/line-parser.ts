/**
 * Reads line protocol from bytes into columns, one slice of a body at a time, so that a large body leaves
 * room for others between its slices. Whatever the bytes are, a line is read or reported, and reading ends.
 *
 * `measurement[,tag=value…] field=value[,field=value…] [time]`, a line each; the syntax and its limits are
 * described for users in `docs/reference/influx.md`.
 */
import { LineColumns } from './line-columns.ts'
import { LineReader } from './line-reader.ts'
import type { LineLimits, LineOptions, LineSlice } from './line-slice.ts'
import { SeriesTable } from './series-table.ts'

/** A table that has outgrown this is given up for an empty one. */
const TABLE_KEYS_MAX = 500_000
const TABLE_BYTES_MAX = 32 * 1_024 * 1_024

const ROWS_AT_FIRST = 1_024
/** More than a usual slice has; longer columns are not kept, and of these not more than so many. */
const ROWS_KEPT_MAX = 32 * 1_024
const COLUMNS_KEPT_MAX = 8

/** What all bodies share: the keys that were seen, and columns that slices were done with. */
export class LineParser {
  readonly #limits: LineLimits
  #table = new SeriesTable()
  readonly #freeColumns: LineColumns[] = []

  constructor(limits: LineLimits) {
    this.#limits = limits
  }

  open(body: Buffer, options: LineOptions): LineReader {
    return new LineReader(this, body, { ...options, ...this.#limits })
  }

  /** For the next slice; those that were read before keep the table that they were read with. */
  takeTable(): SeriesTable {
    const { keyCount, keyBytes } = this.#table
    if (keyCount > TABLE_KEYS_MAX || keyBytes > TABLE_BYTES_MAX) this.#table = new SeriesTable()
    return this.#table
  }

  /** For the next slice, which owns them. */
  takeColumns(): LineColumns {
    return this.#freeColumns.pop() ?? new LineColumns(ROWS_AT_FIRST)
  }

  /** Takes back the columns of a slice that nobody looks at any more; others are written over them. */
  giveBack({ columns }: LineSlice): void {
    if (columns.capacity > ROWS_KEPT_MAX || this.#freeColumns.length >= COLUMNS_KEPT_MAX) return
    this.#freeColumns.push(columns)
  }

  /** For when streams were renamed or removed. */
  forgetStreams(): void {
    this.#table.forgetStreams()
  }
}
