/**
 * Where large bodies go one behind the other, in the order in which they came: their streams then get points in
 * the order of time, and what waits for the disk is bounded for all of them together. Small bodies do not come
 * here; they pass in between the slices of the large ones.
 */

/** Slices that wait for the disk; over it, reading waits too. */
const SLICES_WAITING_MAX = 16
/** The same while small bodies come as well: what they share a group with is soon written. */
const SLICES_WAITING_MAX_BESIDE_SMALL = 2

export class BulkLane {
  #last: Promise<void> = Promise.resolve()
  #slices: Promise<void>[] = []

  /** Resolves when it is the caller's turn, to what it calls when the next one may come. */
  async enter(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const before = this.#last
    this.#last = promise
    await before
    return resolve
  }

  /** Takes note of a slice on its way to the disk, which does not fail; resolves when there is room for another. */
  async sent(slice: Promise<void>, { isBesideSmall = false } = {}): Promise<void> {
    const waitingMax = isBesideSmall ? SLICES_WAITING_MAX_BESIDE_SMALL : SLICES_WAITING_MAX
    this.#slices.push(slice)
    while (this.#slices.length >= waitingMax) await this.#slices.shift()
  }
}
