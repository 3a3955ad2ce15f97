/** Reads MessagePack as far as reports of devices use it: everything but extensions. */

/** Reports have three levels. */
const DEPTH_MAX = 16

/** @throws {RangeError} it is cut off, too deep, or has something else in it. */
export function decodeMsgpack(bytes: Uint8Array): unknown {
  const reader = new MsgpackReader(bytes)
  const value = reader.value(0)
  if (!reader.isAtEnd) throw new RangeError('There is something behind the end')
  return value
}

class MsgpackReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  value(depth: number): unknown {
    if (depth > DEPTH_MAX) throw new RangeError(`It is more than ${DEPTH_MAX} levels deep`)
    const kind = this.#unsigned(1)
    if (kind <= 0x7f) return kind
    if (kind >= 0xe0) return kind - 0x100
    if (kind <= 0x8f) return this.#map(kind & 0x0f, depth)
    if (kind <= 0x9f) return this.#list(kind & 0x0f, depth)
    if (kind <= 0xbf) return this.#text(kind & 0x1f)
    if (kind === 0xc0) return null
    if (kind === 0xc2 || kind === 0xc3) return kind === 0xc3
    // Old writers keep texts as bytes.
    if (kind >= 0xc4 && kind <= 0xc6) return this.#text(this.#unsigned(2 ** (kind - 0xc4)))
    if (kind === 0xca) return this.#view.getFloat32(this.#take(4))
    if (kind === 0xcb) return this.#view.getFloat64(this.#take(8))
    if (kind >= 0xcc && kind <= 0xcf) return this.#unsigned(2 ** (kind - 0xcc))
    if (kind >= 0xd0 && kind <= 0xd3) return this.#signed(2 ** (kind - 0xd0))
    if (kind >= 0xd9 && kind <= 0xdb) return this.#text(this.#unsigned(2 ** (kind - 0xd9)))
    if (kind === 0xdc || kind === 0xdd) return this.#list(this.#unsigned(kind === 0xdc ? 2 : 4), depth)
    if (kind === 0xde || kind === 0xdf) return this.#map(this.#unsigned(kind === 0xde ? 2 : 4), depth)
    throw new RangeError(`0x${kind.toString(16)} is no kind of value`)
  }

  /** The position of so many bytes, which are then behind. */
  #take(sizeBytes: number): number {
    const at = this.#at
    if (sizeBytes > this.#bytes.length - at) throw new RangeError('It is cut off')
    this.#at += sizeBytes
    return at
  }

  #unsigned(sizeBytes: number): number {
    const at = this.#take(sizeBytes)
    let value = 0
    for (const byte of this.#bytes.subarray(at, at + sizeBytes)) value = value * 256 + byte
    return value
  }

  #signed(sizeBytes: number): number {
    return Number(BigInt.asIntN(8 * sizeBytes, BigInt(this.#unsigned(sizeBytes))))
  }

  #text(sizeBytes: number): string {
    const at = this.#take(sizeBytes)
    return new TextDecoder().decode(this.#bytes.subarray(at, at + sizeBytes))
  }

  /** Counts are not believed: what is not there ends it. */
  #list(count: number, depth: number): unknown[] {
    const items: unknown[] = []
    for (let i = 0; i < count; i++) items.push(this.value(depth + 1))
    return items
  }

  #map(count: number, depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = []
    for (let i = 0; i < count; i++) entries.push([String(this.value(depth + 1)), this.value(depth + 1)])
    return Object.fromEntries(entries)
  }
}
