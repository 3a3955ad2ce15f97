import { describe, expect, it } from 'vitest'
import {
  derivedOf,
  displayOf,
  IDENTITY_CHAIN,
  internalOf,
  outputOf,
  rawOf,
  type ValueChain,
} from './value-chain.ts'

/** Gallons in, acre-feet out, and a factor of 100 of the stream itself. */
const WATER: ValueChain = {
  rawFormat: '<L',
  mdo: { m: 100, d: 1, o: 0 },
  input: { m: 378_541, d: 100_000, o: 0 },
  output: { m: 100, d: 123_348_185, o: 0 },
  decimalPlaces: 0,
}

describe('value chain', () => {
  it.each([
    [100, 37854.1, 0.030688817999227146],
    [101, 38232.641, 0.030995706179219422],
    [99, 37475.559, 0.030381929819234876],
    [92, 34825.772, 0.028233712559288974],
    [90, 34068.69, 0.027619936199304432],
  ])('takes a count of %d to %d litres and %d acre-feet, and back', (raw, internal, output) => {
    expect(internalOf(WATER, raw)).toBe(internal)
    expect(outputOf(WATER, internal)).toBe(output)
    expect(rawOf(WATER, internal)).toBe(raw)
    expect(displayOf(WATER, internal)).toBe('0')
  })

  it('goes in acre-feet and comes out in acre-feet', () => {
    const chain = { ...WATER, mdo: undefined, input: { m: 123_348_185, d: 100, o: 0 } }
    expect(internalOf(chain, 100)).toBe(123348185)
    expect(outputOf(chain, 123348185)).toBe(100)
  })

  it.each([
    ['<L', 7, 7],
    ['<L', 0xffffffff, 0x7fffffff],
    ['>L', 0x01000000, 1],
    ['<l', 0xffffffff, -1],
    ['<l', 0x80000000, -0x7fffffff],
    ['>i', 0xfeffffff, -2],
    ['<f', 0x3fc00000, 1.5],
    ['<f', 0x7f000000, 0x7fffffff],
    ['auto', 100, 100],
    ['auto', 0xffffffff, 0x7fffffff],
    ['auto', -5_000_000_000, -0x7fffffff],
    ['<HH', 7, 7],
    [undefined, 5_000_000_000, 5_000_000_000],
  ])('reads the four bytes as %s: %d is %d', (rawFormat, raw, internal) => {
    expect(internalOf({ ...IDENTITY_CHAIN, rawFormat }, raw)).toBe(internal)
  })

  it.each([
    ['<f', 1.5, 0x3fc00000],
    ['<l', -1, 0xffffffff],
    ['>l', -2, 0xfeffffff],
    ['<L', 7.4, 7],
    ['auto', -1, -1],
    [undefined, 21.5, 22],
  ])('gives %s its bytes back: %d was %d', (rawFormat, internal, raw) => {
    expect(rawOf({ ...IDENTITY_CHAIN, rawFormat }, internal)).toBe(raw)
  })

  it('multiplies, divides and adds in this order, first for the stream and then for its units', () => {
    const chain: ValueChain = {
      rawFormat: '<l',
      mdo: { m: 3, d: 2, o: 0.5 },
      input: { m: 9, d: 5, o: 32 },
      output: { m: 5, d: 9, o: -10 },
      decimalPlaces: 2,
    }
    expect(internalOf(chain, 5)).toBe(32 + (8 * 9) / 5)
    expect(outputOf(chain, 46.4)).toBe(-10 + (46.4 * 5) / 9)
    expect(displayOf(chain, 46.4)).toBe('15.78')
    expect(rawOf(chain, 46.4)).toBe(5)
  })

  it.each([
    [{ m: 1, d: 10 }, 2.5],
    [{ m: 6, d: 1 }, 150],
    [{ m: 1, d: 1, o: -5 }, 20],
  ])('converts an output value on by %j', (derived, value) => {
    const gallons = { ...WATER, output: { m: 100_000, d: 378_541, o: 0 } }
    expect(derivedOf(gallons, 94.63525, derived)).toBe(value)
  })
})
