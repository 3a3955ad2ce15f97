/**
 * What is known of each stream in a head without reading its points: kept up with the head when somebody
 * asks, so that a wide aggregate costs as much as has come in since the last one.
 */
import type { NumberSummary } from '../aggregate-cells.ts'
import type { HeadView } from './head-view.ts'

const STREAMS_AT_FIRST = 1_024

export class HeadSummaries {
  readonly generation: number
  #rowCount = 0
  #counts = new Float64Array(STREAMS_AT_FIRST)
  #sums = new Float64Array(STREAMS_AT_FIRST)
  #mins = new Float64Array(STREAMS_AT_FIRST)
  #maxs = new Float64Array(STREAMS_AT_FIRST)
  #firstsUs = new Float64Array(STREAMS_AT_FIRST)
  #firsts = new Float64Array(STREAMS_AT_FIRST)
  #lastsUs = new Float64Array(STREAMS_AT_FIRST)
  #lasts = new Float64Array(STREAMS_AT_FIRST)
  /** Streams with a text, or with a time that does not come after the one before: their points must be read. */
  #isMixed = new Uint8Array(STREAMS_AT_FIRST)

  constructor(generation: number) {
    this.generation = generation
  }

  /** Takes the rows in that were appended since the last time. */
  catchUp(head: HeadView): void {
    head.forEachRow(this.#rowCount, (streamId, timeUs, value) => this.#add(streamId, timeUs, value))
    this.#rowCount = head.rowCount
  }

  /** Undefined when the points have to be read; of a stream without points the count is 0. */
  find(streamId: number): NumberSummary | undefined {
    if (this.#isMixed[streamId] === 1) return undefined
    return {
      count: this.#counts[streamId] ?? 0,
      sum: this.#sums[streamId],
      min: this.#mins[streamId],
      max: this.#maxs[streamId],
      firstUs: this.#firstsUs[streamId],
      first: this.#firsts[streamId],
      lastUs: this.#lastsUs[streamId],
      last: this.#lasts[streamId],
    }
  }

  #add(streamId: number, timeUs: number, written: number): void {
    if (streamId >= this.#counts.length) this.#grow(streamId + 1)
    const value = written + 0 // Aggregates do not tell -0 from 0.
    if (this.#counts[streamId]++ === 0) {
      this.#mins[streamId] = value
      this.#maxs[streamId] = value
      this.#firstsUs[streamId] = timeUs
      this.#firsts[streamId] = value
    } else {
      if (timeUs <= this.#lastsUs[streamId]) this.#isMixed[streamId] = 1
      if (value < this.#mins[streamId]) this.#mins[streamId] = value
      if (value > this.#maxs[streamId]) this.#maxs[streamId] = value
    }
    if (Number.isNaN(value)) this.#isMixed[streamId] = 1
    this.#sums[streamId] += value
    this.#lastsUs[streamId] = timeUs
    this.#lasts[streamId] = value
  }

  #grow(streamCount: number): void {
    const capacity = Math.max(streamCount, 2 * this.#counts.length)
    const widened = (from: Float64Array) => {
      const into = new Float64Array(capacity)
      into.set(from)
      return into
    }
    this.#counts = widened(this.#counts)
    this.#sums = widened(this.#sums)
    this.#mins = widened(this.#mins)
    this.#maxs = widened(this.#maxs)
    this.#firstsUs = widened(this.#firstsUs)
    this.#firsts = widened(this.#firsts)
    this.#lastsUs = widened(this.#lastsUs)
    this.#lasts = widened(this.#lasts)
    const isMixed = new Uint8Array(capacity)
    isMixed.set(this.#isMixed)
    this.#isMixed = isMixed
  }
}
