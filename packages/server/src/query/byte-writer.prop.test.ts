import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIsoUs, US_PER_DAY } from '../model/time.ts'
import { ByteWriter } from './byte-writer.ts'

function written(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter()
  write(writer)
  return Buffer.from(writer.take()).toString()
}

const decimals = fc
  .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 9 }))
  .map(([digits, places]) => digits / 10 ** places)
const numbers = fc.oneof(
  decimals,
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e-3, max: 1e-3, noNaN: true }),
)

describe('byte writer', () => {
  it('writes the text that JavaScript has for a number, and reads back the same', () => {
    fc.assert(
      fc.property(numbers, (value) => {
        const text = written((writer) => writer.number(value))
        expect(text).toBe(Object.is(value, -0) ? '-0' : String(value))
        expect(Object.is(JSON.parse(text), value)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })

  it('writes a number the same whichever came before it', () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 20 }), (values) => {
        const text = written((writer) => {
          for (const value of values) {
            writer.number(value)
            writer.text(' ')
          }
        })
        expect(text).toBe(values.map((value) => `${Object.is(value, -0) ? '-0' : value} `).join(''))
      }),
      { numRuns: 1_000 },
    )
  })

  it('writes milliseconds that name the microsecond exactly', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (timeUs) => {
        const text = written((writer) => writer.timeMs(timeUs))
        const [, sign, wholeMs, fraction = ''] = /^(-?)(\d+)(?:\.(\d{0,2}[1-9]))?$/.exec(text) ?? []
        const sizeUs = BigInt(wholeMs) * 1_000n + BigInt(fraction.padEnd(3, '0'))
        expect(Number(sizeUs) * (sign === '-' ? -1 : 1)).toBe(timeUs)
      }),
      { numRuns: 2_000 },
    )
  })

  it('writes the ISO time that is written elsewhere', () => {
    const times = fc.array(
      fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -2 * US_PER_DAY, max: 2 * US_PER_DAY })),
    )
    fc.assert(
      fc.property(times, (timesUs) => {
        const text = written((writer) => {
          for (const timeUs of timesUs) writer.isoTime(timeUs)
        })
        expect(text).toBe(timesUs.map(formatIsoUs).join(''))
      }),
      { numRuns: 500 },
    )
  })
})
