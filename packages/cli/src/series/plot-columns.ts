/**
 * First, last, least and greatest value of each column of a plot, made while points come in ascending time. Nobody
 * knows at the first point where the last one will be: when there are more columns than may be, each two become one.
 */
import type { PlotSeries } from '../plot/draw-plot.ts'

interface Column {
  readonly timeMs: number
  readonly first: number
  last: number
  min: number
  max: number
}

export class PlotColumns {
  readonly #columnsMax: number
  #widthMs = 1
  #columns: Column[] = []

  /** Holds up to twice as many columns as are drawn at least. */
  constructor(columnsMax: number) {
    this.#columnsMax = columnsMax
  }

  add(timeMs: number, value: number): void {
    const column = this.#columns.at(-1)
    if (column !== undefined && this.#isSame(column.timeMs, timeMs)) extend(column, value)
    else this.#columns.push({ timeMs, first: value, last: value, min: value, max: value })
    while (this.#columns.length > 2 * this.#columnsMax) this.#halve()
  }

  series(label: string): PlotSeries {
    const column = (name: keyof Column) => this.#columns.map((one) => one[name])
    return {
      label,
      times: column('timeMs'),
      ...{ first: column('first'), last: column('last'), min: column('min'), max: column('max') },
    }
  }

  #isSame(oneMs: number, otherMs: number): boolean {
    return Math.floor(oneMs / this.#widthMs) === Math.floor(otherMs / this.#widthMs)
  }

  #halve(): void {
    this.#widthMs *= 2
    const columns: Column[] = []
    for (const column of this.#columns) {
      const before = columns.at(-1)
      if (before === undefined || !this.#isSame(before.timeMs, column.timeMs)) {
        columns.push(column)
        continue
      }
      before.min = Math.min(before.min, column.min)
      before.max = Math.max(before.max, column.max)
      before.last = column.last
    }
    this.#columns = columns
  }
}

function extend(column: Column, value: number): void {
  column.last = value
  column.min = Math.min(column.min, value)
  column.max = Math.max(column.max, value)
}
