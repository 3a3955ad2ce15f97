import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES, ByteWriter } from './byte-writer.ts'

function written(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter()
  write(writer)
  return Buffer.from(writer.take()).toString()
}

describe('byte writer', () => {
  it('writes numbers as their shortest text', () => {
    const number = (value: number) => written((writer) => writer.number(value))
    expect(number(0)).toBe('0')
    expect(number(-0)).toBe('-0')
    expect(number(21.5)).toBe('21.5')
    expect(number(-0.25)).toBe('-0.25')
    expect(number(0.1 + 0.2)).toBe('0.30000000000000004')
    expect(number(0.000001)).toBe('0.000001')
    expect(number(1e-7)).toBe('1e-7')
    expect(number(9_007_199_254_740_991)).toBe('9007199254740991')
    expect(number(999_999_999_999_999)).toBe('999999999999999')
    expect(number(1_000_000_000)).toBe('1000000000')
    expect(number(-1e21)).toBe('-1e+21')
    expect(number(5e-324)).toBe('5e-324')
    expect(number(123_456_789.000_001)).toBe('123456789.000001')
  })

  it('writes milliseconds with the microseconds as a fraction', () => {
    const timeMs = (timeUs: number) => written((writer) => writer.timeMs(timeUs))
    expect(timeMs(1_491_943_049_608_972)).toBe('1491943049608.972')
    expect(timeMs(1_491_943_049_608_900)).toBe('1491943049608.9')
    expect(timeMs(1_491_943_049_608_000)).toBe('1491943049608')
    expect(timeMs(-1)).toBe('-0.001')
    expect(timeMs(-1_500_000)).toBe('-1500')
    expect(timeMs(0)).toBe('0')
    expect(timeMs(Number.MAX_SAFE_INTEGER)).toBe('9007199254740.991')
  })

  it('writes ISO times', () => {
    const isoTimes = (...timesUs: number[]) =>
      written((writer) => {
        for (const timeUs of timesUs) {
          writer.isoTime(timeUs)
          writer.text(' ')
        }
      })
    expect(isoTimes(1_491_943_049_608_972, 1_491_943_050_000_000, -1, 0)).toBe(
      '2017-04-11T20:37:29.608972Z 2017-04-11T20:37:30Z 1969-12-31T23:59:59.999999Z 1970-01-01T00:00:00Z ',
    )
  })

  it('ends a list after its last item', () => {
    const list = (...items: string[]) =>
      written((writer) => {
        writer.text('[')
        for (const item of items) writer.text(`${item},`)
        writer.endList(0x5d)
      })
    expect(list()).toBe('[]')
    expect(list('1', '2')).toBe('[1,2]')
  })

  it('gives out blocks and begins anew', () => {
    const writer = new ByteWriter()
    expect(writer.take().length).toBe(0)
    while (!writer.isFull) writer.text('é'.repeat(100))
    const first = writer.take()
    expect(first.length).toBeGreaterThanOrEqual(BLOCK_BYTES)
    expect(first.length).toBeLessThan(BLOCK_BYTES + 200)
    expect(writer.isFull).toBe(false)
    writer.bytes(Buffer.from('next'))
    expect(Buffer.from(writer.take()).toString()).toBe('next')
    expect(Buffer.from(first).toString()).toBe('é'.repeat(first.length / 2))
  })

  it('grows a block for a text that is longer', () => {
    const long = '€'.repeat(BLOCK_BYTES)
    expect(written((writer) => writer.text(long))).toBe(long)
  })
})
