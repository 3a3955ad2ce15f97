/**
 * A run: points of one stream in ascending time, no time twice. Everything that is read, a chunk, the
 * points of a head, a row of texts, becomes a run; merging runs from older to newer gives the truth.
 */
import type { PointColumns } from '../point-store.ts'

export type Run = PointColumns

export const EMPTY_RUN: Run = { timesUs: new Float64Array(0), values: new Float64Array(0) }

/** Index of the first time that is `timeUs` or later. */
export function lowerBound(timesUs: Float64Array, timeUs: number): number {
  let low = 0
  let high = timesUs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (timesUs[middle] < timeUs) low = middle + 1
    else high = middle
  }
  return low
}

/** Rows `from … to` as a run of its own, without copying numbers. */
export function sliceRows(run: Run, from: number, to: number): Run {
  if (from === 0 && to === run.timesUs.length) return run
  const columns = { timesUs: run.timesUs.subarray(from, to), values: run.values.subarray(from, to) }
  if (!run.texts) return columns
  const texts = new Map<number, string>()
  for (const [row, text] of run.texts) if (row >= from && row < to) texts.set(row - from, text)
  return withTexts(columns, texts)
}

/** The points with `fromUs <= time < toUs`. */
export function sliceTimes(run: Run, fromUs: number, toUs: number): Run {
  return sliceRows(run, lowerBound(run.timesUs, fromUs), lowerBound(run.timesUs, toUs))
}

/** Both runs as one; where times are equal the point of `newer` holds. */
export function mergeRuns(older: Run, newer: Run): Run {
  const olderCount = older.timesUs.length
  const newerCount = newer.timesUs.length
  if (olderCount === 0) return newer
  if (newerCount === 0) return older
  if (older.timesUs[olderCount - 1] < newer.timesUs[0]) return concatRuns([older, newer])
  if (newer.timesUs[newerCount - 1] < older.timesUs[0]) return concatRuns([newer, older])
  const timesUs = new Float64Array(olderCount + newerCount)
  const values = new Float64Array(olderCount + newerCount)
  const texts = new Map<number, string>()
  let row = 0
  const take = (run: Run, from: number) => {
    timesUs[row] = run.timesUs[from]
    values[row] = run.values[from]
    const text = run.texts?.get(from)
    if (text !== undefined) texts.set(row, text)
    row++
  }
  let i = 0
  let j = 0
  while (i < olderCount && j < newerCount) {
    if (older.timesUs[i] < newer.timesUs[j]) {
      take(older, i++)
    } else {
      if (older.timesUs[i] === newer.timesUs[j]) i++
      take(newer, j++)
    }
  }
  while (i < olderCount) take(older, i++)
  while (j < newerCount) take(newer, j++)
  return withTexts({ timesUs: timesUs.subarray(0, row), values: values.subarray(0, row) }, texts)
}

/**
 * Points in the order of arrival as a run: sorted, and of equal times only the last. What comes late mostly
 * comes in pieces that are sorted in themselves, so that merging those is quick.
 */
export function sortedRun(points: Run): Run {
  const { timesUs } = points
  let runs: Run[] = []
  for (let from = 0; from < timesUs.length; ) {
    let to = from + 1
    while (to < timesUs.length && timesUs[to] > timesUs[to - 1]) to++
    runs.push(sliceRows(points, from, to))
    from = to
  }
  while (runs.length > 1) {
    const merged = []
    for (let i = 0; i < runs.length; i += 2) {
      merged.push(i + 1 < runs.length ? mergeRuns(runs[i], runs[i + 1]) : runs[i])
    }
    runs = merged
  }
  return runs[0] ?? EMPTY_RUN
}

/** Runs that follow one another in time, as one. */
export function concatRuns(runs: readonly Run[]): Run {
  if (runs.length === 1) return runs[0]
  let count = 0
  for (const run of runs) count += run.timesUs.length
  const timesUs = new Float64Array(count)
  const values = new Float64Array(count)
  const texts = new Map<number, string>()
  let row = 0
  for (const run of runs) {
    timesUs.set(run.timesUs, row)
    values.set(run.values, row)
    for (const [textRow, text] of run.texts ?? []) texts.set(row + textRow, text)
    row += run.timesUs.length
  }
  return withTexts({ timesUs, values }, texts)
}

function withTexts(columns: Run, texts: ReadonlyMap<number, string>): Run {
  return texts.size === 0 ? columns : { ...columns, texts }
}
