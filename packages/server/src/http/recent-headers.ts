/**
 * The headers that a connection sent last. A board that has its values in the address sends another request line
 * each time, and the same headers below it: comparing their bytes takes a tenth of the time of reading them.
 */
import type { PlainHeaders } from './plain-head.ts'
import { endIfSame } from './repeated-head.ts'

export interface HeaderBlock {
  readonly headers: PlainHeaders
  /** Behind the empty line. */
  readonly end: number
}

export class RecentHeaders {
  #last: { readonly headers: PlainHeaders; readonly bytes: Buffer } | undefined

  /** The headers that begin at `at`, if they are the last ones to the byte, up to their empty line. */
  find(bytes: Buffer, at: number): HeaderBlock | undefined {
    if (this.#last === undefined) return undefined
    const end = endIfSame(this.#last.bytes, bytes, at)
    return end < 0 ? undefined : { headers: this.#last.headers, end }
  }

  /** For headers that were read from `bytes`, where they begin at `at`. */
  remember({ headers, end }: HeaderBlock, bytes: Buffer, at: number): void {
    this.#last = { headers, bytes: Buffer.from(bytes.subarray(at, end)) }
  }
}
