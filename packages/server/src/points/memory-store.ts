/**
 * The points store as a model: plain maps, nothing kept on disk. Tests compare the real stores with it,
 * so it is written to be obviously right rather than fast.
 */
import type { PointBatch, PointValue } from '../model/point-batch.ts'
import { BucketFinder, CellBuilder } from './aggregate-cells.ts'
import type {
  AggregateCells,
  AggregateRequest,
  LatestColumns,
  PointColumns,
  PointStore,
  ReadRange,
  StoreStats,
  TimeRange,
} from './point-store.ts'

type Point = readonly [timeUs: number, value: PointValue]

export class MemoryStore implements PointStore {
  #streams = new Map<number, Map<number, PointValue>>()

  async append(batch: PointBatch): Promise<void> {
    for (let row = 0; row < batch.timesUs.length; row++) {
      const streamId = batch.streamIds[row]
      const stream = this.#streams.get(streamId) ?? new Map<number, PointValue>()
      stream.set(batch.timesUs[row], batch.texts?.get(row) ?? batch.values[row])
      this.#streams.set(streamId, stream)
    }
  }

  async readRange(streamId: number, range: ReadRange): Promise<PointColumns> {
    const points = this.#points(streamId, range)
    const limit = Math.min(range.limit ?? points.length, points.length)
    return toColumns(range.keep === 'newest' ? points.slice(points.length - limit) : points.slice(0, limit))
  }

  async aggregate(request: AggregateRequest): Promise<AggregateCells> {
    const finder = new BucketFinder(request.edgesUs)
    const cells = new CellBuilder(request.groupCount * finder.bucketCount)
    request.streamIds.forEach((streamId, i) => {
      for (const [timeUs, value] of this.#points(streamId, finder)) {
        const cell = request.groups[i] * finder.bucketCount + finder.find(timeUs)
        if (typeof value === 'string') cells.addText(cell, timeUs, value)
        else cells.addNumber(cell, timeUs, value)
      }
    })
    return cells
  }

  latest(streamIds: Uint32Array): LatestColumns {
    const newest = Array.from(streamIds, (id): Point => this.#points(id).at(-1) ?? [Number.NaN, Number.NaN])
    const { values, ...columns } = toColumns(newest)
    return { ...columns, values: values.map((value) => value + 0) }
  }

  async extent(streamIds: Uint32Array): Promise<{ firstUs: number; lastUs: number } | undefined> {
    const timesUs = Array.from(streamIds, (id) => this.#points(id).map(([timeUs]) => timeUs)).flat()
    if (timesUs.length === 0) return undefined
    timesUs.sort((a, b) => a - b)
    return { firstUs: timesUs[0], lastUs: timesUs[timesUs.length - 1] }
  }

  async deleteRange(streamIds: Uint32Array, range: TimeRange): Promise<number> {
    let count = 0
    for (const streamId of new Set(streamIds)) {
      const stream = this.#streams.get(streamId)
      for (const [timeUs] of this.#points(streamId, range)) {
        stream?.delete(timeUs)
        count++
      }
    }
    return count
  }

  async stats(): Promise<StoreStats> {
    const sizes = Array.from(this.#streams.values(), (stream) => stream.size).filter((size) => size > 0)
    const pointCount = sizes.reduce((sum, size) => sum + size, 0)
    return { pointCount, streamCount: sizes.length, diskBytes: 0, acceptsWrites: true }
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  #points(streamId: number, range?: TimeRange): Point[] {
    const points = [...(this.#streams.get(streamId) ?? [])].sort((a, b) => a[0] - b[0])
    return range ? points.filter(([timeUs]) => timeUs >= range.fromUs && timeUs < range.toUs) : points
  }
}

function toColumns(points: readonly Point[]): PointColumns {
  const timesUs = Float64Array.from(points, ([timeUs]) => timeUs)
  const values = Float64Array.from(points, ([, value]) => (typeof value === 'number' ? value : Number.NaN))
  const texts = new Map<number, string>()
  points.forEach(([, value], row) => {
    if (typeof value === 'string') texts.set(row, value)
  })
  return texts.size === 0 ? { timesUs, values } : { timesUs, values, texts }
}
