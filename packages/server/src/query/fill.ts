/**
 * Values for rows that have none, from the rows around them. What would have to come from before the first
 * or after the last row stays empty.
 */
import type { PointValue } from '../model/point-batch.ts'
import type { Pages, RowPage, ValueColumn } from './query-answer.ts'

/** Repeats the value before a gap, be it a number or a text. */
export async function* fillPrevious(pages: Pages): AsyncGenerator<RowPage> {
  const previous: (PointValue | undefined)[] = []
  for await (const { timesUs, columns } of pages) {
    const filled = columns.map((column, index) => repeat(column, previous[index]))
    filled.forEach((column, index) => {
      const row = timesUs.length - 1
      if (isKnown(column, row)) previous[index] = column.texts?.get(row) ?? column.values[row]
    })
    yield { timesUs, columns: filled }
  }
}

function repeat(column: ValueColumn, before: PointValue | undefined): ValueColumn {
  const values = column.values.slice()
  const texts = new Map(column.texts)
  let previous = before
  for (let row = 0; row < values.length; row++) {
    if (isKnown(column, row)) previous = texts.get(row) ?? values[row]
    else if (typeof previous === 'string') texts.set(row, previous)
    else if (previous !== undefined) values[row] = previous
  }
  return { values, texts }
}

/** A row with a value: NaN stands for a text, towards which nothing can be interpolated. */
interface Known {
  readonly timeUs: number
  readonly value: number
}

/**
 * Draws a straight line over time between the numbers on both sides of a gap. A gap can be as long as the
 * series, so that all pages are held.
 */
export async function* fillLinear(pages: Pages): AsyncGenerator<RowPage> {
  const held: RowPage[] = []
  for await (const page of pages) held.push(page)

  const following: (readonly (Known | undefined)[])[] = []
  let next: readonly (Known | undefined)[] = []
  for (let index = held.length - 1; index >= 0; index--) {
    following[index] = next
    const { timesUs, columns } = held[index]
    next = columns.map((column, i) => knownFrom(timesUs, column, 0) ?? next[i])
  }

  const previous: (Known | undefined)[] = []
  for (const [index, { timesUs, columns }] of held.entries()) {
    const filled = columns.map((column, i) =>
      interpolate(timesUs, column, { before: previous[i], after: following[index][i] }),
    )
    columns.forEach((column, i) => {
      previous[i] = lastKnown(timesUs, column) ?? previous[i]
    })
    yield { timesUs, columns: filled }
  }
}

interface Neighbours {
  readonly before: Known | undefined
  readonly after: Known | undefined
}

function interpolate(timesUs: Float64Array, column: ValueColumn, { before, after }: Neighbours): ValueColumn {
  const values = column.values.slice()
  let left = before
  let right = knownFrom(timesUs, column, 0) ?? after
  for (let row = 0; row < values.length; row++) {
    if (isKnown(column, row)) {
      left = right
      right = knownFrom(timesUs, column, row + 1) ?? after
    } else if (left && right) {
      const share = (timesUs[row] - left.timeUs) / (right.timeUs - left.timeUs)
      values[row] = left.value + (right.value - left.value) * share
    }
  }
  return { values, texts: column.texts }
}

function knownFrom(timesUs: Float64Array, column: ValueColumn, fromRow: number): Known | undefined {
  for (let row = fromRow; row < timesUs.length; row++) {
    if (isKnown(column, row)) return { timeUs: timesUs[row], value: column.values[row] }
  }
  return undefined
}

function lastKnown(timesUs: Float64Array, column: ValueColumn): Known | undefined {
  for (let row = timesUs.length - 1; row >= 0; row--) {
    if (isKnown(column, row)) return { timeUs: timesUs[row], value: column.values[row] }
  }
  return undefined
}

function isKnown(column: ValueColumn, row: number): boolean {
  return !Number.isNaN(column.values[row]) || column.texts?.has(row) === true
}
