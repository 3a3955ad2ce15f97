/**
 * Points on their way in, as parallel columns. One batch is stored whole or not at all.
 *
 * Times are integer microseconds since the Unix epoch, UTC, within the safe integers. A value is a finite
 * float64, or NaN in a row whose text stands in `texts`.
 */
export interface PointBatch {
  readonly streamIds: Uint32Array
  readonly timesUs: Float64Array
  readonly values: Float64Array
  /** Row number to text; left out when the batch holds numbers only. */
  readonly texts?: ReadonlyMap<number, string>
}

export type PointValue = number | string

/** Collects points one by one into a batch, for callers that do not have columns to begin with. */
export class PointBatchBuilder {
  #streamIds: Uint32Array
  #timesUs: Float64Array
  #values: Float64Array
  #texts = new Map<number, string>()
  #count = 0

  constructor(capacity = 64) {
    this.#streamIds = new Uint32Array(capacity)
    this.#timesUs = new Float64Array(capacity)
    this.#values = new Float64Array(capacity)
  }

  get rowCount(): number {
    return this.#count
  }

  add(streamId: number, timeUs: number, value: PointValue): void {
    if (this.#count === this.#timesUs.length) this.#grow()
    this.#streamIds[this.#count] = streamId
    this.#timesUs[this.#count] = timeUs
    if (typeof value === 'string') {
      this.#values[this.#count] = Number.NaN
      this.#texts.set(this.#count, value)
    } else {
      this.#values[this.#count] = value
    }
    this.#count++
  }

  /** The batch so far; the builder starts again from nothing. */
  take(): PointBatch {
    const columns = {
      streamIds: this.#streamIds.slice(0, this.#count),
      timesUs: this.#timesUs.slice(0, this.#count),
      values: this.#values.slice(0, this.#count),
    }
    const texts = this.#texts
    this.#count = 0
    this.#texts = new Map()
    return texts.size === 0 ? columns : { ...columns, texts }
  }

  #grow(): void {
    const capacity = Math.max(64, this.#timesUs.length * 2)
    this.#streamIds = widen(this.#streamIds, new Uint32Array(capacity))
    this.#timesUs = widen(this.#timesUs, new Float64Array(capacity))
    this.#values = widen(this.#values, new Float64Array(capacity))
  }
}

function widen<T extends Uint32Array | Float64Array>(from: T, into: T): T {
  into.set(from)
  return into
}
