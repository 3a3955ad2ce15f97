/**
 * Takes points one by one and writes them in batches. What it holds is bounded: who writes faster than the
 * server takes waits. Nothing is dropped: what could not be sent stays, and whoever writes or flushes hears of it.
 */
import type { Connection } from '../api/connection.ts'
import { RestHttpBaseException } from '../api/http-errors.ts'
import { type PointInput, pointLine } from './point-line.ts'
import { type QueuedPoint, type Rejection, writeBatch } from './write-batch.ts'

export interface WriterOptions {
  /** Name, slug or UUID; left out, the token's own, else `default`. Made when there is none and the token may. */
  readonly project?: string | undefined
  /** Name or slug; needed only where several have a project of that name. */
  readonly org?: string | undefined
  /** Points in one request. @default 5_000 */
  readonly batchPointsMax?: number | undefined
  /** Points that wait. @default 50_000 */
  readonly bufferPointsMax?: number | undefined
  /** How long a point waits for others at most. @default 1_000 */
  readonly flushMs?: number | undefined
  /** How often a batch is sent again before the writer gives up. @default 10 */
  readonly retries?: number | undefined
  /** Told of rows that are not stored, while the others are. */
  readonly onRejected?: ((rejected: readonly Rejection[]) => void) | undefined
}

/** What became of the points since the last report. */
export interface WriteReport {
  readonly writtenCount: number
  readonly rejectedCount: number
  /** The first hundred. */
  readonly rejected: readonly Rejection[]
}

const DEFAULTS = { batchPointsMax: 5_000, bufferPointsMax: 50_000, flushMs: 1_000, retries: 10 }
const BATCH_CHARS_MAX = 4 * 1024 * 1024
const BUFFER_CHARS_MAX = 32 * 1024 * 1024
const LISTED_MAX = 100

export class PointWriter {
  readonly #connection: Connection
  readonly #options: WriterOptions & typeof DEFAULTS
  #batchPointsMax: number

  #queue: QueuedPoint[] = []
  #queuedChars = 0
  #takenCount = 0
  #sentCount = 0
  /** Everything up to this point is to go out, even in a small batch. */
  #flushTo = 0
  #run: Promise<void> | undefined
  #batch: Promise<void> = Promise.resolve()
  #timer: ReturnType<typeof setTimeout> | undefined
  #failure: unknown
  #isClosed = false
  #lastTimeUs = 0
  #report = { writtenCount: 0, rejectedCount: 0, rejected: [] as Rejection[] }

  /** @throws {TypeError} an option that cannot be meant. */
  constructor(connection: Connection, options: WriterOptions = {}) {
    const given = Object.entries(options).filter(([, value]) => value !== undefined)
    this.#options = { ...DEFAULTS, ...Object.fromEntries(given) }
    for (const [name, least] of [
      ['batchPointsMax', 1],
      ['bufferPointsMax', 1],
      ['flushMs', 0],
      ['retries', 0],
    ] as const) {
      const value = this.#options[name]
      if (!(Number.isInteger(value) && value >= least)) {
        throw new TypeError(`${name} is ${value}; give a whole number, ${least} or more`)
      }
    }
    this.#connection = connection
    this.#batchPointsMax = this.#options.batchPointsMax
  }

  /** Points that wait or are under way. */
  get pendingCount(): number {
    return this.#queue.length
  }

  /**
   * Resolves when the points are taken, which may be before they are stored: `flush` tells. Waits while the
   * buffer is full. A point that cannot be written at all is rejected, and does not keep the others back.
   * @throws {RestBaseException} an earlier batch failed; after a `flush` that succeeds the writer goes on.
   */
  async write(points: PointInput | Iterable<PointInput> | AsyncIterable<PointInput>): Promise<void> {
    const several = Symbol.iterator in points || Symbol.asyncIterator in points ? points : [points]
    for await (const point of several) {
      this.#requireOpen()
      const line = pointLine(point, () => this.#nowUs())
      if (typeof line === 'string') {
        this.#reject({ rejectedCount: 1, rejected: [{ point, reason: line }] })
      } else {
        while (this.#isFull()) {
          this.#start()
          await this.#batch
          this.#requireOpen()
        }
        this.#take({ ...line, point })
      }
    }
  }

  /** Resolves when everything written so far is stored. @throws {RestBaseException} it is not, and still waits. */
  async flush(): Promise<WriteReport> {
    const goal = this.#takenCount
    this.#failure = undefined
    this.#flushTo = Math.max(this.#flushTo, goal)
    while (this.#sentCount < goal) {
      this.#start()
      await this.#batch
    }
    const report = this.#report
    this.#report = { writtenCount: 0, rejectedCount: 0, rejected: [] }
    return report
  }

  /** Takes no more points, and flushes. */
  async close(): Promise<WriteReport> {
    this.#isClosed = true
    try {
      return await this.flush()
    } finally {
      clearTimeout(this.#timer)
    }
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new TypeError('The writer is closed; open another one')
    if (this.#failure !== undefined) throw this.#failure
  }

  #isFull(): boolean {
    return this.#queue.length >= this.#options.bufferPointsMax || this.#queuedChars >= BUFFER_CHARS_MAX
  }

  #take(queued: QueuedPoint): void {
    this.#queue.push(queued)
    this.#queuedChars += queued.text.length
    this.#takenCount++
    this.#timer ??= setTimeout(() => this.#onTime(), this.#options.flushMs)
    if (this.#isBatch()) this.#start()
  }

  #onTime(): void {
    this.#timer = undefined
    this.#flushTo = this.#takenCount
    if (this.#failure === undefined) this.#start()
  }

  /** One request at a time, so that a later value of a point does not overtake an earlier one. */
  #start(): void {
    if (this.#run !== undefined || this.#queue.length === 0) return
    this.#run = this.#sendBatches().finally(() => {
      this.#run = undefined
    })
  }

  async #sendBatches(): Promise<void> {
    do {
      this.#batch = this.#sendBatch()
      // Whoever waits for room hears of it as well.
      this.#batch.catch(() => {})
      try {
        await this.#batch
      } catch (error) {
        this.#failure = error
      }
    } while (this.#failure === undefined && this.#isDue())
  }

  #isDue(): boolean {
    if (this.#queue.length === 0) return false
    return this.#isBatch() || this.#isFull() || this.#sentCount < this.#flushTo
  }

  #isBatch(): boolean {
    return this.#queue.length >= this.#batchPointsMax || this.#queuedChars >= BATCH_CHARS_MAX
  }

  async #sendBatch(): Promise<void> {
    const points = this.#nextBatch()
    try {
      const outcome = await writeBatch(this.#connection, points, this.#options)
      this.#report.writtenCount += points.length - outcome.rejectedCount
      this.#reject(outcome)
    } catch (error) {
      if (!isTooLarge(error)) throw error
      if (points.length > 1) {
        this.#batchPointsMax = Math.ceil(points.length / 2)
        return
      }
      this.#reject({ rejectedCount: 1, rejected: [{ point: points[0].point, reason: error.message }] })
    }
    this.#queue.splice(0, points.length)
    this.#sentCount += points.length
    for (const { text } of points) this.#queuedChars -= text.length
  }

  #nextBatch(): QueuedPoint[] {
    let chars = 0
    const end = this.#queue.findIndex(({ text }, count) => {
      chars += text.length
      return count === this.#batchPointsMax || (count > 0 && chars > BATCH_CHARS_MAX)
    })
    return this.#queue.slice(0, end < 0 ? undefined : end)
  }

  #reject({ rejectedCount, rejected }: Omit<WriteReport, 'writtenCount'>): void {
    this.#report.rejectedCount += rejectedCount
    this.#report.rejected.push(...rejected.slice(0, LISTED_MAX - this.#report.rejected.length))
    if (rejected.length > 0) this.#options.onRejected?.(rejected)
  }

  /** Points that name no time get different ones, so that none takes the place of another. */
  #nowUs(): number {
    this.#lastTimeUs = Math.max(Date.now() * 1_000, this.#lastTimeUs + 1)
    return this.#lastTimeUs
  }
}

function isTooLarge(error: unknown): error is RestHttpBaseException {
  return error instanceof RestHttpBaseException && error.status === 413
}
