/**
 * A body of known length while it arrives. It is put together in one place; memory is set aside as it comes,
 * because a length that is only announced costs its sender nothing.
 */
import type { HeldBytes } from './held-bytes.ts'

/** Set aside at first, or less; then four times as much whenever it is full. */
const BYTES_AT_FIRST = 1024 * 1024
const GROWTH = 4

export class ArrivingBody {
  readonly #length: number
  readonly #held: HeldBytes
  #bytes: Buffer
  #count = 0

  constructor(length: number, held: HeldBytes) {
    this.#length = length
    this.#held = held
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(length, BYTES_AT_FIRST))
  }

  get isWhole(): boolean {
    return this.#count === this.#length
  }

  get missingBytes(): number {
    return this.#length - this.#count
  }

  /** Once it is whole. Whoever takes the bytes counts them as held from then on. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Takes what belongs to it; where in `chunk` that ends. @throws {OverloadedError} as `HeldBytes.take`. */
  take(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.missingBytes)
    this.#held.take(end - at)
    const count = this.#count + end - at
    while (count > this.#bytes.length) this.#grow()
    chunk.copy(this.#bytes, this.#count, at, end)
    this.#count = count
    return end
  }

  /** For a body that will not be whole. */
  giveUp(): void {
    this.#held.give(this.#count)
  }

  #grow(): void {
    const bytes = Buffer.allocUnsafeSlow(Math.min(this.#length, GROWTH * this.#bytes.length))
    this.#bytes.copy(bytes, 0, 0, this.#count)
    this.#bytes = bytes
  }
}
