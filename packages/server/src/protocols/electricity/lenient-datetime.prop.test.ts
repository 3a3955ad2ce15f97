import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseLenientDateTime } from './lenient-datetime.ts'

const SHAPE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{0,5}[1-9])?$/
const noise = fc.string({ unit: fc.constantFrom(...'0123456789-:/ T_%.x'), maxLength: 24 })
const seconds = fc
  .date({ min: new Date('1000-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 19))

it('answers text that compares with the dates of rows, or nothing', () => {
  fc.assert(
    fc.property(noise, (text) => {
      expect(parseLenientDateTime(text) ?? '2019-09-11 00:00:00').toMatch(SHAPE)
    }),
    { numRuns: 1_000 },
  )
})

it('reads every second whatever punctuation separates its fields', () => {
  const separator = fc.string({ unit: fc.constantFrom(...'-:/_%.+ '), minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(seconds, separator, noise, (date, between, after) => {
      const written = date.replaceAll(/\D/g, () => between)
      expect(parseLenientDateTime(`${written}x${after}`)).toBe(date.replace('T', ' '))
    }),
  )
})
