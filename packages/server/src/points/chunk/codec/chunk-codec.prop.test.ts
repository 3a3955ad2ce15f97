import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunkCount, decodeChunk, encodeChunk } from './chunk-codec.ts'

const RUNS = 2_000

const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true })
const decimal = fc
  .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 12 }))
  .map(([integer, decimals]) => Number(`${integer}e-${decimals}`))
const readable = fc.integer({ min: -500_000, max: 500_000 }).map((cents) => cents / 100)
const smallSet = fc.constantFrom(0, -0, 1, 0.1 + 0.2, Number.MAX_VALUE, Number.MIN_VALUE, 5e-324, 1e22, -1)
const counter = fc.integer({ min: 0, max: 2 ** 51 }).map((start) => start + 1)

/** Columns of one kind of value, or of all kinds mixed. */
const valueColumn = fc.oneof(
  ...[anyDouble, decimal, readable, smallSet, counter].map((value) => column(value)),
  column(fc.oneof({ weight: 40, arbitrary: readable }, { weight: 1, arbitrary: anyDouble })),
  column(fc.oneof(anyDouble, decimal, readable, smallSet, counter)),
)

function column(value: fc.Arbitrary<number>): fc.Arbitrary<number[]> {
  return fc.array(value, { minLength: 1, maxLength: 300, size: 'max' })
}

const step = fc.oneof(
  fc.constant(10_000_000),
  fc.integer({ min: 1, max: 5 }).map((steps) => steps * 1_000_000),
  fc.integer({ min: 1, max: 2 ** 31 }),
)

describe('chunk codec', () => {
  it('gives back every finite float64 bit for bit, thorough or not', () => {
    fc.assert(
      fc.property(valueColumn, fc.boolean(), (list, thorough) => {
        const values = Float64Array.from(list)
        const timesUs = values.map((_, i) => i)
        const decoded = roundTrip(timesUs, values, thorough)
        expect(bits(decoded.values)).toEqual(bits(values))
      }),
      { numRuns: RUNS },
    )
  })

  it('gives back every ascending run of integer microseconds up to 2^53', () => {
    const far = fc
      .uniqueArray(fc.maxSafeNat(), { minLength: 1, maxLength: 200 })
      .map((list) => list.sort((a, b) => a - b))
    const stepped = fc
      .tuple(fc.maxSafeNat(), fc.array(step, { maxLength: 300, size: 'max' }))
      .map(([start, steps]) => {
        const times = [Math.floor(start / 2)]
        for (const delta of steps) times.push(times[times.length - 1] + delta)
        return times
      })
    fc.assert(
      fc.property(fc.oneof(far, stepped), (list) => {
        const timesUs = Float64Array.from(list)
        expect(roundTrip(timesUs, new Float64Array(timesUs.length), false).timesUs).toEqual(timesUs)
      }),
      { numRuns: RUNS },
    )
  })

  it('notices any changed byte', () => {
    fc.assert(
      fc.property(column(readable), fc.nat(), fc.integer({ min: 1, max: 255 }), (list, at, flip) => {
        const values = Float64Array.from(list)
        const bytes = encodeChunk(
          values.map((_, i) => i),
          values,
        )
        bytes[at % bytes.length] ^= flip
        const into = { timesUs: new Float64Array(70_000), values: new Float64Array(70_000) }
        expect(() => decodeChunk(bytes, 0, into)).toThrow(/damaged|newer version/)
      }),
      { numRuns: RUNS },
    )
  })
})

function roundTrip(timesUs: Float64Array, values: Float64Array, thorough: boolean) {
  const bytes = encodeChunk(timesUs, values, { thorough })
  expect(chunkCount(bytes)).toBe(values.length)
  const into = { timesUs: new Float64Array(values.length), values: new Float64Array(values.length) }
  expect(decodeChunk(bytes, timesUs[0], into)).toBe(values.length)
  return into
}

function bits(values: Float64Array): BigUint64Array {
  return new BigUint64Array(values.slice().buffer)
}
