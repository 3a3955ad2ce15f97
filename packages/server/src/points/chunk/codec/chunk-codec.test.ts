import { describe, expect, it } from 'vitest'
import { CHUNK_POINTS_MAX, decodeChunk, encodeChunk } from './chunk-codec.ts'

const SECOND_US = 1_000_000

/** A reproducible stand-in for noise: the same numbers in every run. */
function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Each call goes one step on from the last; sums are rounded to cents as a sensor would. */
function summing(start: number, step: () => number): () => number {
  let sum = start
  return () => {
    sum = Math.round((sum + step()) * 100) / 100
    return sum
  }
}

function bytesPerPoint(
  count: number,
  value: (i: number) => number,
  timeUs = (i: number) => i * 10 * SECOND_US,
): number {
  const values = Float64Array.from({ length: count }, (_, i) => value(i))
  const timesUs = values.map((_, i) => timeUs(i))
  const bytes = encodeChunk(timesUs, values, { thorough: true })
  const into = { timesUs: new Float64Array(count), values: new Float64Array(count) }
  decodeChunk(bytes, timesUs[0], into)
  expect(into).toEqual({ timesUs, values })
  return bytes.length / count
}

describe('chunk codec', () => {
  const random = noise(1)
  const walking = summing(20, () => Math.round((random() - 0.5) * 50) / 100)
  const counting = summing(0, () => Math.floor(random() * 100))
  const gapped = Float64Array.from({ length: 3_000 }, (_, i) => i).filter(() => random() > 0.05)
  const jittered = (i: number) => i * 10 * SECOND_US + Math.floor(random() * 100) * 1_000

  it.each<[name: string, bytesMax: number, value: (i: number) => number, timeUs?: (i: number) => number]>([
    ['a constant', 0.02, () => 21.5],
    ['a random walk with two decimals', 0.8, walking],
    ['a counter', 0.95, counting],
    ['on and off', 0.16, () => Math.round(random())],
    ['a random walk with gaps of whole steps', 1.05, walking, (i) => gapped[i] * 10 * SECOND_US],
    ['a random walk with jitter of 100 ms', 1.8, walking, jittered],
    ['a sine in full doubles', 6.8, (i) => Math.sin(i / 10)],
    ['a rare value that is no decimal', 1.6, (i) => (i % 40 === 0 ? Math.PI * i : 20 + (i % 7) / 10)],
    [
      'coordinates with seven decimals',
      1.9,
      (i) => Math.round((52.5 + i * 1e-6 + random() * 1e-3) * 1e7) / 1e7,
    ],
  ])('keeps %s in at most %f bytes per point', (_, bytesMax, value, timeUs) => {
    expect(bytesPerPoint(2_000, value, timeUs)).toBeLessThanOrEqual(bytesMax)
  })

  it('tells 0 from -0', () => {
    const values = Float64Array.of(-0, 0, -0, 1.5, -0)
    const into = { timesUs: new Float64Array(5), values: new Float64Array(5) }
    decodeChunk(encodeChunk(Float64Array.of(1, 2, 3, 4, 5), values), 1, into)
    expect([...into.values].map((value) => Object.is(value, -0))).toEqual([true, false, true, false, true])
  })

  it('takes as many points as positions can name, and no more', () => {
    const most = new Float64Array(CHUNK_POINTS_MAX).map((_, i) => i)
    const into = { timesUs: new Float64Array(CHUNK_POINTS_MAX), values: new Float64Array(CHUNK_POINTS_MAX) }
    expect(decodeChunk(encodeChunk(most, most), 0, into)).toBe(CHUNK_POINTS_MAX)
    expect(into.values).toEqual(most)
    const over = new Float64Array(CHUNK_POINTS_MAX + 1)
    expect(() => encodeChunk(over, over)).toThrow(/a chunk of 65536 points/)
  })

  it('refuses bytes that were cut short', () => {
    const values = Float64Array.of(1, 2, 4)
    const bytes = encodeChunk(Float64Array.of(1, 2, 3), values)
    const into = { timesUs: new Float64Array(3), values: new Float64Array(3) }
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeChunk(bytes.subarray(0, length), 1, into)).toThrow(/damaged/)
    }
  })
})
