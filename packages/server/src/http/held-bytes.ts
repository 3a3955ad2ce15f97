/** Counts the bytes of bodies that are held in memory at a time, so that all of them together are bounded. */
import { OverloadedError } from '../errors.ts'

const RETRY_AFTER_MS = 1_000

export class HeldBytes {
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** @throws {OverloadedError} there would be too many; none of these is counted. */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#bytesMax) {
      throw new OverloadedError('Too many writes at once', RETRY_AFTER_MS)
    }
    this.#bytes += bytes
  }

  give(bytes: number): void {
    this.#bytes -= bytes
  }
}
