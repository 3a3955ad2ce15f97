/**
 * What threads see of a head: points that are durable in the log but not yet in chunks. The memory is shared,
 * so that a worker reads it in place while the owner goes on appending. Rows are in the order of arrival;
 * those of one stream are chained from the newest back.
 */
import { BLOCK_STREAMS } from './pack.ts'
import { EMPTY_RUN, type Run, sliceRows, sortedRun } from './run.ts'

/** Rows count from 1 in links, so that fresh memory means "nothing". */
const NONE = 0

/** Set once for a stream whose times do not ascend, and for one that has a text. */
export const UNORDERED = 1
export const HAS_TEXT = 2

/** Can be sent to a worker. Columns have an entry per row; what begins with `stream` has one per stream number. */
export interface HeadMemory {
  readonly generation: number
  /** Rows that a reader may look at; more may have been appended since. */
  readonly rowCount: number
  readonly timesUs: SharedArrayBuffer
  /** A text's row is a NaN whose low 32 bits say where the text is in `texts`. */
  readonly values: SharedArrayBuffer
  readonly streamIds: SharedArrayBuffer
  /** Link to the row before of the same stream. */
  readonly previous: SharedArrayBuffer
  readonly streamNewest: SharedArrayBuffer
  readonly streamCounts: SharedArrayBuffer
  readonly streamMarks: SharedArrayBuffer
  /** Byte length, 4 bytes, and the text in UTF-8; one after the other. */
  readonly texts: SharedArrayBuffer
}

export class HeadView {
  readonly generation: number
  /** The owner moves it on as it appends. */
  rowCount: number
  #timesUs: Float64Array
  #values: Float64Array
  #words: Uint32Array
  #streamIds: Uint32Array
  #previous: Uint32Array
  #newest: Uint32Array
  #counts: Uint32Array
  #marks: Uint8Array
  #texts: Buffer

  constructor(memory: HeadMemory) {
    this.generation = memory.generation
    this.rowCount = memory.rowCount
    this.#timesUs = new Float64Array(memory.timesUs)
    this.#values = new Float64Array(memory.values)
    this.#words = new Uint32Array(memory.values)
    this.#streamIds = new Uint32Array(memory.streamIds)
    this.#previous = new Uint32Array(memory.previous)
    this.#newest = new Uint32Array(memory.streamNewest)
    this.#counts = new Uint32Array(memory.streamCounts)
    this.#marks = new Uint8Array(memory.streamMarks)
    this.#texts = Buffer.from(memory.texts)
  }

  has(streamId: number): boolean {
    return streamId < this.#newest.length && this.#newest[streamId] !== NONE
  }

  /** Calls back with the numbers of rows `from …`, in the order of arrival; a text is NaN. */
  forEachRow(from: number, visit: (streamId: number, timeUs: number, value: number) => void): void {
    for (let row = from; row < this.rowCount; row++) {
      visit(this.#streamIds[row], this.#timesUs[row], this.#values[row])
    }
  }

  /**
   * Calls back with all points of every stream, streams ascending; a run is good until the next call. Nobody may
   * be appending. Rows are divided by blocks of streams first, so that sorting those of a block stays in the
   * processor's caches.
   */
  forEachRun(visit: (streamId: number, run: Run) => void): void {
    const { rows, ends } = this.#rowsByBlock()
    for (let block = 0, start = 0; block < ends.length; start = ends[block++]) {
      if (ends[block] > start) this.#sortBlock(block, rows.subarray(start, ends[block]), visit)
    }
  }

  /** Row numbers by block, and where those of each block end. */
  #rowsByBlock(): { rows: Uint32Array; ends: Uint32Array } {
    const ends = new Uint32Array(Math.ceil(this.#counts.length / BLOCK_STREAMS))
    const streamIds = this.#streamIds
    for (let block = 0, start = 0; block < ends.length; block++) {
      ends[block] = start
      const toStream = Math.min((block + 1) * BLOCK_STREAMS, this.#counts.length)
      for (let id = block * BLOCK_STREAMS; id < toStream; id++) start += this.#counts[id]
    }
    const rows = new Uint32Array(this.rowCount)
    for (let row = 0; row < rows.length; row++) rows[ends[Math.floor(streamIds[row] / BLOCK_STREAMS)]++] = row
    return { rows, ends }
  }

  #sortBlock(block: number, rows: Uint32Array, visit: (streamId: number, run: Run) => void): void {
    const [streamIds, headTimesUs, headValues] = [this.#streamIds, this.#timesUs, this.#values]
    const firstStream = block * BLOCK_STREAMS
    const ends = new Uint32Array(BLOCK_STREAMS)
    for (let slot = 1; slot < BLOCK_STREAMS; slot++)
      ends[slot] = ends[slot - 1] + this.#countOf(firstStream + slot - 1)
    const starts = ends.slice()
    const timesUs = new Float64Array(rows.length)
    const values = new Float64Array(rows.length)
    const order = new Uint32Array(rows.length)
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]
      const at = ends[streamIds[row] - firstStream]++
      timesUs[at] = headTimesUs[row]
      values[at] = headValues[row]
      order[at] = row
    }
    for (let slot = 0; slot < BLOCK_STREAMS; slot++) {
      const [start, end] = [starts[slot], ends[slot]]
      if (start === end) continue
      const marks = this.#marks[firstStream + slot]
      const columns = { timesUs: timesUs.subarray(start, end), values: values.subarray(start, end) }
      const run = marks & HAS_TEXT ? this.#withTexts(columns, order.subarray(start, end)) : columns
      visit(firstStream + slot, marks & UNORDERED ? sortedRun(run) : run)
    }
  }

  #countOf(streamId: number): number {
    return streamId < this.#counts.length ? this.#counts[streamId] : 0
  }

  /** Columns of a stream with the texts of its rows. */
  #withTexts(columns: Run, rows: Uint32Array): Run {
    const texts = new Map<number, string>()
    for (const [i, row] of rows.entries()) {
      if (Number.isNaN(columns.values[i])) texts.set(i, this.#text(row))
    }
    return { ...columns, texts }
  }

  /** All points of a stream as a run: sorted, and of equal times only the one that came last. */
  run(streamId: number): Run {
    if (!this.has(streamId)) return EMPTY_RUN
    let link = this.#newest[streamId]
    while (link > this.rowCount) link = this.#previous[link - 1]
    // The owner may be counting rows already that are none for this reader: those stay empty, in front.
    const count = this.#counts[streamId]
    const timesUs = new Float64Array(count)
    const values = new Float64Array(count)
    const texts = this.#marks[streamId] & HAS_TEXT ? new Map<number, string>() : undefined
    let at = count
    for (; link !== NONE; link = this.#previous[link - 1]) {
      at--
      timesUs[at] = this.#timesUs[link - 1]
      values[at] = this.#values[link - 1]
      if (texts && Number.isNaN(values[at])) texts.set(at, this.#text(link - 1))
    }
    const run = sliceRows(
      texts && texts.size > 0 ? { timesUs, values, texts } : { timesUs, values },
      at,
      count,
    )
    return this.#marks[streamId] & UNORDERED ? sortedRun(run) : run
  }

  #text(row: number): string {
    const at = this.#words[2 * row]
    const length = this.#texts.readUInt32LE(at)
    return this.#texts.toString('utf8', at + 4, at + 4 + length)
  }
}
