/** The points of several streams as one list in ascending time, read a page of each stream at a time. */
import type { PointValue } from '../model/point-batch.ts'
import type { PointColumns, PointStore, TimeRange } from '../points/point-store.ts'

export interface MergedPoint {
  /** Position of the stream among those asked for. */
  readonly stream: number
  readonly timeUs: number
  readonly value: PointValue
}

/** Points held over all streams, whatever their number. */
const HELD_POINTS_MAX = 200_000
const PAGE_POINTS_MIN = 16
const PAGE_POINTS_MAX = 10_000
const EMPTY: PointColumns = { timesUs: new Float64Array(0), values: new Float64Array(0) }

/** Where reading of one stream has got to. */
class Cursor {
  readonly stream: number
  #store: PointStore
  #streamId: number
  #range: TimeRange
  #pagePoints: number
  #page = EMPTY
  #row = 0
  #nextUs: number
  #isLastPage = false

  constructor(
    store: PointStore,
    {
      stream,
      streamId,
      range,
      pagePoints,
    }: { stream: number; streamId: number; range: TimeRange; pagePoints: number },
  ) {
    this.stream = stream
    this.#store = store
    this.#streamId = streamId
    this.#range = range
    this.#pagePoints = pagePoints
    this.#nextUs = range.fromUs
  }

  get timeUs(): number {
    return this.#page.timesUs[this.#row]
  }

  take(): MergedPoint {
    const row = this.#row++
    const value = this.#page.texts?.get(row) ?? this.#page.values[row]
    return { stream: this.stream, timeUs: this.#page.timesUs[row], value }
  }

  get needsPage(): boolean {
    return this.#row >= this.#page.timesUs.length
  }

  /** Reads on; false when the stream has no more points. */
  async readPage(): Promise<boolean> {
    if (this.#isLastPage) return false
    const range = { fromUs: this.#nextUs, toUs: this.#range.toUs, limit: this.#pagePoints }
    this.#page = await this.#store.readRange(this.#streamId, range)
    this.#row = 0
    const count = this.#page.timesUs.length
    this.#isLastPage = count < this.#pagePoints
    if (count > 0) this.#nextUs = this.#page.timesUs[count - 1] + 1
    return count > 0
  }
}

export type { TimeRange }

/** One range for all streams, or one for each of them. */
export type Ranges = TimeRange | readonly TimeRange[]

export function rangeAt(ranges: Ranges, stream: number): TimeRange {
  return 'fromUs' in ranges ? ranges : ranges[stream]
}

/** Points of equal time come in the order of the streams. */
export async function* mergeStreams(
  store: PointStore,
  streamIds: readonly number[],
  ranges: Ranges,
): AsyncGenerator<MergedPoint> {
  const share = Math.floor(HELD_POINTS_MAX / Math.max(1, streamIds.length))
  const pagePoints = Math.min(PAGE_POINTS_MAX, Math.max(PAGE_POINTS_MIN, share))
  const heap: Cursor[] = []
  for (const [stream, streamId] of streamIds.entries()) {
    const range = rangeAt(ranges, stream)
    const cursor = new Cursor(store, { stream, streamId, range, pagePoints })
    if (await cursor.readPage()) {
      heap.push(cursor)
      siftUp(heap)
    }
  }
  while (heap.length > 0) {
    const first = heap[0]
    yield first.take()
    if (first.needsPage && !(await first.readPage())) {
      const last = heap.pop()!
      if (last === first) continue
      heap[0] = last
    }
    siftDown(heap)
  }
}

function isBefore(a: Cursor, b: Cursor): boolean {
  return a.timeUs < b.timeUs || (a.timeUs === b.timeUs && a.stream < b.stream)
}

/** Moves the last cursor up to its place. */
function siftUp(heap: Cursor[]): void {
  let at = heap.length - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(heap[at], heap[parent])) return
    swap(heap, at, parent)
    at = parent
  }
}

/** Moves the first cursor down to its place. */
function siftDown(heap: Cursor[]): void {
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    if (left >= heap.length) return
    const right = left + 1
    const child = right < heap.length && isBefore(heap[right], heap[left]) ? right : left
    if (!isBefore(heap[child], heap[at])) return
    swap(heap, at, child)
    at = child
  }
}

function swap(heap: Cursor[], a: number, b: number): void {
  const cursor = heap[a]
  heap[a] = heap[b]
  heap[b] = cursor
}
