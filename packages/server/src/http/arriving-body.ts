/**
 * A body of known length while it arrives. It is put together in one place; memory is set aside as it comes,
 * because a length that is only announced costs its sender nothing.
 */
import { BLOCK_BYTES_MAX, type BodyBuffers } from './body-buffers.ts'
import type { HeldBytes } from './held-bytes.ts'

/** How much longer a block becomes when it is full. */
const GROWTH = 4

export class ArrivingBody {
  readonly #length: number
  readonly #held: HeldBytes
  readonly #buffers: BodyBuffers
  #block: Buffer
  #count = 0

  constructor(length: number, { held, buffers }: { held: HeldBytes; buffers: BodyBuffers }) {
    this.#length = length
    this.#held = held
    this.#buffers = buffers
    this.#block = buffers.take(Math.min(length, BLOCK_BYTES_MAX))
  }

  get missingBytes(): number {
    return this.#length - this.#count
  }

  /** What has come so far. */
  get bytes(): Buffer {
    return this.#block.subarray(0, this.#count)
  }

  /** Takes what belongs to it; where in `chunk` that ends. @throws {OverloadedError} as `HeldBytes.take`. */
  take(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.missingBytes)
    this.#held.take(end - at, this.#length)
    const count = this.#count + end - at
    while (count > this.#block.length) this.#grow()
    chunk.copy(this.#block, this.#count, at, end)
    this.#count = count
    return end
  }

  /** For when nobody looks at the bytes any more, whether they are whole or not. */
  release(): void {
    this.#held.give(this.#count)
    this.#buffers.giveBack(this.#block)
  }

  #grow(): void {
    const longer = this.#buffers.take(Math.min(this.#length, GROWTH * this.#block.length))
    this.#block.copy(longer, 0, 0, this.#count)
    this.#buffers.giveBack(this.#block)
    this.#block = longer
  }
}
