/**
 * The byte and bit level of the codec: one growing writer and one reader, each reused for chunk after
 * chunk. Everything is little-endian. Integers of any size are LEB128 varints, signed ones in zigzag form.
 */
import { strict as assert } from 'node:assert'

/** Values packed together share one bit width; a last block may be shorter. */
export const BLOCK_VALUES = 64

const TWO_32 = 2 ** 32

/** Bits that stay of a 32-bit word when up to 7 are shifted out. */
const WORD_SHIFTED_MAX = 25

/** Bits that hold every integer from 0 to `max`; `max` is at most 2^53. */
function bitWidth(max: number): number {
  return max < TWO_32 ? 32 - Math.clz32(max) : 64 - Math.clz32(Math.floor(max / TWO_32))
}

export class ByteWriter {
  #bytes = new Uint8Array(64 * 1024)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  /** Starts anew, with room for at least `bytesMax` bytes before the next check. */
  reset(bytesMax: number): void {
    if (this.#bytes.length < bytesMax) {
      this.#bytes = new Uint8Array(bytesMax)
      this.#view = new DataView(this.#bytes.buffer)
    }
    this.#at = 0
  }

  get length(): number {
    return this.#at
  }

  /** Takes back everything written after the first `length` bytes. */
  truncate(length: number): void {
    assert(length <= this.#at)
    this.#at = length
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#at)
  }

  u8(value: number): void {
    this.#bytes[this.#at++] = value
  }

  u16(value: number): void {
    this.#view.setUint16(this.#at, value, true)
    this.#at += 2
  }

  u32(value: number): void {
    this.#view.setUint32(this.#at, value, true)
    this.#at += 4
  }

  f64(value: number): void {
    this.#view.setFloat64(this.#at, value, true)
    this.#at += 8
  }

  bytes(values: Uint8Array): void {
    this.#bytes.set(values, this.#at)
    this.#at += values.length
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.#bytes[this.#at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#at++] = rest
  }

  /** A whole number within ±2^52, small ones of either sign in few bytes. */
  signedVarint(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  /** `values[from … from + count)` in blocks: the block's width, then its integers, lowest bits first. */
  packed(values: Float64Array, from: number, count: number): void {
    for (let start = from; start < from + count; start += BLOCK_VALUES) {
      const end = Math.min(start + BLOCK_VALUES, from + count)
      let max = 0
      for (let i = start; i < end; i++) if (values[i] > max) max = values[i]
      const width = bitWidth(max)
      this.u8(width)
      if (width <= 32) this.#packNarrow(values, start, end, width)
      else this.#packWide(values, start, end, width)
    }
  }

  #packNarrow(values: Float64Array, start: number, end: number, width: number): void {
    if (width === 0) return
    const view = this.#view
    let at = this.#at
    let word = 0
    let bits = 0
    for (let i = start; i < end; i++) {
      const value = values[i] | 0
      word |= value << bits
      bits += width
      if (bits >= 32) {
        view.setInt32(at, word, true)
        at += 4
        bits -= 32
        word = bits === 0 ? 0 : value >>> (width - bits)
      }
    }
    for (; bits > 0; bits -= 8) {
      view.setUint8(at++, word)
      word >>>= 8
    }
    this.#at = at
  }

  #packWide(values: Float64Array, start: number, end: number, width: number): void {
    const bits = this.bitRun()
    for (let i = start; i < end; i++) {
      const high = Math.floor(values[i] / TWO_32)
      bits.put(values[i] - high * TWO_32, 32)
      bits.put(high, width - 32)
    }
    bits.end()
  }

  /** For fields of changing width: `put` each, then `end`, which fills up the last byte with zeros. */
  bitRun(): { put(value: number, width: number): void; end(): void } {
    let word = 0
    let bits = 0
    return {
      put: (value, width) => {
        if (width === 0) return
        word |= value << bits
        bits += width
        if (bits < 32) return
        this.#view.setInt32(this.#at, word, true)
        this.#at += 4
        bits -= 32
        word = bits === 0 ? 0 : value >>> (width - bits)
      },
      end: () => {
        for (; bits > 0; bits -= 8) {
          this.#bytes[this.#at++] = word
          word >>>= 8
        }
      },
    }
  }
}

/** Reads from a private copy with zeros behind the end, so that whole words may be read at the last byte. */
export class ByteReader {
  #bytes = new Uint8Array(64 * 1024)
  #view = new DataView(this.#bytes.buffer)
  #at = 0
  #end = 0

  reset(bytes: Uint8Array): void {
    if (this.#bytes.length < bytes.length + 8) {
      this.#bytes = new Uint8Array(2 * bytes.length + 8)
      this.#view = new DataView(this.#bytes.buffer)
    }
    this.#bytes.set(bytes)
    this.#bytes.fill(0, bytes.length, bytes.length + 8)
    this.#at = 0
    this.#end = bytes.length
  }

  /** False once something was read from behind the end: the bytes were cut short. */
  get isWhole(): boolean {
    return this.#at <= this.#end
  }

  u8(): number {
    return this.#bytes[this.#at++]
  }

  u16(): number {
    this.#at += 2
    return this.#view.getUint16(this.#at - 2, true)
  }

  u32(): number {
    this.#at += 4
    return this.#view.getUint32(this.#at - 4, true)
  }

  f64(): number {
    this.#at += 8
    return this.#view.getFloat64(this.#at - 8, true)
  }

  bytes(count: number): Uint8Array {
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  varint(): number {
    let value = 0
    for (let scale = 1; scale < 2 ** 56; scale *= 128) {
      const byte = this.#bytes[this.#at++]
      value += (byte & 127) * scale
      if (byte < 128) break
    }
    return value
  }

  signedVarint(): number {
    const value = this.varint()
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  }

  packed(into: Float64Array, from: number, count: number): void {
    for (let start = from; start < from + count; start += BLOCK_VALUES) {
      const end = Math.min(start + BLOCK_VALUES, from + count)
      const width = this.u8()
      if (width === 0) into.fill(0, start, end)
      else if (width <= WORD_SHIFTED_MAX) this.#unpackShort(into, start, end, width)
      else if (width <= 32) this.#unpackNarrow(into, start, end, width)
      else this.#unpackWide(into, start, end, width)
    }
  }

  /** Each value lies within the 32 bits from its first byte on. */
  #unpackShort(into: Float64Array, start: number, end: number, width: number): void {
    const view = this.#view
    const mask = (1 << width) - 1
    let bit = 8 * this.#at
    for (let i = start; i < end; i++, bit += width) {
      into[i] = (view.getInt32(bit >>> 3, true) >>> (bit & 7)) & mask
    }
    this.#at = (bit + 7) >>> 3
  }

  #unpackNarrow(into: Float64Array, start: number, end: number, width: number): void {
    const view = this.#view
    const mask = width === 32 ? -1 : (1 << width) - 1
    let at = this.#at
    let word = view.getInt32(at, true)
    let bits = 0
    for (let i = start; i < end; i++) {
      let value = word >>> bits
      bits += width
      if (bits >= 32) {
        at += 4
        word = view.getInt32(at, true)
        bits -= 32
        if (bits > 0) value |= word << (width - bits)
      }
      into[i] = (value & mask) >>> 0
    }
    this.#at += Math.ceil(((end - start) * width) / 8)
  }

  #unpackWide(into: Float64Array, start: number, end: number, width: number): void {
    const bits = this.bitRun()
    for (let i = start; i < end; i++) {
      const low = bits.get(32)
      into[i] = bits.get(width - 32) * TWO_32 + low
    }
    bits.end()
  }

  /** The counterpart of the writer's `bitRun`; `get` answers unsigned. */
  bitRun(): { get(width: number): number; end(): void } {
    let bit = this.#at * 8
    return {
      get: (width) => {
        if (width === 0) return 0
        const at = bit >>> 3
        const shift = bit & 7
        bit += width
        const low = this.#view.getUint32(at, true) >>> shift
        const high = shift === 0 ? 0 : this.#bytes[at + 4] << (32 - shift)
        return ((low | high) & (width === 32 ? -1 : (1 << width) - 1)) >>> 0
      },
      end: () => {
        this.#at = Math.ceil(bit / 8)
      },
    }
  }
}
