import fc from 'fast-check'
import { expect, it } from 'vitest'
import { applyMdo, reverseMdo } from './mdo.ts'

const factor = fc.integer({ min: -1_000_000, max: 1_000_000 }).filter((whole) => whole !== 0)
const reading = fc.integer({ min: -(2 ** 31), max: 2 ** 32 })

it('gets back every reading of 32 bits to within rounding', () => {
  fc.assert(
    fc.property(factor, factor, reading, (m, d, value) => {
      expect(Math.round(reverseMdo({ m, d }, applyMdo({ m, d }, value)))).toBe(value)
    }),
  )
})
