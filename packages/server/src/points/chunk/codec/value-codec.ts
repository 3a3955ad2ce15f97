/**
 * The values of one chunk, bit for bit. Measured values are nearly always decimals with few digits, and
 * become integers when multiplied by a power of ten: those are stored as integers or as their differences,
 * whichever span less, packed. Values that are no such decimals (and -0) are either patched in, when they
 * are rare, or the whole chunk is stored as XORs of neighbours; thorough encoding also tries zstd on that.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { BLOCK_VALUES, type ByteReader, type ByteWriter } from './bytes.ts'

const CONSTANT = 0
const DECIMAL = 1
const DECIMAL_DELTA = 2
const PATCHED_DECIMAL = 3
const PATCHED_DECIMAL_DELTA = 4
const XOR = 5
const PLANES_ZSTD = 6

/** Up to 10^15 a power of ten times a readable measurement stays far below 2^53. */
const DECIMALS_MAX = 15
/** Scaled integers within ±2^51 have differences, and differences of those, that are exact in a double. */
const SCALED_MAX = 2 ** 51
/** One value in so many may be patched; with more of them XOR is the smaller. */
const VALUES_PER_PATCH = 16
/** Below this zstd made chunks larger when measured. */
const ZSTD_VALUES_MIN = 1_000

/** Adding and taking off this rounds a number within ±2^51 to the nearest integer, in two instructions. */
const ROUNDER = 1.5 * 2 ** 52

const POWERS = Float64Array.from({ length: DECIMALS_MAX + 1 }, (_, decimals) => Number(`1e${decimals}`))

let scaled = new Float64Array(4_096)
let patches: number[] = []

/** Values that are looked at to guess how many decimals all have. */
const SAMPLES = 5
const samples = new Float64Array(SAMPLES)

export interface EncodeOptions {
  /** Spend more time to save space: for chunks that are written once and read often. */
  readonly thorough?: boolean
}

/** Writes `values[from … to)`, all finite. */
export function encodeValues(
  writer: ByteWriter,
  values: Float64Array,
  from: number,
  to: number,
  options: EncodeOptions = {},
): void {
  const count = to - from
  if (isConstant(values, from, to)) {
    writer.u8(CONSTANT)
    writer.f64(values[from])
    return
  }
  const decimals = scaleAll(values, from, to)
  if (decimals >= 0) {
    encodeScaled(writer, values, from, count, decimals)
    return
  }
  const start = writer.length
  writer.u8(XOR)
  encodeXor(writer, values, from, to)
  if (!options.thorough || count < ZSTD_VALUES_MIN) return
  const planes = zstdCompressSync(toPlanes(values, from, to))
  if (planes.length + 8 >= writer.length - start) return
  writer.truncate(start)
  writer.u8(PLANES_ZSTD)
  writer.varint(planes.length)
  writer.bytes(planes)
}

/** Fills `into[0 … count)`; false when the bytes are no values. */
export function decodeValues(reader: ByteReader, into: Float64Array, count: number): boolean {
  const encoding = reader.u8()
  switch (encoding) {
    case CONSTANT:
      into.fill(reader.f64(), 0, count)
      return true
    case DECIMAL:
    case DECIMAL_DELTA:
    case PATCHED_DECIMAL:
    case PATCHED_DECIMAL_DELTA:
      return decodeScaled(reader, encoding, into, count)
    case XOR:
      decodeXor(reader, into, count)
      return true
    case PLANES_ZSTD:
      return fromPlanes(reader, into, count)
    default:
      return false
  }
}

function isConstant(values: Float64Array, from: number, to: number): boolean {
  const first = values[from]
  for (let i = from + 1; i < to; i++) if (values[i] !== first) return false
  if (first !== 0) return true
  // 0 and -0 are equal but not the same.
  for (let i = from; i < to; i++) if (!Object.is(values[i], first)) return false
  return true
}

/**
 * Puts the integers of all values into `scaled` and the positions of those without one into `patches`.
 * @returns the number of decimals, or -1 when too many values are no decimals.
 */
function scaleAll(values: Float64Array, from: number, to: number): number {
  const count = to - from
  if (scaled.length < count) scaled = new Float64Array(2 * count)
  const patchesMax = Math.floor(count / VALUES_PER_PATCH)
  const likely = likelyDecimals(values, from, count)
  for (let decimals = likely; decimals >= 0; decimals = decimalsOfMost(values, from, decimals + 1)) {
    if (scaleWith(decimals, values, from, count, patchesMax)) return decimals
  }
  return -1
}

/** Scales with so many decimals; gives up, false, once more than `patchesMax` values do not fit. */
function scaleWith(
  decimals: number,
  values: Float64Array,
  from: number,
  count: number,
  patchesMax: number,
): boolean {
  const power = POWERS[decimals]
  patches = []
  for (let i = 0; i < count; i++) {
    const value = values[from + i]
    const product = value * power
    const integer = product + ROUNDER - ROUNDER
    if (integer / power === value && product <= SCALED_MAX && product >= -SCALED_MAX) {
      if (integer !== 0 || !Object.is(value, -0)) {
        scaled[i] = integer
        continue
      }
    }
    patches.push(i)
    if (patches.length > patchesMax) return false
    // The neighbour's integer packs best; the true value is patched over it.
    scaled[i] = i > 0 ? scaled[i - 1] : 0
  }
  return true
}

/** What the middle one of a few values has: if fewer would do for nearly all values, they would for that one. */
function likelyDecimals(values: Float64Array, from: number, count: number): number {
  for (let i = 0; i < SAMPLES; i++) {
    samples[i] = decimalsOf(values[from + Math.floor((i * count) / SAMPLES)], 0)
  }
  samples.sort()
  const middle = samples[SAMPLES >> 1]
  return middle <= DECIMALS_MAX ? middle : 0
}

/** Fewest decimals that nearly all of the values in `patches` have; -1 when too many are no decimals. */
function decimalsOfMost(values: Float64Array, from: number, least: number): number {
  const needed = patches.map((position) => decimalsOf(values[from + position], least)).sort((a, b) => a - b)
  const most = needed[Math.floor((needed.length - 1) * (1 - 1 / VALUES_PER_PATCH))]
  return most <= DECIMALS_MAX ? most : -1
}

/** Fewest decimals, at least `least`, that hold the value exactly; infinite when there are none. */
function decimalsOf(value: number, least: number): number {
  for (let decimals = least; decimals <= DECIMALS_MAX && !Object.is(value, -0); decimals++) {
    const product = value * POWERS[decimals]
    if (Math.abs(product) > SCALED_MAX) break
    if (Math.round(product) / POWERS[decimals] === value) return decimals
  }
  return Number.POSITIVE_INFINITY
}

function encodeScaled(
  writer: ByteWriter,
  values: Float64Array,
  from: number,
  count: number,
  decimals: number,
): void {
  let least = scaled[0]
  let most = scaled[0]
  let leastDelta = Number.POSITIVE_INFINITY
  let mostDelta = Number.NEGATIVE_INFINITY
  for (let i = 1; i < count; i++) {
    const integer = scaled[i]
    const delta = integer - scaled[i - 1]
    if (integer < least) least = integer
    if (integer > most) most = integer
    if (delta < leastDelta) leastDelta = delta
    if (delta > mostDelta) mostDelta = delta
  }
  const byDelta = mostDelta - leastDelta < most - least
  const patched = patches.length > 0
  if (byDelta) writer.u8(patched ? PATCHED_DECIMAL_DELTA : DECIMAL_DELTA)
  else writer.u8(patched ? PATCHED_DECIMAL : DECIMAL)
  writer.u8(decimals)
  if (byDelta) {
    writer.signedVarint(scaled[0])
    writer.signedVarint(leastDelta)
    for (let i = count - 1; i > 0; i--) scaled[i] -= scaled[i - 1] + leastDelta
    writer.packed(scaled, 1, count - 1)
  } else {
    writer.signedVarint(least)
    for (let i = 0; i < count; i++) scaled[i] -= least
    writer.packed(scaled, 0, count)
  }
  if (!patched) return
  writer.varint(patches.length)
  for (const position of patches) {
    writer.u16(position)
    writer.f64(values[from + position])
  }
}

function decodeScaled(reader: ByteReader, encoding: number, into: Float64Array, count: number): boolean {
  const power = POWERS[reader.u8()]
  if (power === undefined) return false
  if (encoding === DECIMAL_DELTA || encoding === PATCHED_DECIMAL_DELTA) {
    let integer = reader.signedVarint()
    const leastDelta = reader.signedVarint()
    reader.packed(into, 1, count - 1)
    into[0] = integer / power
    for (let i = 1; i < count; i++) {
      integer += into[i] + leastDelta
      into[i] = integer / power
    }
  } else {
    const least = reader.signedVarint()
    reader.packed(into, 0, count)
    for (let i = 0; i < count; i++) into[i] = (into[i] + least) / power
  }
  if (encoding === DECIMAL || encoding === DECIMAL_DELTA) return true
  const patchCount = reader.varint()
  if (patchCount > count) return false
  for (let i = 0; i < patchCount; i++) into[reader.u16()] = reader.f64()
  return true
}

/** Blocks of XORs with the value before: zero bits in front, zero bits behind, then what is between. */
function encodeXor(writer: ByteWriter, values: Float64Array, from: number, to: number): void {
  const words = new Uint32Array(values.slice(from, to).buffer)
  for (let i = words.length - 1; i >= 2; i--) words[i] ^= words[i - 2]
  for (let start = 0; start < words.length; start += 2 * BLOCK_VALUES) {
    const end = Math.min(start + 2 * BLOCK_VALUES, words.length)
    let anyLow = 0
    let anyHigh = 0
    for (let i = start; i < end; i += 2) {
      anyLow |= words[i]
      anyHigh |= words[i + 1]
    }
    const front = anyHigh === 0 ? 32 + Math.clz32(anyLow) : Math.clz32(anyHigh)
    const behind = front === 64 ? 0 : trailingZeros(anyLow, anyHigh)
    writer.u8(front)
    writer.u8(behind)
    const width = 64 - front - behind
    const bits = writer.bitRun()
    for (let i = start; i < end; i += 2) {
      const low = shiftRight(words[i], words[i + 1], behind)
      bits.put(low, Math.min(width, 32))
      if (width > 32) bits.put(behind < 32 ? words[i + 1] >>> behind : 0, width - 32)
    }
    bits.end()
  }
}

function decodeXor(reader: ByteReader, into: Float64Array, count: number): void {
  const words = new Uint32Array(2 * count)
  for (let start = 0; start < words.length; start += 2 * BLOCK_VALUES) {
    const end = Math.min(start + 2 * BLOCK_VALUES, words.length)
    const front = reader.u8()
    const behind = reader.u8()
    const width = 64 - front - behind
    const bits = reader.bitRun()
    for (let i = start; i < end; i += 2) {
      const low = bits.get(Math.min(Math.max(width, 0), 32))
      const high = width > 32 ? bits.get(width - 32) : 0
      words[i] = behind < 32 ? low << behind : 0
      words[i + 1] =
        behind === 0 ? high : behind < 32 ? (high << behind) | (low >>> (32 - behind)) : low << (behind - 32)
    }
    bits.end()
  }
  for (let i = 2; i < words.length; i++) words[i] ^= words[i - 2]
  into.set(new Float64Array(words.buffer))
}

/** The low 32 bits of a 64-bit word moved right. */
function shiftRight(low: number, high: number, by: number): number {
  if (by === 0) return low
  return by < 32 ? (low >>> by) | (high << (32 - by)) : high >>> (by - 32)
}

function trailingZeros(low: number, high: number): number {
  return low !== 0 ? 31 - Math.clz32(low & -low) : 63 - Math.clz32(high & -high)
}

/** All first bytes, then all second bytes …: alike bytes beside each other compress far better. */
function toPlanes(values: Float64Array, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(values.slice(from, to).buffer)
  const count = to - from
  const planes = new Uint8Array(bytes.length)
  for (let i = 0; i < count; i++) {
    for (let plane = 0; plane < 8; plane++) planes[plane * count + i] = bytes[8 * i + plane]
  }
  return planes
}

function fromPlanes(reader: ByteReader, into: Float64Array, count: number): boolean {
  const compressed = reader.bytes(reader.varint())
  if (!reader.isWhole) return false
  const planes = zstdDecompressSync(compressed, { maxOutputLength: 8 * count })
  if (planes.length !== 8 * count) return false
  const bytes = new Uint8Array(8 * count)
  for (let i = 0; i < count; i++) {
    for (let plane = 0; plane < 8; plane++) bytes[8 * i + plane] = planes[plane * count + i]
  }
  into.set(new Float64Array(bytes.buffer))
  return true
}
