/**
 * Ascending times of one chunk, without the first: the chunk's row has that. A steady step costs a few
 * bytes per chunk. Else the deltas are packed after taking off the least one and dividing by what they
 * have in common, so that a 10-second device whose times end in full seconds does not pay for microseconds.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'

const STEADY = 0
const PACKED = 1

let deltas = new Float64Array(4_096)

/** Writes `timesUs[from … to)`; they ascend, and span at most 2^53 microseconds. */
export function encodeTimes(writer: ByteWriter, timesUs: Float64Array, from: number, to: number): void {
  const count = to - from - 1
  if (deltas.length < count) deltas = new Float64Array(2 * count)
  let least = Number.POSITIVE_INFINITY
  let most = 0
  for (let i = 0; i < count; i++) {
    const delta = timesUs[from + i + 1] - timesUs[from + i]
    deltas[i] = delta
    if (delta < least) least = delta
    if (delta > most) most = delta
  }
  if (count === 0 || least === most) {
    writer.u8(STEADY)
    writer.varint(count === 0 ? 0 : least)
    return
  }
  let divisor = 0
  for (let i = 0; i < count && divisor !== 1; i++) divisor = gcd(divisor, deltas[i] - least)
  for (let i = 0; i < count; i++) deltas[i] = (deltas[i] - least) / divisor
  writer.u8(PACKED)
  writer.varint(least)
  writer.varint(divisor)
  writer.packed(deltas, 0, count)
}

/** Fills `into[0 … count)`; false when the bytes are no times. */
export function decodeTimes(reader: ByteReader, startUs: number, into: Float64Array, count: number): boolean {
  const encoding = reader.u8()
  const least = reader.varint()
  let timeUs = startUs
  if (encoding === STEADY) {
    for (let i = 0; i < count; i++, timeUs += least) into[i] = timeUs
    return true
  }
  if (encoding !== PACKED) return false
  const divisor = reader.varint()
  reader.packed(into, 1, count - 1)
  into[0] = startUs
  for (let i = 1; i < count; i++) {
    timeUs += least + into[i] * divisor
    into[i] = timeUs
  }
  return true
}

/** Greatest common divisor; of 0 and x it is x. */
function gcd(a: number, b: number): number {
  let [greater, less] = [a, b]
  while (less !== 0) [greater, less] = [less, greater % less]
  return greater
}
