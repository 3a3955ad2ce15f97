/**
 * Makes one batch of the small ones that come in the same turn of the event loop: when thousands of clients send
 * a point each, a batch costs more than its points.
 */
import { type PointBatch, PointBatchBuilder, type PointValue } from '../model/point-batch.ts'

/** A batch of so many rows goes on its way before the turn is over. */
const ROWS_MAX = 4_096

/** Values of one time; `values` and `streamIds` are parallel. */
export interface Moment {
  readonly timeUs: number
  readonly streamIds: readonly number[]
  readonly values: readonly PointValue[]
}

export class GatheredWrites {
  readonly #append: (batch: PointBatch) => Promise<void>
  readonly #rows = new PointBatchBuilder()
  #under: { promise: Promise<void>; resolve: () => void; reject: (reason: unknown) => void } | undefined

  constructor(append: (batch: PointBatch) => Promise<void>) {
    this.#append = append
  }

  /** Resolves, or fails, with the batch that the rows become part of. They are copied before this returns. */
  add({ streamIds, timesUs, values, texts }: PointBatch): Promise<void> {
    const promise = this.#begin()
    for (let row = 0; row < timesUs.length; row++) {
      this.#rows.add(streamIds[row], timesUs[row], texts?.get(row) ?? values[row])
    }
    if (this.#rows.rowCount >= ROWS_MAX) this.send()
    return promise
  }

  /** As `add`. */
  addMoment({ timeUs, streamIds, values }: Moment): Promise<void> {
    const promise = this.#begin()
    for (let row = 0; row < values.length; row++) this.#rows.add(streamIds[row], timeUs, values[row])
    if (this.#rows.rowCount >= ROWS_MAX) this.send()
    return promise
  }

  /** Sends what there is, for a caller whose own batch has to come after it. */
  send(): void {
    if (this.#under === undefined) return
    const { resolve, reject } = this.#under
    this.#under = undefined
    this.#append(this.#rows.take()).then(resolve, reject)
  }

  #begin(): Promise<void> {
    if (this.#under === undefined) {
      this.#under = Promise.withResolvers<void>()
      setImmediate(() => this.send())
    }
    return this.#under.promise
  }
}
