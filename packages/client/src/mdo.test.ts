import { describe, expect, it } from 'vitest'
import { MdoError } from './errors.ts'
import { applyMdo, MdoHelper, reverseMdo } from './mdo.ts'

type Factors = ConstructorParameters<typeof MdoHelper>

describe('MDO', () => {
  it.each<[m: number, d: number, o: number | null, value: number, out: number, reverse: number]>([
    [1, 1, null, 5, 5, 5],
    [1, 1, null, 0, 0, 0],
    [1, 1, null, -10, -10, -10],
    [3, 2, 0.5, 5, 8.0, 5],
    [3, 2, 0.5, 0, 0.5, 0],
    [3, 2, 0.5, -10, -14.5, -10],
    [378541, 100000, 0, 100, 378.541, 100],
    [100, 123348185, 0, 37854.1, 0.030688817999227146, 37854.1],
    [123348185, 100, 0, 1, 1233481.85, 1.0000000000000002],
    [3785, 65536000, 0, 65536, 3.785, 65536],
    [28, 4095, 0, 585, 4.0, 585],
    [100, 16, -25, 4.0, 0.0, 4],
    [100, 16, -25, 20.0, 100.0, 20],
    [9, 5, -459.67, 293.15, 67.99999999999994, 293.15],
    [-2995, 146250, 323.1, 1000, 302.6213675213676, 999.9999999999986],
    [1, 100, 273.15, 2150, 294.65, 2150],
    [7, -2, 1, 10, -34.0, 10],
  ])('with %s/%s and offset %s makes %s into %s, and back %s', (m, d, o, value, out, reverse) => {
    const helper = new MdoHelper(m, d, o)
    expect(helper.compute(value)).toBe(out)
    expect(helper.computeValue(value)).toBe(out)
    expect(helper.computeReverse(out)).toBe(reverse)
    expect(applyMdo({ m, d, o }, value)).toBe(out)
    expect(reverseMdo({ m, d, o }, out)).toBe(reverse)
  })

  it('adds nothing without an offset', () => {
    expect(applyMdo({ m: 1, d: 10 }, 5)).toBe(0.5)
    expect(reverseMdo({ m: 1, d: 10 }, 0.5)).toBe(5)
    expect(new MdoHelper(1, 10).compute(5)).toBe(0.5)
  })

  it.each<[...Factors, string]>([
    [0, 1, null, 'm is 0; it must be a whole number other than 0'],
    [1, 0, null, 'd is 0; it must be a whole number other than 0'],
    [1.5, 1, null, 'm is 1.5; it must be a whole number other than 0'],
    [1, Number.NaN, null, 'd is NaN; it must be a whole number other than 0'],
    [2 ** 53, 1, null, 'm is 9007199254740992; it must be a whole number other than 0'],
    [1, 1, Number.NaN, 'o is NaN; it must be null or a number'],
    [1, 1, '5' as unknown as number, 'o is 5; it must be null or a number'],
  ])('refuses %s/%s with offset %s', (m, d, o, message) => {
    expect(() => new MdoHelper(m, d, o)).toThrow(new MdoError(message))
  })

  it.each<[...Factors, string]>([
    [3, 2, 0.5, '0.5+3.0x/2.0'],
    [3, 2, null, '3.0x/2.0'],
    [3, 2, 0, '3.0x/2.0'],
    [100, 16, -25, '-25.0+100.0x/16.0'],
    [1, -2, 1e22, '1e+22+1.0x/-2.0'],
  ])('writes %s/%s with offset %s as a formula', (m, d, o, formula) => {
    expect(String(new MdoHelper(m, d, o))).toBe(formula)
  })
})
