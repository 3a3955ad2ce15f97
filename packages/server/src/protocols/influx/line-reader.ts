/**
 * Reads the lines of one body, slice by slice. What mostly comes, a known series with known fields and short
 * decimals, is read without making a string; for everything else there is a slower way behind the fast one.
 */
import {
  closingQuote,
  countNewlines,
  isBlank,
  isEndOfValue,
  isEscapable,
  lineEndFrom,
  newlineFrom,
  quoted,
  unescapedText,
} from './line-bytes.ts'
import { LineColumns } from './line-columns.ts'
import { parseLineNumber } from './line-number.ts'
import type { LineLimits, LineOptions, LineRejection, LineSlice } from './line-slice.ts'
import { US_PER_UNIT } from './precision.ts'
import { parseSeries } from './series-name.ts'
import { NO_KEY, type SeriesTable } from './series-table.ts'

/** Where a reader gets what it writes a slice into. */
export interface SliceSource {
  takeTable(): SeriesTable
  takeColumns(): LineColumns
}

/** A slice ends with the line in which it becomes as long as it may be, or has met so many new keys. */
const SLICE_BYTES = 128 * 1_024
const SLICE_NEW_KEYS = 1_000

/** Measurement and tags of one line; names that are allowed are shorter. */
const KEY_BYTES_MAX = 4 * 1_024
const LINE_BYTES_MAX = 512 * 1_024
const LINE_FIELDS_MAX = 10_000

const NO_COLUMNS = new LineColumns(0)

/** Up to here a power of ten is exact, and so an exact integer divided by it gives the nearest float64. */
const EXACT_POWER_MAX = 22
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_POWER_MAX + 1 }, (_, i) => Number(`1e${i}`))
/** Of nanoseconds, behind the microsecond. */
const DIGITS_DROPPED = 3

// Here again, because constants of another module are looked up at every use.
const NEWLINE = 0x0a
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

/** Reads one body from its beginning to its end. The methods that read something take and give positions. */
export class LineReader {
  readonly #source: SliceSource
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

  constructor(source: SliceSource, body: Buffer, options: LineOptions & LineLimits) {
    this.#source = source
    this.#bytes = body
    this.#options = options
    this.#usPerUnit = US_PER_UNIT[options.precision]
    this.#table = source.takeTable()
    this.#project = this.#table.project(options.projectId)
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** The next lines, up to the one in which there are `sliceBytes` of them. */
  read(sliceBytes = SLICE_BYTES): LineSlice {
    this.#beginSlice()
    const sliceEnd = Math.min(this.#at + sliceBytes, this.#bytes.length)
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
    const table = this.#source.takeTable()
    if (table !== this.#table) {
      this.#table = table
      this.#project = table.project(this.#options.projectId)
      this.#series = NO_KEY
    }
    this.#columns = this.#source.takeColumns()
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
      this.#endLine(newlineFrom(this.#bytes, start))
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
    const number = parseLineNumber(bytes.toString('latin1', start, end))
    if (typeof number === 'string') return this.#fail(number, end)
    this.#columns.values[this.#row] = number.value
    if (number.isRounded) this.#roundedCount++
    return end
  }

  #readText(start: number): number {
    const closing = closingQuote(this.#bytes, start)
    // What follows may be good lines, so reading goes on with the one after the opening quotation mark.
    if (closing < 0) return this.#fail('A text has no closing quotation mark, or more behind it', start)
    this.#line += countNewlines(this.#bytes, start, closing)
    const bytesMax = this.#options.textBytesMax
    const text = unescapedText(this.#bytes, { start: start + 1, end: closing, bytesMax })
    if (text === undefined) return this.#fail(`A text is longer than ${bytesMax} bytes`, closing + 1)
    this.#columns.values[this.#row] = Number.NaN
    this.#texts.set(this.#row, text)
    return closing + 1
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
    const end = lineEndFrom(this.#bytes, this.#failedAt)
    this.#line += countNewlines(this.#bytes, start, end)
    this.#endLine(end)
  }

  #endLine(newlineAt: number): void {
    this.#at = newlineAt + 1
    this.#line++
  }
}
