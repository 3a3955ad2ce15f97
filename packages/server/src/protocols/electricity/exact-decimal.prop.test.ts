import fc from 'fast-check'
import { expect, it } from 'vitest'
import { exactDecimal } from './exact-decimal.ts'

/** Units of 0.00001, everything that a decimal(15,5) column holds. */
const scaled = fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n })

/** The same number written by integer arithmetic alone. */
function written(value: bigint): string {
  const magnitude = value < 0n ? -value : value
  return `${value < 0n ? '-' : ''}${magnitude / 100_000n}.${(magnitude % 100_000n).toString().padStart(5, '0')}`
}

it('gives back every number that it wrote itself', () => {
  fc.assert(
    fc.property(scaled, (value) => {
      expect(exactDecimal(written(value))).toBe(written(value))
    }),
  )
})

it('rounds to the nearest, and the middle away from zero', () => {
  const finer = fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n })
  fc.assert(
    fc.property(finer, (value) => {
      const magnitude = value < 0n ? -value : value
      const text = `${value < 0n ? '-' : ''}${magnitude / 10n ** 8n}.${(magnitude % 10n ** 8n).toString().padStart(8, '0')}`
      const nearest = ((magnitude + 500n) / 1_000n) * (value < 0n ? -1n : 1n)
      expect(exactDecimal(text)).toBe(written(nearest))
    }),
  )
})

it('agrees with its own reading of zeros in front and behind', () => {
  fc.assert(
    fc.property(scaled, fc.nat(20), fc.nat(20), (value, before, behind) => {
      const [, sign, rest] = /^(-?)(.*)$/.exec(written(value))!
      expect(exactDecimal(`${sign}${'0'.repeat(before)}${rest}${'0'.repeat(behind)}`)).toBe(written(value))
    }),
  )
})
