import { describe, expect, it } from 'vitest'
import type { PointValue } from '../model/point-batch.ts'
import { fillLinear, fillPrevious } from './fill.ts'
import type { RowPage } from './query-answer.ts'

type Rows = readonly (readonly [timeUs: number, ...values: (PointValue | null)[]])[]

function page(rows: Rows): RowPage {
  const columns = rows[0].slice(1).map((_, column) => {
    const values = rows.map((row) => row[column + 1])
    const texts = new Map<number, string>()
    values.forEach((value, row) => {
      if (typeof value === 'string') texts.set(row, value)
    })
    return { values: Float64Array.from(values, (value) => (typeof value === 'number' ? value : NaN)), texts }
  })
  return { timesUs: Float64Array.from(rows, ([timeUs]) => timeUs), columns }
}

async function filled(fill: typeof fillLinear, ...pages: Rows[]) {
  const rows: (PointValue | null)[][] = []
  for await (const { timesUs, columns } of fill(pages.map(page))) {
    timesUs.forEach((timeUs, row) => {
      const cells = columns.map(({ values, texts }) => texts?.get(row) ?? values[row])
      rows.push([timeUs, ...cells.map((cell) => (Number.isNaN(cell) ? null : cell))])
    })
  }
  return rows
}

const GAPS: Rows[] = [
  [
    [0, null, null],
    [10, 1, 'on'],
    [20, null, null],
  ],
  [
    [30, null, null],
    [35, null, null],
  ],
  [
    [40, null, null],
    [50, 5, 7],
    [60, null, 8],
    [70, null, null],
  ],
]

describe('fill', () => {
  it('repeats the previous number or text, over pages as well', async () => {
    expect(await filled(fillPrevious, ...GAPS)).toEqual([
      [0, null, null],
      [10, 1, 'on'],
      [20, 1, 'on'],
      [30, 1, 'on'],
      [35, 1, 'on'],
      [40, 1, 'on'],
      [50, 5, 7],
      [60, 5, 8],
      [70, 5, 8],
    ])
  })

  it('draws a line over time between numbers, and none from a text or beyond the ends', async () => {
    expect(await filled(fillLinear, ...GAPS)).toEqual([
      [0, null, null],
      [10, 1, 'on'],
      [20, 2, null],
      [30, 3, null],
      [35, 3.5, null],
      [40, 4, null],
      [50, 5, 7],
      [60, null, 8],
      [70, null, null],
    ])
  })

  it('leaves what it was given as it is', async () => {
    const pages = GAPS.map(page)
    for (const fill of [fillPrevious, fillLinear]) for await (const _ of fill(pages));
    expect(pages).toEqual(GAPS.map(page))
  })

  it('has nothing to fill in nothing', async () => {
    expect(await filled(fillPrevious)).toEqual([])
    expect(await filled(fillLinear)).toEqual([])
  })
})
