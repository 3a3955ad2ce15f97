/** Counts the bytes of bodies that are held in memory at a time, so that all of them together are bounded. */
import { OverloadedError } from '../errors.ts'

const RETRY_AFTER_MS = 1_000

/** Bodies up to this size have so much more room, which larger ones cannot take from them. */
const SMALL_BYTES = 64 * 1_024
const SMALL_SHARE = 1 / 16

export class HeldBytes {
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /**
   * Counts bytes of a body that has `bodyBytes` altogether, as far as is known.
   * @throws {OverloadedError} there would be too many; none of these is counted.
   */
  take(bytes: number, bodyBytes: number): void {
    const bytesMax = bodyBytes <= SMALL_BYTES ? this.#bytesMax * (1 + SMALL_SHARE) : this.#bytesMax
    if (this.#bytes + bytes > bytesMax) throw new OverloadedError('Too many writes at once', RETRY_AFTER_MS)
    this.#bytes += bytes
  }

  give(bytes: number): void {
    this.#bytes -= bytes
  }
}
