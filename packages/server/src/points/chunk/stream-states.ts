/**
 * First time, last time and last value of every stream, by stream number: what `latest` and `extent`
 * answer from without touching a chunk. `stream-blocks.ts` keeps the same facts in the database.
 */
import type { PointBatch, PointValue } from '../../model/point-batch.ts'
import type { LatestColumns } from '../point-store.ts'
import type { StreamFacts } from './stream-blocks.ts'

export class StreamStates {
  #firstUs = new Float64Array(1_024).fill(Number.NaN)
  #lastUs = new Float64Array(1_024).fill(Number.NaN)
  #last = new Float64Array(1_024)
  #lastTexts = new Map<number, string>()
  #count = 0

  /** Streams that have a point. */
  get streamCount(): number {
    return this.#count
  }

  latest(streamIds: Uint32Array): LatestColumns {
    const timesUs = new Float64Array(streamIds.length)
    const values = new Float64Array(streamIds.length)
    const texts = new Map<number, string>()
    for (let i = 0; i < streamIds.length; i++) {
      const streamId = streamIds[i]
      timesUs[i] = this.#lastUs[streamId] ?? Number.NaN
      values[i] = Number.NaN
      if (Number.isNaN(timesUs[i])) continue
      const text = this.#lastTexts.size > 0 ? this.#lastTexts.get(streamId) : undefined
      if (text === undefined) values[i] = this.#last[streamId]
      else texts.set(i, text)
    }
    return texts.size === 0 ? { timesUs, values } : { timesUs, values, texts }
  }

  /** First and last time over all of these streams. */
  extent(streamIds: Uint32Array): { firstUs: number; lastUs: number } | undefined {
    let firstUs = Number.POSITIVE_INFINITY
    let lastUs = Number.NEGATIVE_INFINITY
    for (const streamId of streamIds) {
      if (this.#firstUs[streamId] < firstUs) firstUs = this.#firstUs[streamId]
      if (this.#lastUs[streamId] > lastUs) lastUs = this.#lastUs[streamId]
    }
    return firstUs <= lastUs ? { firstUs, lastUs } : undefined
  }

  /** For when the oldest points of a stream are gone; NaN when all are. */
  setFirst(streamId: number, firstUs: number): void {
    if (Number.isNaN(firstUs)) this.set(streamId, undefined)
    else this.#firstUs[streamId] = firstUs
  }

  /** Takes note of points that have just become visible, in the order of arrival. */
  apply(batch: PointBatch): void {
    for (let row = 0; row < batch.timesUs.length; row++) {
      const streamId = batch.streamIds[row]
      const timeUs = batch.timesUs[row]
      if (streamId >= this.#lastUs.length) this.#grow(streamId + 1)
      if (this.#lastUs[streamId] > timeUs) {
        if (timeUs < this.#firstUs[streamId]) this.#firstUs[streamId] = timeUs
        continue
      }
      const text = batch.texts?.get(row)
      this.#setLast(streamId, timeUs, text ?? batch.values[row])
      if (!(this.#firstUs[streamId] <= timeUs)) this.#firstUs[streamId] = timeUs
    }
  }

  /** Sets what is known of a stream, or that it has no points any more. */
  set(streamId: number, state: StreamFacts | undefined): void {
    if (streamId >= this.#lastUs.length) this.#grow(streamId + 1)
    if (state) {
      this.#setLast(streamId, state.lastUs, state.last)
      this.#firstUs[streamId] = state.firstUs
      return
    }
    if (!Number.isNaN(this.#lastUs[streamId])) this.#count--
    this.#firstUs[streamId] = Number.NaN
    this.#lastUs[streamId] = Number.NaN
    this.#lastTexts.delete(streamId)
  }

  #setLast(streamId: number, timeUs: number, value: PointValue): void {
    if (Number.isNaN(this.#lastUs[streamId])) this.#count++
    this.#lastUs[streamId] = timeUs
    if (typeof value === 'string') {
      this.#lastTexts.set(streamId, value)
      return
    }
    this.#last[streamId] = value + 0 // A latest value does not tell -0 from 0.
    if (this.#lastTexts.size > 0) this.#lastTexts.delete(streamId)
  }

  #grow(streamCount: number): void {
    const capacity = Math.max(streamCount, 2 * this.#lastUs.length)
    const widened = (from: Float64Array) => {
      const into = new Float64Array(capacity).fill(Number.NaN)
      into.set(from)
      return into
    }
    this.#firstUs = widened(this.#firstUs)
    this.#lastUs = widened(this.#lastUs)
    this.#last = widened(this.#last)
  }
}
