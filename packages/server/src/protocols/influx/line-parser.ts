/**
 * Reads line protocol from bytes into columns, one slice of a body at a time, so that a large body leaves
 * room for others between its slices. Whatever the bytes are, a line is read or reported, and reading ends.
 *
 * `measurement[,tag=value…] field=value[,field=value…] [time]`, a line each; the syntax and its limits are
 * described for users in `docs/reference/influx.md`.
 */
import { LineColumns } from './line-columns.ts'
import { parseLineNumber } from './line-number.ts'
import { type Precision, US_PER_UNIT } from './precision.ts'
import { parseSeries } from './series-name.ts'
import { NO_KEY, SeriesTable } from './series-table.ts'

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

/** A slice ends with the line in which it becomes as long as that, or has met so many new keys. */
const SLICE_BYTES = 128 * 1_024
const SLICE_NEW_KEYS = 1_000

/** Measurement and tags of one line; names that are allowed are shorter. */
const KEY_BYTES_MAX = 4 * 1_024
const LINE_BYTES_MAX = 512 * 1_024
const LINE_FIELDS_MAX = 10_000

/** A table that has outgrown this is given up for an empty one. */
const TABLE_KEYS_MAX = 500_000
const TABLE_BYTES_MAX = 32 * 1_024 * 1_024

const ROWS_AT_FIRST = 1_024
/** More than a usual slice has; longer columns are not kept, and of these not more than so many. */
const ROWS_KEPT_MAX = 32 * 1_024
const COLUMNS_KEPT_MAX = 8
const NO_COLUMNS = new LineColumns(0)

/** Up to here a power of ten is exact, and so an exact integer divided by it gives the nearest float64. */
const EXACT_POWER_MAX = 22
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_POWER_MAX + 1 }, (_, i) => Number(`1e${i}`))
/** Of nanoseconds, behind the microsecond. */
const DIGITS_DROPPED = 3

const TRUE_WORDS: ReadonlySet<string> = new Set(['t', 'T', 'true', 'True', 'TRUE'])
const FALSE_WORDS: ReadonlySet<string> = new Set(['f', 'F', 'false', 'False', 'FALSE'])

const TAB = 0x09
const NEWLINE = 0x0a
const RETURN = 0x0d
const BLANK = 0x20
const QUOTE = 0x22
const HASH = 0x23
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const EQUALS = 0x3d
const BACKSLASH = 0x5c
const SIGNED_SUFFIX = 0x69
const UNSIGNED_SUFFIX = 0x75

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

/** Reads one body from its beginning to its end. The methods that read something take and give positions. */
export class LineReader {
  readonly #parser: LineParser
  readonly #bytes: Buffer
  readonly #options: LineOptions & LineLimits
  readonly #usPerUnit: number
  #at = 0
  #line = 1
  #listedCount = 0

  #table: SeriesTable
  #project: number
  /** The key of the line that was begun last, and of the field. */
  #series = NO_KEY
  #field = NO_KEY
  #newKeys = 0

  #columns = NO_COLUMNS
  #row = 0
  #texts = new Map<number, string>()
  #timeUs = 0
  #roundedCount = 0

  #rejected: LineRejection[] = []
  #rejectedCount = 0
  #failure = ''
  #failedAt = 0

  constructor(parser: LineParser, body: Buffer, options: LineOptions & LineLimits) {
    this.#parser = parser
    this.#bytes = body
    this.#options = options
    this.#usPerUnit = US_PER_UNIT[options.precision]
    this.#table = parser.takeTable()
    this.#project = this.#table.project(options.projectId)
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** The next lines. */
  read(): LineSlice {
    this.#beginSlice()
    const sliceEnd = Math.min(this.#at + SLICE_BYTES, this.#bytes.length)
    while (this.#at < sliceEnd && this.#newKeys < SLICE_NEW_KEYS) this.#readLine()
    const columns = this.#columns
    this.#columns = NO_COLUMNS
    return {
      columns,
      table: this.#table,
      ...columns.take(this.#row),
      texts: this.#texts,
      rejectedCount: this.#rejectedCount,
      rejected: this.#rejected,
      roundedCount: this.#roundedCount,
    }
  }

  #beginSlice(): void {
    const table = this.#parser.takeTable()
    if (table !== this.#table) {
      this.#table = table
      this.#project = table.project(this.#options.projectId)
      this.#series = NO_KEY
    }
    this.#columns = this.#parser.takeColumns()
    this.#row = 0
    this.#newKeys = 0
    this.#texts = new Map()
    this.#rejected = []
    this.#rejectedCount = 0
    this.#roundedCount = 0
  }

  /** Reads one line with its end. Of a line that fails no row is left. */
  #readLine(): void {
    const bytes = this.#bytes
    let start = this.#at
    while (start < bytes.length && isBlank(bytes[start])) start++
    if (start >= bytes.length) {
      this.#at = start
    } else if (bytes[start] === NEWLINE) {
      this.#at = start + 1
      this.#line++
    } else if (bytes[start] === HASH) {
      this.#endLine(this.#newlineFrom(start))
    } else {
      this.#readPoint(start)
    }
  }

  #readPoint(start: number): void {
    const firstRow = this.#row
    const line = this.#line
    const limit = Math.min(this.#bytes.length, start + LINE_BYTES_MAX)
    let at = this.#readSeries(start, limit)
    if (at >= 0) at = this.#readFields(at, limit)
    if (at >= 0) at = this.#readTime(at, limit)
    if (at >= 0) {
      const { timesUs, lines } = this.#columns
      for (let row = firstRow; row < this.#row; row++) {
        timesUs[row] = this.#timeUs
        lines[row] = line
      }
      this.#endLine(at)
    } else {
      this.#line = line
      this.#undoRows(firstRow)
      this.#giveUpLine(start, limit)
    }
  }

  /** Measurement and tags. */
  #readSeries(start: number, limit: number): number {
    const bytes = this.#bytes
    const table = this.#table
    const previous = this.#series
    const likely = previous === NO_KEY ? table.first(this.#project) : table.following(previous)
    let end = likely === NO_KEY ? -1 : table.endIfAt(likely, bytes, start, limit)
    if (end >= 0 && end < limit && bytes[end] === BLANK) {
      this.#series = likely
    } else {
      end = this.#findSeries(start, limit)
      if (end < 0) return end
      if (previous === NO_KEY) table.setFirst(this.#project, this.#series)
      else table.setFollowing(previous, this.#series)
    }
    while (end < limit && bytes[end] === BLANK) end++
    return end
  }

  /** Searches for the end of the key and then for the key, which is added when it is new. */
  #findSeries(start: number, lineLimit: number): number {
    const bytes = this.#bytes
    const limit = Math.min(lineLimit, start + KEY_BYTES_MAX)
    let end = start
    while (end < limit && bytes[end] !== BLANK && bytes[end] !== NEWLINE) {
      end += bytes[end] === BACKSLASH && isEscapable(bytes[end + 1]) ? 2 : 1
    }
    if (end >= limit && limit < lineLimit) {
      return this.#fail(`Measurement and tags are longer than ${KEY_BYTES_MAX} bytes`, limit)
    }
    if (end >= limit || bytes[end] === NEWLINE) return this.#fail('There is no field', end)
    let series = this.#table.find(this.#project, bytes, start, end)
    if (series === NO_KEY) {
      const parsed = parseSeries(bytes.subarray(start, end))
      if (typeof parsed === 'string') return this.#fail(parsed, end)
      series = this.#table.add(this.#project, bytes, start, end)
      this.#newKeys++
    }
    this.#series = series
    return end
  }

  /** All fields, up to what follows the last value. */
  #readFields(start: number, limit: number): number {
    const bytes = this.#bytes
    const table = this.#table
    const rowMax = this.#row + LINE_FIELDS_MAX
    let field = NO_KEY
    for (let at = start; ; at++) {
      const likely = field === NO_KEY ? table.first(this.#series) : table.following(field)
      const likelyEnd = likely === NO_KEY ? -1 : table.endIfAt(likely, bytes, at, limit)
      if (likelyEnd >= 0 && likelyEnd < limit && bytes[likelyEnd] === EQUALS) {
        field = likely
        at = likelyEnd
      } else {
        at = this.#findField(field, at, limit)
        if (at < 0) return at
        field = this.#field
      }
      if (this.#row === this.#columns.capacity) this.#columns.grow()
      at = this.#readValue(at + 1, limit)
      if (at < 0) return at
      this.#columns.fields[this.#row++] = field
      if (at >= limit || bytes[at] !== COMMA) return at
      if (this.#row === rowMax) return this.#fail(`The line has more than ${LINE_FIELDS_MAX} fields`, at)
    }
  }

  /** Searches for the end of a field key and then for the key, which is added when it is new. */
  #findField(previous: number, start: number, limit: number): number {
    const bytes = this.#bytes
    let end = start
    while (end < limit && bytes[end] !== EQUALS && !isEndOfValue(bytes[end])) {
      end += bytes[end] === BACKSLASH && isEscapable(bytes[end + 1]) ? 2 : 1
    }
    if (end === start) return this.#fail('A field has no name', end)
    if (end >= limit || bytes[end] !== EQUALS) {
      return this.#fail(`The field ${quoted(bytes, start, end)} has no value`, end)
    }
    let field = this.#table.find(this.#series, bytes, start, end)
    if (field === NO_KEY) {
      field = this.#table.add(this.#series, bytes, start, end)
      this.#newKeys++
    }
    if (previous === NO_KEY) this.#table.setFirst(this.#series, field)
    else this.#table.setFollowing(previous, field)
    this.#field = field
    return end
  }

  #readValue(start: number, limit: number): number {
    const bytes = this.#bytes
    const isNegative = bytes[start] === MINUS
    const from = isNegative ? start + 1 : start
    let at = from
    let mantissa = 0
    let scale = 0
    for (; at < limit; at++) {
      const digit = bytes[at] ^ ZERO
      if (digit > 9) break
      mantissa = mantissa * 10 + digit
    }
    let digits = at - from
    if (at < limit && bytes[at] === POINT) {
      const point = at++
      for (; at < limit; at++) {
        const digit = bytes[at] ^ ZERO
        if (digit > 9) break
        mantissa = mantissa * 10 + digit
      }
      scale = at - point - 1
      digits += scale
    } else if (at < limit && digits > 0 && (bytes[at] === SIGNED_SUFFIX || bytes[at] === UNSIGNED_SUFFIX)) {
      if (isNegative && (mantissa === 0 || bytes[at] === UNSIGNED_SUFFIX)) {
        return this.#readOtherValue(start, limit)
      }
      at++
    }
    if (digits === 0 || (at < limit && !isEndOfValue(bytes[at]))) return this.#readOtherValue(start, limit)
    if (mantissa > Number.MAX_SAFE_INTEGER || scale > EXACT_POWER_MAX) return this.#readLongNumber(start, at)
    if (scale > 0) mantissa /= POWERS_OF_TEN[scale]
    this.#columns.values[this.#row] = isNegative ? -mantissa : mantissa
    return at
  }

  /** A decimal or an integer of many digits. */
  #readLongNumber(start: number, end: number): number {
    const token = this.#bytes.toString('latin1', start, end)
    const value = Number(token)
    // An integer with its suffix is NaN here, and there are limits to it.
    if (!Number.isFinite(value)) return this.#readOtherValue(start, end)
    this.#columns.values[this.#row] = value
    return end
  }

  /** Texts, booleans, and numbers that are not short decimals. */
  #readOtherValue(start: number, limit: number): number {
    const bytes = this.#bytes
    if (bytes[start] === QUOTE) return this.#readText(start)
    let end = start
    while (end < limit && !isEndOfValue(bytes[end])) end++
    const token = bytes.toString('latin1', start, end)
    if (TRUE_WORDS.has(token)) {
      this.#columns.values[this.#row] = 1
    } else if (FALSE_WORDS.has(token)) {
      this.#columns.values[this.#row] = 0
    } else {
      const number = parseLineNumber(token)
      if (typeof number === 'string') return this.#fail(number, end)
      this.#columns.values[this.#row] = number.value
      if (number.isRounded) this.#roundedCount++
    }
    return end
  }

  #readText(start: number): number {
    const closing = this.#closingQuote(start)
    // What follows may be good lines, so reading goes on with the one after the opening quotation mark.
    if (closing < 0) return this.#fail('A text has no closing quotation mark, or more behind it', start)
    this.#line += this.#countNewlines(start, closing)
    const text = this.#unescapedText(start + 1, closing)
    if (text === undefined) {
      return this.#fail(`A text is longer than ${this.#options.textBytesMax} bytes`, closing + 1)
    }
    this.#columns.values[this.#row] = Number.NaN
    this.#texts.set(this.#row, text)
    return closing + 1
  }

  /** Undefined when it is too long. */
  #unescapedText(start: number, end: number): string | undefined {
    const { textBytesMax } = this.#options
    // A backslash before every byte is the most that there can be of them.
    if (end - start > 2 * textBytesMax) return undefined
    const written = this.#bytes.toString('utf8', start, end)
    const text = written.includes('\\') ? written.replace(/\\(["\\])/g, '$1') : written
    return end - start > textBytesMax && Buffer.byteLength(text) > textBytesMax ? undefined : text
  }

  /** The end of a text that begins at `start`; -1 when there is none, or something follows that may not. */
  #closingQuote(start: number): number {
    const bytes = this.#bytes
    for (let at = bytes.indexOf(QUOTE, start + 1); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
      let backslashes = 0
      while (bytes[at - 1 - backslashes] === BACKSLASH) backslashes++
      if (backslashes % 2 === 1) continue
      return at + 1 === bytes.length || isEndOfValue(bytes[at + 1]) ? at : -1
    }
    return -1
  }

  /** The time, if there is one, and blanks, up to the line end. */
  #readTime(start: number, limit: number): number {
    const bytes = this.#bytes
    let at = start
    while (at < limit && isBlank(bytes[at])) at++
    this.#timeUs = this.#options.nowUs
    if (at < limit && bytes[at] !== NEWLINE) {
      at = this.#readTimeDigits(at, limit)
      if (at < 0) return at
      while (at < limit && isBlank(bytes[at])) at++
    }
    if (at < limit ? bytes[at] === NEWLINE : limit === bytes.length) return at
    return this.#fail('There is something behind the time', at)
  }

  #readTimeDigits(start: number, limit: number): number {
    const bytes = this.#bytes
    const isNegative = bytes[start] === MINUS
    const from = isNegative ? start + 1 : start
    let end = from
    while (end < limit && (bytes[end] ^ ZERO) <= 9) end++
    if (end === from || (end < limit && !isEndOfValue(bytes[end]))) {
      return this.#fail(`The time is no whole number: ${quoted(bytes, start, limit)}`, end)
    }
    const isNanoseconds = this.#options.precision === 'ns'
    const keptEnd = isNanoseconds ? Math.max(from, end - DIGITS_DROPPED) : end
    let units = 0
    for (let at = from; at < keptEnd; at++) units = units * 10 + (bytes[at] ^ ZERO)
    // Times before 1970 go back to the microsecond that they lie in.
    if (isNegative && bytes.subarray(keptEnd, end).some((byte) => byte !== ZERO)) units++
    const timeUs = units * this.#usPerUnit
    if (timeUs > Number.MAX_SAFE_INTEGER) {
      return this.#fail('The time is outside of what can be stored; is the precision right?', end)
    }
    this.#timeUs = isNegative ? 0 - timeUs : timeUs
    return end
  }

  #fail(reason: string, at: number): -1 {
    this.#failure = reason
    this.#failedAt = at
    return -1
  }

  #undoRows(firstRow: number): void {
    // The row that was begun may have a text as well.
    for (let row = firstRow; row <= this.#row && this.#texts.size > 0; row++) this.#texts.delete(row)
    this.#row = firstRow
  }

  #giveUpLine(start: number, limit: number): void {
    const isCut = this.#failedAt >= limit && limit < this.#bytes.length
    const reason = isCut ? `The line is longer than ${LINE_BYTES_MAX} bytes` : this.#failure
    this.#rejectedCount++
    if (this.#listedCount < this.#options.rejectionsListedMax) {
      this.#listedCount++
      this.#rejected.push({ line: this.#line, reason })
    }
    const end = this.#lineEndFrom(this.#failedAt)
    this.#line += this.#countNewlines(start, end)
    this.#endLine(end)
  }

  #endLine(newlineAt: number): void {
    this.#at = newlineAt + 1
    this.#line++
  }

  /** The line end at or after `at` that is not within a text. */
  #lineEndFrom(start: number): number {
    const bytes = this.#bytes
    let at = start
    let newline = this.#newlineFrom(at)
    for (;;) {
      const opened = bytes.subarray(at, newline).indexOf('="')
      if (opened < 0) return newline
      const quote = at + opened + 1
      const closing = this.#closingQuote(quote)
      at = closing < 0 ? quote : closing
      if (at > newline) newline = this.#newlineFrom(at)
    }
  }

  #newlineFrom(at: number): number {
    const newline = this.#bytes.indexOf(NEWLINE, at)
    return newline < 0 ? this.#bytes.length : newline
  }

  #countNewlines(start: number, end: number): number {
    let count = 0
    for (let at = this.#newlineFrom(start); at < end; at = this.#newlineFrom(at + 1)) count++
    return count
  }
}

function isBlank(byte: number): boolean {
  return byte === BLANK || byte === TAB || byte === RETURN
}

function isEndOfValue(byte: number): boolean {
  return byte === COMMA || byte === BLANK || byte === NEWLINE || byte === RETURN
}

/** What may stand behind a backslash that takes its meaning away. */
function isEscapable(byte: number | undefined): boolean {
  return byte === COMMA || byte === BLANK || byte === EQUALS
}

const QUOTED_BYTES_MAX = 40

function quoted(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, Math.min(end, start + QUOTED_BYTES_MAX))
  return JSON.stringify(text.split(/[\n\r]/, 1)[0])
}
