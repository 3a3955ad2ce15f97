import { describe, expect, it } from 'vitest'
import { displayOf, IDENTITY_CHAIN, internalOf, outputOf, rawOf, type ValueChain } from './value-chain.ts'

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
    ['<L', 0xffffffff, 0x7fffffff],
    ['<l', 0xffffffff, -1],
    ['<f', 0x3fc00000, 1.5],
    ['auto', 0xffffffff, 0xffffffff],
    ['unknown', 7, 7],
  ])('reads the four bytes as %s: %d is %d', (rawFormat, raw, internal) => {
    expect(internalOf({ ...IDENTITY_CHAIN, rawFormat }, raw)).toBe(internal)
  })

  it('gives a float its bytes back', () => {
    expect(rawOf({ ...IDENTITY_CHAIN, rawFormat: '<f' }, 1.5)).toBe(0x3fc00000)
  })
})
