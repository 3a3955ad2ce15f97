/**
 * CSV as records, from text that comes in pieces. A record is a line; with quotation marks it may be several.
 *
 * One malformed record must not take the rest of the file with it, so a line whose quotation marks make no
 * sense is given up alone and reading goes on at the next. Most lines have none and are merely cut.
 */
import { CsvError } from 'csv-parse'
import { parse } from 'csv-parse/sync'

export interface CsvRecord {
  /** Line of the file on which the record begins, from 1. */
  readonly line: number
  /** Without blanks around them; not all of them are empty. */
  readonly cells: readonly string[]
}

/** A line, or the lines of a record, that could not be read. */
export interface BadLine {
  readonly line: number
  readonly problem: string
}

/** Characters of one record, line breaks included; what is longer is another kind of file. */
export const RECORD_CHARS_MAX = 1024 * 1024

const QUOTE = '"'

/** Keeps what is not a whole record yet, so at most `RECORD_CHARS_MAX` and one piece. */
export class CsvRecordReader {
  readonly #delimiter: string
  /** The begin of a line whose end has not come. */
  #rest = ''
  /** Lines of a record with an open quotation mark. */
  #open: string[] = []
  /** Of the first of these, or else of the line that comes next. */
  #line = 1
  /** Within a line that is too long and was reported. */
  #isSkipping = false

  constructor(delimiter: string) {
    this.#delimiter = delimiter
  }

  /** The records that this piece of text completes. */
  push(text: string): (CsvRecord | BadLine)[] {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    const found = this.#read(this.#withoutSkipped(lines), false)
    if (this.#rest.length > RECORD_CHARS_MAX) this.#skipLongLine(found)
    return found
  }

  /** What is left at the end of the file. */
  end(): (CsvRecord | BadLine)[] {
    const lines = this.#rest === '' ? [] : [this.#rest]
    this.#rest = ''
    return this.#read(this.#withoutSkipped(lines), true)
  }

  /** Line numbers read so far; a line that has not ended does not count. */
  get lineCount(): number {
    return this.#line - 1
  }

  #withoutSkipped(lines: string[]): string[] {
    if (!this.#isSkipping || lines.length === 0) return lines
    this.#isSkipping = false
    this.#line++
    return lines.slice(1)
  }

  /** Reported once; the text is dropped as it comes. */
  #skipLongLine(found: (CsvRecord | BadLine)[]): void {
    this.#rest = ''
    if (this.#isSkipping) return
    // An open record before it can only be closed by the long line, and would be too long with it.
    found.push(...this.#read([], true))
    found.push({ line: this.#line, problem: `The line is longer than ${RECORD_CHARS_MAX} characters` })
    this.#isSkipping = true
  }

  #read(more: readonly string[], isEnd: boolean): (CsvRecord | BadLine)[] {
    const lines = this.#open.length === 0 ? more : [...this.#open, ...more]
    const found: (CsvRecord | BadLine)[] = []
    let next = 0
    while (next < lines.length) {
      const line = this.#line
      const extent = extentOf(lines, next)
      if (extent === 'open' && !isEnd) break
      const count = typeof extent === 'number' ? extent : 1
      const text = count === 1 ? lines[next] : lines.slice(next, next + count).join('\n')
      const cells = typeof extent === 'number' ? this.#cells(text) : undefined
      const taken = cells === undefined ? 1 : count
      if (cells === undefined) found.push({ line, problem: 'A quotation mark is out of place' })
      else if (cells.length > 0) found.push({ line, cells })
      next += taken
      this.#line += taken
    }
    this.#open = lines.slice(next)
    return found
  }

  /** None for an empty line, undefined when quotation marks are out of place. */
  #cells(text: string): string[] | undefined {
    const cells = text.includes(QUOTE) ? quotedCells(text, this.#delimiter) : text.split(this.#delimiter)
    const trimmed = cells?.map((cell) => cell.trim())
    return trimmed?.every((cell) => cell === '') ? [] : trimmed
  }
}

/**
 * How many lines the record that begins here has: its quotation marks must be even in number.
 * `open` when that takes lines that have not come, `too long` when it takes more than a record may have.
 */
function extentOf(lines: readonly string[], first: number): number | 'open' | 'too long' {
  if (!lines[first].includes(QUOTE)) return 1
  let isOpen = false
  let charCount = 0
  for (let i = first; i < lines.length; i++) {
    if (countQuotes(lines[i]) % 2 === 1) isOpen = !isOpen
    if (!isOpen) return i - first + 1
    charCount += lines[i].length + 1
    if (charCount > RECORD_CHARS_MAX) return 'too long'
  }
  return 'open'
}

function countQuotes(text: string): number {
  let count = 0
  for (let at = text.indexOf(QUOTE); at >= 0; at = text.indexOf(QUOTE, at + 1)) count++
  return count
}

/** Undefined when a quotation mark is out of place. */
function quotedCells(text: string, delimiter: string): string[] | undefined {
  try {
    const records = parse(text, { delimiter, record_delimiter: '\0', relax_column_count: true, trim: true })
    return records.length === 1 ? records[0] : undefined
  } catch (error) {
    if (error instanceof CsvError) return undefined
    throw error
  }
}
