/**
 * What threads see of a head: points that are durable in the log but not yet in chunks. The memory is shared,
 * so that a worker reads it in place while the owner goes on appending. Rows are in the order of arrival;
 * those of one stream are chained from the newest back.
 */
import { EMPTY_RUN, type Run, sliceRows, sortedRun } from './run.ts'

/** Rows count from 1 in links, so that fresh memory means "nothing". */
const NONE = 0

/** Points that are sorted by stream at a time: 8 MB of them. */
const SORTED_POINTS_MAX = 512 * 1_024

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
   * be appending. Rows are sorted by stream a part of the streams at a time, in memory for so many points.
   */
  forEachRun(visit: (streamId: number, run: Run) => void): void {
    const counts = this.#counts
    for (let from = 0, to = 0; from < counts.length; from = to) {
      const offsets = new Uint32Array(counts.length - from + 1)
      let count = 0
      for (; to < counts.length && (count === 0 || count + counts[to] <= SORTED_POINTS_MAX); to++) {
        offsets[to - from] = count
        count += counts[to]
      }
      if (count > 0) this.#sortRows(from, to, offsets, count, visit)
    }
  }

  #sortRows(
    from: number,
    to: number,
    offsets: Uint32Array,
    count: number,
    visit: (streamId: number, run: Run) => void,
  ): void {
    const timesUs = new Float64Array(count)
    const values = new Float64Array(count)
    const texts = new Map<number, Map<number, string>>()
    const ends = offsets.slice(0, to - from)
    const [streamIds, headTimesUs, headValues] = [this.#streamIds, this.#timesUs, this.#values]
    for (let row = 0; row < this.rowCount; row++) {
      const streamId = streamIds[row]
      if (streamId < from || streamId >= to) continue
      const at = ends[streamId - from]++
      timesUs[at] = headTimesUs[row]
      values[at] = headValues[row]
      if (this.#marks[streamId] & HAS_TEXT && Number.isNaN(values[at])) {
        const own = texts.get(streamId) ?? new Map<number, string>()
        texts.set(streamId, own.set(at - offsets[streamId - from], this.#text(row)))
      }
    }
    for (let streamId = from; streamId < to; streamId++) {
      const [start, end] = [offsets[streamId - from], ends[streamId - from]]
      if (start === end) continue
      const columns = { timesUs: timesUs.subarray(start, end), values: values.subarray(start, end) }
      const own = texts.get(streamId)
      const run = own ? { ...columns, texts: own } : columns
      visit(streamId, this.#marks[streamId] & UNORDERED ? sortedRun(run) : run)
    }
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
