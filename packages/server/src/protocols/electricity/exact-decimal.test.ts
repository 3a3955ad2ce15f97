import { describe, expect, it } from 'vitest'
import { InvalidError } from '../../errors.ts'
import { exactDecimal } from './exact-decimal.ts'

describe('exactDecimal', () => {
  it.each([
    ['1.211', '1.21100'],
    ['-8.382', '-8.38200'],
    ['+7', '7.00000'],
    ['0', '0.00000'],
    ['-0.000', '0.00000'],
    ['007.5', '7.50000'],
    ['0.1', '0.10000'],
    ['1.000005', '1.00001'],
    ['1.0000049999999999', '1.00000'],
    ['-1.000005', '-1.00001'],
    ['-0.000004', '0.00000'],
    ['9.999995', '10.00000'],
    ['9999999999.99999', '9999999999.99999'],
    ['1234567890.12345', '1234567890.12345'],
  ])('keeps %s as %s', (text, expected) => {
    expect(exactDecimal(text)).toBe(expected)
  })

  it.each(['', ' ', '-', '.', '.5', '5.', '1e3', '0x10', '1,5', '1 2', '--1', 'NaN', '1.2.3', '١'])(
    'refuses %j as no number',
    (text) => {
      expect(() => exactDecimal(text)).toThrow(new InvalidError('it is not a decimal number'))
    },
  )

  it.each(['10000000000', '-10000000000', '9999999999.999995'])('refuses %s as too large', (text) => {
    expect(() => exactDecimal(text)).toThrow('it has more than 10 digits before the point')
  })
})
