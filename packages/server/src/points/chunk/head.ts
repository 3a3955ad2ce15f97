/**
 * Points that are durable in the log but not yet in chunks, in the order of arrival. Rows of one stream
 * are chained from the newest back, so that one stream is read without looking at the others.
 */
import type { PointBatch } from '../../model/point-batch.ts'
import { EMPTY_RUN, type Run } from './run.ts'

/** Where a chain ends; rows count from 1 in the links, so that fresh memory means "nothing". */
const NONE = 0

export class Head {
  readonly generation: number
  #timesUs: Float64Array
  #values: Float64Array
  /** Link to the row before of the same stream. */
  #previous: Uint32Array
  #texts = new Map<number, string>()
  #count = 0
  /** By stream number: link to its newest row, number of rows, and whether a time was not later than the last. */
  #newest = new Uint32Array(1_024)
  #counts = new Uint32Array(1_024)
  #unordered = new Uint8Array(1_024)
  #streamIds: number[] = []

  constructor(generation: number, pointsMax: number) {
    this.generation = generation
    this.#timesUs = new Float64Array(pointsMax)
    this.#values = new Float64Array(pointsMax)
    this.#previous = new Uint32Array(pointsMax)
  }

  get pointCount(): number {
    return this.#count
  }

  hasRoomFor(count: number): boolean {
    return this.#count + count <= this.#timesUs.length
  }

  /** Takes all points of a batch; a batch larger than what is left makes the head grow. */
  append(batch: PointBatch): void {
    const rowCount = batch.timesUs.length
    if (!this.hasRoomFor(rowCount)) this.#grow(this.#count + rowCount)
    this.#timesUs.set(batch.timesUs, this.#count)
    this.#values.set(batch.values, this.#count)
    for (let i = 0; i < rowCount; i++) this.#link(batch.streamIds[i], this.#count + i)
    for (const [row, text] of batch.texts ?? []) this.#texts.set(this.#count + row, text)
    this.#count += rowCount
  }

  /** Streams that have points here, ascending. */
  streamIds(): Uint32Array {
    return Uint32Array.from(this.#streamIds).sort()
  }

  /** All points of a stream as a run: sorted, and of equal times only the one that came last. */
  run(streamId: number): Run {
    let link = streamId < this.#newest.length ? this.#newest[streamId] : NONE
    if (link === NONE) return EMPTY_RUN
    const count = this.#counts[streamId]
    const rows = new Uint32Array(count)
    for (let i = count - 1; i >= 0; i--) {
      rows[i] = link - 1
      link = this.#previous[link - 1]
    }
    return this.#columns(this.#unordered[streamId] === 0 ? rows : this.#sorted(rows))
  }

  #link(streamId: number, row: number): void {
    if (streamId >= this.#newest.length) this.#growStreams(streamId + 1)
    const newest = this.#newest[streamId]
    if (newest === NONE) this.#streamIds.push(streamId)
    else if (this.#timesUs[newest - 1] >= this.#timesUs[row]) this.#unordered[streamId] = 1
    this.#previous[row] = newest
    this.#newest[streamId] = row + 1
    this.#counts[streamId]++
  }

  /** Rows by time, those of equal time by arrival, of which the last is kept. */
  #sorted(rows: Uint32Array): Uint32Array {
    const timesUs = this.#timesUs
    rows.sort((a, b) => timesUs[a] - timesUs[b] || a - b)
    let kept = 0
    for (let i = 0; i < rows.length; i++) {
      if (i + 1 < rows.length && timesUs[rows[i]] === timesUs[rows[i + 1]]) continue
      rows[kept++] = rows[i]
    }
    return rows.subarray(0, kept)
  }

  #columns(rows: Uint32Array): Run {
    const timesUs = new Float64Array(rows.length)
    const values = new Float64Array(rows.length)
    const texts = new Map<number, string>()
    for (let i = 0; i < rows.length; i++) {
      const value = this.#values[rows[i]]
      timesUs[i] = this.#timesUs[rows[i]]
      values[i] = value
      // A number is never NaN, so only texts are looked up.
      if (Number.isNaN(value)) texts.set(i, this.#texts.get(rows[i])!)
    }
    return texts.size === 0 ? { timesUs, values } : { timesUs, values, texts }
  }

  #grow(pointsMax: number): void {
    this.#timesUs = resized(this.#timesUs, new Float64Array(pointsMax))
    this.#values = resized(this.#values, new Float64Array(pointsMax))
    this.#previous = resized(this.#previous, new Uint32Array(pointsMax))
  }

  #growStreams(streamCount: number): void {
    const capacity = Math.max(streamCount, 2 * this.#newest.length)
    this.#newest = resized(this.#newest, new Uint32Array(capacity))
    this.#counts = resized(this.#counts, new Uint32Array(capacity))
    this.#unordered = resized(this.#unordered, new Uint8Array(capacity))
  }
}

/** Copies into a longer column. */
function resized<T extends Float64Array | Uint32Array | Uint8Array>(from: T, into: T): T {
  into.set(from)
  return into
}
