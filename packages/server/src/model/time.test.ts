import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIsoUs, parseIsoUs, TIME_US_MAX, TIME_US_MIN } from './time.ts'

const NOON_US = Date.UTC(2026, 0, 31, 12) * 1_000

describe('ISO times', () => {
  it.each<[text: string, timeUs: number]>([
    ['2026-01-31T12:00:00Z', NOON_US],
    ['2026-01-31T12:00:00', NOON_US],
    ['2026-01-31 12:00:00', NOON_US],
    ['2026-01-31T12:00', NOON_US],
    ['2026-01-31', NOON_US - 12 * 3_600_000_000],
    ['2026-01-31T14:00:00+02:00', NOON_US],
    ['2026-01-31T14:00:00+0200', NOON_US],
    ['2026-01-31T14:00:00+02', NOON_US],
    ['2026-01-31T14:00:00 02:00', NOON_US],
    ['2026-01-31T06:30:00-05:30', NOON_US],
    ['2026-01-31T12:00:00.000001Z', NOON_US + 1],
    ['2026-01-31T12:00:00.1Z', NOON_US + 100_000],
    ['2026-01-31T12:00:00.123456789Z', NOON_US + 123_456],
    ['1969-12-31T23:59:59.999999Z', -1],
    ['2024-02-29', Date.UTC(2024, 1, 29) * 1_000],
  ])('reads %s', (text, timeUs) => {
    expect(parseIsoUs(text)).toBe(timeUs)
  })

  it.each([
    '',
    'now',
    '2026-13-01',
    '2026-02-29',
    '2026-01-31T25:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-1-1',
    '12:00',
  ])('does not take %j for a time', (text) => {
    expect(parseIsoUs(text)).toBeUndefined()
  })

  it.each([
    [NOON_US, '2026-01-31T12:00:00Z'],
    [NOON_US + 608_972, '2026-01-31T12:00:00.608972Z'],
    [-1, '1969-12-31T23:59:59.999999Z'],
  ])('writes %d as %s', (timeUs, text) => {
    expect(formatIsoUs(timeUs)).toBe(text)
  })

  it('reads what it wrote, to the microsecond', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: TIME_US_MIN, max: Math.min(TIME_US_MAX, Number.MAX_SAFE_INTEGER) }),
        (timeUs) => {
          expect(parseIsoUs(formatIsoUs(timeUs))).toBe(timeUs)
        },
      ),
    )
  })
})
