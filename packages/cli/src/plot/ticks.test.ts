import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeTicks } from './time-ticks.ts'
import { valueTicks } from './value-ticks.ts'

describe('valueTicks', () => {
  const labels = (min: number, max: number, countMax = 5) =>
    valueTicks({ min, max }, countMax).ticks.map(({ label }) => label)

  it.each<[number, number, string[]]>([
    [14.9, 25.1, ['15', '20', '25']],
    [-0.1, 139, ['0', '50', '100']],
    [-1, 1, ['-1.0', '-0.5', '0.0', '0.5', '1.0']],
    [0, 0.003, ['0.000', '0.001', '0.002', '0.003']],
    [20, 20, ['18', '19', '20', '21', '22']],
    [0, 0, ['-1.0', '-0.5', '0.0', '0.5', '1.0']],
    [0, 2e12, ['0', '5e+11', '1e+12', '1.5e+12', '2e+12']],
  ])('marks %d to %d', (min, max, expected) => {
    expect(labels(min, max)).toEqual(expected)
  })

  it('marks at least one and at most a bounded number of values, from low to high, within the range', () => {
    const value = fc.double({ min: -1e12, max: 1e12, noNaN: true })
    fc.assert(
      fc.property(value, value, fc.integer({ min: 3, max: 100 }), (a, b, countMax) => {
        const { low, high, ticks } = valueTicks({ min: Math.min(a, b), max: Math.max(a, b) }, countMax)
        expect(low).toBeLessThan(high)
        expect(ticks.length).toBeGreaterThanOrEqual(1)
        expect(ticks.length).toBeLessThanOrEqual(countMax + 1)
        const slack = (high - low) * 1e-6
        for (const [i, tick] of ticks.entries()) {
          expect(tick.value).toBeGreaterThanOrEqual(low - slack)
          expect(tick.value).toBeLessThanOrEqual(high + slack)
          if (i > 0) expect(tick.value).toBeGreaterThan(ticks[i - 1].value)
        }
      }),
    )
  })
})

describe('timeTicks', () => {
  const ticks = (from: string, to: string, timeZone = 'UTC', countMax = 5) =>
    timeTicks({ fromMs: Date.parse(from), toMs: Date.parse(to) }, { countMax, timeZone })
  const labels = (...args: Parameters<typeof ticks>) => ticks(...args).map(({ label }) => label)

  it.each<[string, string, string[]]>([
    [
      '2026-05-01T10:00:00Z',
      '2026-05-01T10:00:01Z',
      ['00:00.000', '00:00.200', '00:00.400', '00:00.600', '00:00.800', '00:01.000'],
    ],
    [
      '2026-05-01T10:00:00Z',
      '2026-05-01T10:02:00Z',
      ['10:00:00', '10:00:30', '10:01:00', '10:01:30', '10:02:00'],
    ],
    ['2026-05-01T10:05:00Z', '2026-05-01T12:05:00Z', ['10:30', '11:00', '11:30', '12:00']],
    ['2026-05-01T00:00:00Z', '2026-05-02T00:00:00Z', ['05-01', '06:00', '12:00', '18:00', '05-02']],
    [
      '2026-05-01T00:00:00Z',
      '2026-05-05T00:00:00Z',
      ['2026-05-01', '2026-05-02', '2026-05-03', '2026-05-04', '2026-05-05'],
    ],
    ['2026-01-15T00:00:00Z', '2026-12-31T00:00:00Z', ['2026-04', '2026-07', '2026-10']],
    ['1990-06-01T00:00:00Z', '2026-01-02T00:00:00Z', ['2000-01', '2010-01', '2020-01']],
  ])('marks %s to %s', (from, to, expected) => {
    expect(labels(from, to)).toEqual(expected)
  })

  it('follows the clocks of a zone, also over the night when they change', () => {
    const day = ticks('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 'Europe/Madrid', 4)
    expect(day.map(({ timeMs, label }) => [new Date(timeMs).toISOString().slice(8, 16), label])).toEqual([
      ['24T22:00', '10-25'],
      ['25T11:00', '12:00'],
      ['25T23:00', '10-26'],
    ])
    expect(labels('2026-05-01T00:00:00Z', '2026-05-02T00:00:00Z', 'Asia/Kolkata', 2)).toEqual([
      '12:00',
      '05-02',
    ])
  })

  it('keeps to the range and to the number', () => {
    const time = fc.integer({ min: 0, max: 4e12 })
    fc.assert(
      fc.property(
        time,
        fc.integer({ min: 1, max: 3e12 }),
        fc.integer({ min: 1, max: 30 }),
        (fromMs, spanMs, countMax) => {
          const found = timeTicks(
            { fromMs, toMs: fromMs + spanMs },
            { countMax, timeZone: 'America/New_York' },
          )
          expect(found.length).toBeLessThanOrEqual(countMax + 2)
          for (const { timeMs } of found) {
            expect(timeMs).toBeGreaterThanOrEqual(fromMs)
            expect(timeMs).toBeLessThanOrEqual(fromMs + spanMs)
          }
        },
      ),
    )
  })
})
