import { describe, expect, it } from 'vitest'
import { pointTimeUs } from './point-time.ts'

describe('pointTimeUs', () => {
  const noonUs = Date.UTC(2026, 0, 31, 12) * 1_000
  it.each([
    ['2026-01-31T12:00:00Z', noonUs],
    ['2026-01-31T12:00:00', noonUs],
    ['2026-01-31 12:00', noonUs],
    ['2026-01-31T14:00:00+02:00', noonUs],
    ['2026-01-31T07:30:00-0430', noonUs],
    ['2026-01-31T12:00:00.5Z', noonUs + 500_000],
    ['2026-01-31T12:00:00.608972Z', noonUs + 608_972],
    ['2026-01-31T12:00:00,6089729Z', noonUs + 608_972],
    ['2026-01-31', noonUs - 12 * 3_600_000_000],
    ['1969-12-31T23:59:59.999999Z', -1],
    [noonUs / 1_000, noonUs],
    [(noonUs + 608_972) / 1_000, noonUs + 608_972],
    [new Date(noonUs / 1_000), noonUs],
    ['yesterday', undefined],
    ['2026-02-30', undefined],
    ['2026-01-31T25:00:00Z', undefined],
    [Number.NaN, undefined],
    [1e300, undefined],
    [new Date('no date'), undefined],
  ])('reads %s', (time, timeUs) => {
    expect(pointTimeUs(time)).toBe(timeUs)
  })
})
