import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PlotColumns } from './plot-columns.ts'

describe('PlotColumns', () => {
  it('keeps ends, order and extremes of any points, in few columns', () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 10 ** 9 }), fc.integer({ min: -1_000, max: 1_000 }))
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 20 }),
        (points, columnsMax) => {
          const sorted = points.toSorted(([a], [b]) => a - b)
          const columns = new PlotColumns(columnsMax)
          for (const [timeMs, value] of sorted) columns.add(timeMs, value)
          const { times, first, last, min, max } = columns.series('x')
          expect(times.length).toBeLessThanOrEqual(2 * columnsMax)
          expect(times).toEqual(times.toSorted((a, b) => a - b))
          expect([times[0], first[0], last.at(-1)]).toEqual([...sorted[0], sorted.at(-1)?.[1]])
          const values = sorted.map(([, value]) => value)
          expect([Math.min(...min), Math.max(...max)]).toEqual([Math.min(...values), Math.max(...values)])
        },
      ),
    )
  })
})
