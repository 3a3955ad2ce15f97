/**
 * Imports a CSV file of any shape that has one column of times: every other column is a variable. The file
 * streams through in batches, and no more of it is read than has been stored.
 *
 * Unlike a request, an import is not stored whole or not at all. A row, or a cell, that cannot be stored is
 * reported and left out; after a failure everything up to some line is there, and importing the same file
 * again writes the same points over it.
 */
import { setTimeout } from 'node:timers/promises'
import type { Limits } from '../config.ts'
import { InvalidError, OverloadedError, TooLargeError } from '../errors.ts'
import { PointBatchBuilder } from '../model/point-batch.ts'
import type { ZoneClock } from '../model/zone-clock.ts'
import { type CsvColumns, type CsvLayout, readHeader } from './csv-columns.ts'
import { type BadLine, type CsvRecord, CsvRecordReader } from './csv-records.ts'
import { parseTimeFormat, type TimeReader } from './csv-time.ts'
import type { IngestResult, IngestService, NamedBatch } from './ingest-service.ts'
import type { ResolveScope, SeriesName } from './name-resolver.ts'

export interface CsvImportRequest {
  readonly scope: ResolveScope
  /** UTF-8; a byte order mark may be there. */
  readonly source: AsyncIterable<Uint8Array>
  readonly layout: CsvLayout
  /** One character. */
  readonly delimiter: string
  readonly decimal: 'point' | 'comma'
  /** `iso`, `s`, `ms`, `us`, `ns`, or a pattern such as `D MMM YYYY HH:mm:ss`. */
  readonly timeFormat: string
  /** Of times that name no zone. */
  readonly zone: ZoneClock
  readonly onEvent?: (event: CsvImportEvent) => void
  /** Ends the import between two batches. */
  readonly signal?: AbortSignal
}

/** How far an import has come. */
export interface CsvImportCounts {
  /** Lines of the file, the header and empty ones included. */
  readonly lines: number
  /** Stored, and durable. */
  readonly points: number
  /** Rows, and single cells of rows, that could not be stored. */
  readonly rejected: number
}

export type CsvImportEvent =
  | ({ readonly kind: 'progress' } & CsvImportCounts)
  /** Only the first `rejectionsListedMax`. */
  | { readonly kind: 'rejected'; readonly line: number; readonly reason: string }

/** A store takes half a million at once; so many are durable within a few milliseconds. */
const BATCH_POINTS = 50_000
const BATCH_TEXT_CHARS = 8 * 1024 * 1024
/** How long a full queue is waited for, batch by batch. */
const OVERLOADED_ATTEMPTS = 60
const OVERLOADED_WAIT_MS_MAX = 1_000
/** Each has a reader of its own and a place in every batch. */
const DEVICES_MAX = 100_000

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
/** What programs write where they have no value. */
const NOTHING = /^(?:|nan|null)$/i
const QUOTED_CHARS_MAX = 60

/**
 * Resolves once every good row is stored.
 * @throws {InvalidError} a header or a format that does not go with the request; nothing was stored.
 * @throws {TooLargeError} the file is over `importBytesMax`, or names too many devices or streams.
 * @throws {OverloadedError} the store stayed behind for a minute.
 */
export async function importCsv(
  { ingest, limits }: { ingest: IngestService; limits: Limits },
  request: CsvImportRequest,
): Promise<CsvImportCounts> {
  const rows = new CsvImport(ingest, limits, request)
  const records = new CsvRecordReader(request.delimiter)
  const decoder = new TextDecoder()
  let byteCount = 0
  for await (const chunk of request.source) {
    request.signal?.throwIfAborted()
    byteCount += chunk.length
    if (byteCount > limits.importBytesMax) {
      throw new TooLargeError(`The file has over ${limits.importBytesMax} bytes; import it in parts`)
    }
    await rows.take(records.push(decoder.decode(chunk, { stream: true })), records.lineCount)
  }
  await rows.take([...records.push(decoder.decode()), ...records.end()], records.lineCount)
  return rows.finish()
}

class CsvImport {
  readonly #ingest: IngestService
  readonly #limits: Limits
  readonly #request: CsvImportRequest
  readonly #openTimes: () => TimeReader
  #columns: CsvColumns | undefined
  /** By device. */
  readonly #times = new Map<string, TimeReader>()
  #batch = new CsvBatch()
  #lines = 0
  #points = 0
  #rejected = 0

  constructor(ingest: IngestService, limits: Limits, request: CsvImportRequest) {
    this.#ingest = ingest
    this.#limits = limits
    this.#request = request
    this.#openTimes = parseTimeFormat(request.timeFormat, request.zone)
  }

  /** Stores on the way whatever fills a batch. */
  async take(records: readonly (CsvRecord | BadLine)[], lineCount: number): Promise<void> {
    for (const record of records) {
      if (this.#columns === undefined) this.#readHeader(record)
      else if ('problem' in record) this.#reject(record.line, record.problem)
      else this.#readRow(record, this.#columns)
      if (this.#batch.isFull) await this.#store()
    }
    this.#lines = lineCount
    if (this.#columns !== undefined) this.#report()
  }

  async finish(): Promise<CsvImportCounts> {
    if (this.#columns === undefined) {
      throw new InvalidError('The file is empty; its first line must name the columns')
    }
    await this.#store()
    return { lines: this.#lines, points: this.#points, rejected: this.#rejected }
  }

  #readHeader(record: CsvRecord | BadLine): void {
    if ('problem' in record) throw new InvalidError(`The header cannot be read: ${record.problem}`)
    this.#columns = readHeader(record.cells, this.#request.layout)
    this.#lines = record.line
    this.#report()
  }

  #readRow({ line, cells }: CsvRecord, columns: CsvColumns): void {
    if (cells.length !== columns.count) {
      this.#reject(line, `It has ${cells.length} cells; the header has ${columns.count}`)
      return
    }
    const { device: given } = this.#request.layout
    const device = 'name' in given ? given.name : cells[columns.device ?? 0]
    if (device === '') {
      this.#reject(line, 'The cell of the device is empty')
      return
    }
    const timeUs = this.#timesOf(device)(cells[columns.time])
    if (timeUs === undefined) {
      this.#reject(line, `${quote(cells[columns.time])} is no time of the format ${this.#request.timeFormat}`)
      return
    }
    this.#batch.startRow(line, device)
    for (const { index, name } of columns.variables) {
      const cell = cells[index]
      if (NOTHING.test(cell)) continue
      const value = this.#valueOf(cell)
      if (typeof value === 'string' && value.includes('\ufffd')) {
        this.#reject(line, `${name}: the text is not UTF-8`)
      } else {
        this.#batch.add(name, timeUs, value)
      }
    }
  }

  #valueOf(cell: string): number | string {
    const text = this.#request.decimal === 'comma' ? cell.replace(',', '.') : cell
    return NUMBER.test(text) ? Number(text) : cell
  }

  #timesOf(device: string): TimeReader {
    const known = this.#times.get(device)
    if (known !== undefined) return known
    if (this.#times.size === DEVICES_MAX) {
      throw new TooLargeError(`The file names over ${DEVICES_MAX} devices; import it in parts`)
    }
    const times = this.#openTimes()
    this.#times.set(device, times)
    return times
  }

  async #store(): Promise<void> {
    const batch = this.#batch
    this.#batch = new CsvBatch()
    const { acceptedCount, rejectedCount, rejected } = await this.#write(batch.columns())
    this.#points += acceptedCount
    for (const { row, reason } of rejected) this.#reject(batch.lineOf(row), `${batch.nameOf(row)}: ${reason}`)
    this.#rejected += rejectedCount - rejected.length
    this.#lines = Math.max(this.#lines, batch.lastLine)
    this.#report()
    this.#request.signal?.throwIfAborted()
  }

  /** Nobody waits for the answer to an import as for that to a request, so that a full queue is waited out. */
  async #write(batch: NamedBatch): Promise<IngestResult> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#ingest.writeNamed(this.#request.scope, batch)
      } catch (error) {
        if (!(error instanceof OverloadedError) || attempt === OVERLOADED_ATTEMPTS) throw error
        await setTimeout(Math.min(error.retryAfterMs, OVERLOADED_WAIT_MS_MAX))
        this.#request.signal?.throwIfAborted()
      }
    }
  }

  #reject(line: number, reason: string): void {
    this.#rejected++
    if (this.#rejected > this.#limits.rejectionsListedMax) return
    this.#request.onEvent?.({ kind: 'rejected', line, reason })
  }

  #report(): void {
    const counts = { lines: this.#lines, points: this.#points, rejected: this.#rejected }
    this.#request.onEvent?.({ kind: 'progress', ...counts })
  }
}

/** Points on their way to the store, and the lines that they came from. */
class CsvBatch {
  /** Its stream numbers are positions in `#series`. */
  readonly #points = new PointBatchBuilder(1_024)
  readonly #series: SeriesName[] = []
  readonly #lines: number[] = []
  readonly #names: string[] = []
  /** By device and then by variable. */
  readonly #indexes = new Map<string, Map<string, number>>()
  #device = ''
  #indexesOfDevice = new Map<string, number>()
  #line = 0
  #textChars = 0

  get isFull(): boolean {
    return this.#points.rowCount >= BATCH_POINTS || this.#textChars >= BATCH_TEXT_CHARS
  }

  get lastLine(): number {
    return this.#line
  }

  startRow(line: number, device: string): void {
    this.#line = line
    if (device === this.#device) return
    this.#device = device
    this.#indexesOfDevice = this.#indexes.get(device) ?? new Map()
    this.#indexes.set(device, this.#indexesOfDevice)
  }

  add(variable: string, timeUs: number, value: number | string): void {
    this.#points.add(this.#indexOf(variable), timeUs, value)
    this.#lines.push(this.#line)
    this.#names.push(variable)
    if (typeof value === 'string') this.#textChars += value.length
  }

  columns(): NamedBatch {
    const { streamIds, ...columns } = this.#points.take()
    return { ...columns, series: this.#series, seriesOf: streamIds }
  }

  lineOf(row: number): number {
    return this.#lines[row]
  }

  /** The variable of a row. */
  nameOf(row: number): string {
    return this.#names[row]
  }

  #indexOf(variable: string): number {
    const known = this.#indexesOfDevice.get(variable)
    if (known !== undefined) return known
    this.#series.push({ device: this.#device, variable })
    this.#indexesOfDevice.set(variable, this.#series.length - 1)
    return this.#series.length - 1
  }
}

function quote(cell: string): string {
  return JSON.stringify(cell.length <= QUOTED_CHARS_MAX ? cell : `${cell.slice(0, QUOTED_CHARS_MAX)}…`)
}
