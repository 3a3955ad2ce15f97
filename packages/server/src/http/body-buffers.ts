/**
 * Memory for bodies that come in many pieces. What is done with is used again: large blocks that come and go a
 * hundred times a second make the garbage collector look through everything else as often.
 */

/** A block is a power of two of bytes, in these bounds; others are made as long as they are asked for, and not kept. */
const BLOCK_BYTES_MIN = 64 * 1024
export const BLOCK_BYTES_MAX = 1024 * 1024
/** Of one size. */
const BLOCKS_KEPT_MAX = 4

export class BodyBuffers {
  readonly #free = new Map<number, Buffer[]>()

  /** A block of at least so many bytes, with anything in it. */
  take(bytes: number): Buffer {
    if (bytes < BLOCK_BYTES_MIN || bytes > BLOCK_BYTES_MAX) return Buffer.allocUnsafeSlow(bytes)
    let size = BLOCK_BYTES_MIN
    while (size < bytes) size *= 2
    return this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size)
  }

  /** Takes back a block that nobody looks at any more. */
  giveBack(block: Buffer): void {
    if (block.length < BLOCK_BYTES_MIN || block.length > BLOCK_BYTES_MAX) return
    const free = this.#free.get(block.length) ?? []
    if (free.length < BLOCKS_KEPT_MAX) free.push(block)
    this.#free.set(block.length, free)
  }
}
