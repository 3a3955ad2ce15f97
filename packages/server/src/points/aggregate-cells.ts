/** The arrays behind `AggregateCells`, and the two ways to fill them: point by point, or a summary at once. */
import type { PointValue } from '../model/point-batch.ts'
import type { AggregateCells } from './point-store.ts'

/** What is known of a run of numbers without looking at each: all of them lie in one cell. */
export interface NumberSummary {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly firstUs: number
  readonly first: number
  readonly lastUs: number
  readonly last: number
}

export class CellBuilder implements AggregateCells {
  readonly counts: Float64Array
  readonly numberCounts: Float64Array
  readonly sums: Float64Array
  readonly mins: Float64Array
  readonly maxs: Float64Array
  readonly firstTimesUs: Float64Array
  readonly firsts: Float64Array
  readonly lastTimesUs: Float64Array
  readonly lasts: Float64Array
  readonly firstTexts = new Map<number, string>()
  readonly lastTexts = new Map<number, string>()

  constructor(cellCount: number) {
    const empty = () => new Float64Array(cellCount).fill(Number.NaN)
    this.counts = new Float64Array(cellCount)
    this.numberCounts = new Float64Array(cellCount)
    this.sums = new Float64Array(cellCount)
    this.mins = empty()
    this.maxs = empty()
    this.firstTimesUs = empty()
    this.firsts = empty()
    this.lastTimesUs = empty()
    this.lasts = empty()
  }

  addNumber(cell: number, timeUs: number, number: number): void {
    const value = number + 0 // Aggregates do not tell -0 from 0.
    this.numberCounts[cell]++
    this.sums[cell] += value
    if (!(this.mins[cell] <= value)) this.mins[cell] = value
    if (!(this.maxs[cell] >= value)) this.maxs[cell] = value
    this.#addEnds(cell, timeUs, value)
  }

  addText(cell: number, timeUs: number, text: string): void {
    this.#addEnds(cell, timeUs, text)
  }

  /** Numbers `from … to` in ascending time, all of one cell. */
  addNumbers(
    cell: number,
    columns: { timesUs: Float64Array; values: Float64Array },
    from: number,
    to: number,
  ): void {
    const { timesUs, values } = columns
    // Two lanes: the processor adds to one while it compares for the other.
    let sum = 0
    let otherSum = 0
    let min = values[from]
    let max = min
    let row = from
    for (; row + 1 < to; row += 2) {
      const value = values[row]
      const other = values[row + 1]
      sum += value
      otherSum += other
      if (value < min) min = value
      else if (value > max) max = value
      if (other < min) min = other
      else if (other > max) max = other
    }
    if (row < to) {
      sum += values[row]
      if (values[row] < min) min = values[row]
      if (values[row] > max) max = values[row]
    }
    sum += otherSum
    // Aggregates do not tell -0 from 0.
    this.addSummary(cell, {
      count: to - from,
      sum,
      min: min + 0,
      max: max + 0,
      firstUs: timesUs[from],
      first: values[from] + 0,
      lastUs: timesUs[to - 1],
      last: values[to - 1] + 0,
    })
  }

  addSummary(cell: number, summary: NumberSummary): void {
    this.counts[cell] += summary.count
    this.numberCounts[cell] += summary.count
    this.sums[cell] += summary.sum
    if (!(this.mins[cell] <= summary.min)) this.mins[cell] = summary.min
    if (!(this.maxs[cell] >= summary.max)) this.maxs[cell] = summary.max
    if (!(this.firstTimesUs[cell] <= summary.firstUs)) this.#setFirst(cell, summary.firstUs, summary.first)
    if (!(this.lastTimesUs[cell] > summary.lastUs)) this.#setLast(cell, summary.lastUs, summary.last)
  }

  /** Adds what another builder has found, of streams that come after this one's. */
  addCells(other: AggregateCells): void {
    for (let cell = 0; cell < this.counts.length; cell++) {
      if (other.counts[cell] === 0) continue
      this.counts[cell] += other.counts[cell]
      this.numberCounts[cell] += other.numberCounts[cell]
      this.sums[cell] += other.sums[cell]
      if (!(this.mins[cell] <= other.mins[cell])) this.mins[cell] = other.mins[cell]
      if (!(this.maxs[cell] >= other.maxs[cell])) this.maxs[cell] = other.maxs[cell]
      const [firstUs, lastUs] = [other.firstTimesUs[cell], other.lastTimesUs[cell]]
      if (!(this.firstTimesUs[cell] <= firstUs)) {
        this.#setFirst(cell, firstUs, other.firstTexts.get(cell) ?? other.firsts[cell])
      }
      if (!(this.lastTimesUs[cell] > lastUs)) {
        this.#setLast(cell, lastUs, other.lastTexts.get(cell) ?? other.lasts[cell])
      }
    }
  }

  /** Of equal times in one group the stream that comes first gives the first value, the later one the last. */
  #addEnds(cell: number, timeUs: number, value: PointValue): void {
    this.counts[cell]++
    if (!(this.firstTimesUs[cell] <= timeUs)) this.#setFirst(cell, timeUs, value)
    if (!(this.lastTimesUs[cell] > timeUs)) this.#setLast(cell, timeUs, value)
  }

  #setFirst(cell: number, timeUs: number, value: PointValue): void {
    this.firstTimesUs[cell] = timeUs
    this.firsts[cell] = put(this.firstTexts, cell, value)
  }

  #setLast(cell: number, timeUs: number, value: PointValue): void {
    this.lastTimesUs[cell] = timeUs
    this.lasts[cell] = put(this.lastTexts, cell, value)
  }
}

function put(texts: Map<number, string>, cell: number, value: PointValue): number {
  if (typeof value === 'string') {
    texts.set(cell, value)
    return Number.NaN
  }
  if (texts.size > 0) texts.delete(cell)
  return value
}

/** Finds the bucket of a time: by division where all buckets are equally wide, else by bisection. */
export class BucketFinder {
  readonly bucketCount: number
  readonly fromUs: number
  readonly toUs: number
  #edgesUs: Float64Array
  #widthUs: number | undefined

  constructor(edgesUs: Float64Array) {
    this.#edgesUs = edgesUs
    this.bucketCount = edgesUs.length - 1
    this.fromUs = edgesUs[0]
    this.toUs = edgesUs[this.bucketCount]
    this.#widthUs = uniformWidthUs(edgesUs)
  }

  /** The bucket that holds `timeUs`, or -1 when it lies outside of all. */
  find(timeUs: number): number {
    if (timeUs < this.fromUs || timeUs >= this.toUs) return -1
    if (this.#widthUs !== undefined) {
      // Far from the epoch the quotient may be rounded up to the next bucket's edge.
      const bucket = Math.min(Math.floor((timeUs - this.fromUs) / this.#widthUs), this.bucketCount - 1)
      return this.#edgesUs[bucket] <= timeUs ? bucket : bucket - 1
    }
    let low = 0
    let high = this.bucketCount
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.#edgesUs[middle] <= timeUs) low = middle
      else high = middle
    }
    return low
  }

  endUs(bucket: number): number {
    return this.#edgesUs[bucket + 1]
  }
}

function uniformWidthUs(edgesUs: Float64Array): number | undefined {
  const widthUs = edgesUs[1] - edgesUs[0]
  for (let i = 2; i < edgesUs.length; i++) {
    if (edgesUs[i] - edgesUs[i - 1] !== widthUs) return undefined
  }
  return widthUs
}
