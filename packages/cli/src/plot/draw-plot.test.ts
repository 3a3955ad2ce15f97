import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawPlot, type PlotSeries } from './draw-plot.ts'

const T0 = Date.UTC(2026, 4, 1)
const HOUR_MS = 3_600_000
const FRAME = {
  fromMs: T0,
  toMs: T0 + 24 * HOUR_MS,
  timeZone: 'UTC',
  width: 40,
  height: 5,
  hasColours: false,
}

/** A value an hour, from midnight on. */
function hourly(label: string, values: readonly number[]): PlotSeries {
  const times = values.map((_, i) => T0 + i * HOUR_MS)
  return { label, times, first: values, last: values, min: values, max: values }
}
const RISING = Array.from({ length: 25 }, (_, i) => i)

describe('drawPlot', () => {
  it('draws a line between two axes', () => {
    expect(drawPlot([hourly('temp', RISING)], FRAME)).toEqual([
      '━━ temp  min 0  max 24  last 24',
      '20 ┤                             ⣀⡠⠤⠤⠔⠒⠉',
      '   │                     ⢀⣀⠤⠤⠤⠒⠊⠉',
      '10 ┤              ⢀⣀⠤⠤⠤⠒⠉⠁',
      '   │       ⣀⡠⠤⠒⠒⠒⠉⠁',
      ' 0 ┤⣀⠤⠔⠒⠒⠊⠉',
      '   └┬─────────────────┬────────────────┬',
      '  05-01             12:00          05-02',
    ])
  })

  it('shows the extremes of an interval that holds many points', () => {
    const spike = { ...hourly('x', [5, 5, 5]), max: [5, 100, 5] }
    const [legend, top] = drawPlot([spike], { ...FRAME, toMs: T0 + 2 * HOUR_MS })
    expect(legend).toContain('max 100')
    expect(top).toMatch(/[⠁-⣿]/)
  })

  it('draws all series into one picture with colours, and one each without', () => {
    const series = [hourly('up', RISING), hourly('down', RISING.toReversed())]
    const coloured = drawPlot(series, { ...FRAME, hasColours: true })
    expect(coloured.filter((line) => line.includes('━━'))).toEqual([
      '\u001b[36m━━\u001b[0m up  min 0  max 24  last 24',
      '\u001b[33m━━\u001b[0m down  min 0  max 24  last 0',
    ])
    expect(coloured).toHaveLength(2 + 5 + 2)
    const plain = drawPlot(series, { ...FRAME, height: 8 })
    expect(plain).toHaveLength(2 * (1 + 5 + 2) + 1)
    expect(plain.join('')).not.toContain('\u001b')
  })

  it('keeps to its width, whatever it draws', () => {
    const value = fc.double({ noDefaultInfinity: true, noNaN: true })
    const values = fc.array(value, { minLength: 1, maxLength: 30 })
    const size = { width: fc.integer({ min: 24, max: 120 }), height: fc.integer({ min: 3, max: 20 }) }
    fc.assert(
      fc.property(
        fc.array(values, { minLength: 1, maxLength: 3 }),
        fc.record(size),
        (all, { width, height }) => {
          const lines = drawPlot(
            all.map((one) => hourly('x', one)),
            { ...FRAME, width, height },
          )
          const pictures = lines.filter((line) => !line.startsWith('━━'))
          expect(Math.max(...pictures.map((line) => line.length))).toBeLessThanOrEqual(width)
        },
      ),
    )
  })
})
