import { describe, expect, it } from 'vitest'
import { parseEvery } from './every.ts'

describe('every', () => {
  it('is a whole number and a unit', () => {
    expect(parseEvery('100ms')).toEqual({ count: 100, unit: 'ms' })
    expect(parseEvery('5m')).toEqual({ count: 5, unit: 'm' })
    expect(parseEvery('1mo')).toEqual({ count: 1, unit: 'mo' })
    expect(parseEvery('1000y')).toEqual({ count: 1_000, unit: 'y' })
  })

  it('is refused with the reason', () => {
    const refused = (text: string, reason: RegExp) => expect(() => parseEvery(text)).toThrow(reason)
    refused('5', /^every: give a whole number and a unit/)
    refused('1.5h', /whole number/)
    refused('-1h', /whole number/)
    refused('1M', /ms, s, m, h, d, w, mo or y/)
    refused('1h30m', /whole number/)
    refused('0h', /at least 1/)
    refused('1001y', /at most 1000 years/)
    refused('99999999999999999999s', /at most 1000 years/)
  })
})
