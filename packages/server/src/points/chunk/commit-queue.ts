/**
 * Group commit: whatever arrives while one group is being made durable waits and becomes the next group.
 * Groups are bounded, so that a small write never waits behind more than one bulk group, and so is the
 * queue. Tasks that need the store to themselves take their turn in the same order.
 */
import { OverloadedError, UnavailableError } from '../../errors.ts'
import type { PointBatch } from '../../model/point-batch.ts'

export interface CommitLimits {
  /** Points of one group; a single batch that is larger is a group of its own. */
  readonly groupPointsMax: number
  readonly queuedPointsMax: number
}

interface Waiting {
  readonly batch?: PointBatch
  readonly task?: () => Promise<unknown>
  resolve(result?: unknown): void
  reject(reason: unknown): void
}

const RETRY_AFTER_MS = 1_000

export class CommitQueue {
  #limits: CommitLimits
  #commit: (batches: readonly PointBatch[]) => Promise<void>
  #onFailure: (error: unknown) => void
  #waiting: Waiting[] = []
  #queuedPoints = 0
  #running: Promise<void> | undefined
  #stoppedReason: string | undefined

  /** `commit` makes a group durable and visible; when it fails, intake stops for good and `onFailure` hears of it. */
  constructor(
    limits: CommitLimits,
    commit: (batches: readonly PointBatch[]) => Promise<void>,
    onFailure: (error: unknown) => void = () => {},
  ) {
    this.#limits = limits
    this.#commit = commit
    this.#onFailure = onFailure
  }

  get stoppedReason(): string | undefined {
    return this.#stoppedReason
  }

  /** Resolves when the batch is durable and visible. */
  push(batch: PointBatch): Promise<void> {
    const count = batch.timesUs.length
    if (this.#stoppedReason) return Promise.reject(new UnavailableError(this.#stoppedReason))
    if (this.#queuedPoints + count > this.#limits.queuedPointsMax && this.#queuedPoints > 0) {
      return Promise.reject(new OverloadedError('Too many points are waiting to be stored', RETRY_AFTER_MS))
    }
    this.#queuedPoints += count
    return new Promise((resolve, reject) => this.#enqueue({ batch, resolve: () => resolve(), reject }))
  }

  /** Runs a task between two groups, after everything that was pushed before it. */
  exclusive<T>(task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) =>
      this.#enqueue({ task, resolve: (result) => resolve(result as T), reject }),
    )
  }

  /** Refuses what comes from now on. What waits already is refused too, unless it is a task. */
  stop(reason: string): void {
    this.#stoppedReason ??= reason
  }

  /** Resolves when nothing waits and nothing runs. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running
  }

  #enqueue(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    // A turn of the event loop first: what arrives in the same moment shares the first group.
    await null
    while (this.#waiting.length > 0) {
      if (this.#waiting[0].task) await this.#runTask(this.#waiting.shift()!)
      else await this.#runGroup(this.#takeGroup())
    }
    // In the same turn as the last look at the queue, so that nothing is left waiting in it.
    this.#running = undefined
  }

  async #runTask(waiting: Waiting): Promise<void> {
    try {
      waiting.resolve(await waiting.task!())
    } catch (error) {
      waiting.reject(error)
    }
  }

  async #runGroup(group: readonly Waiting[]): Promise<void> {
    try {
      if (this.#stoppedReason) throw new UnavailableError(this.#stoppedReason)
      await this.#commit(group.map((waiting) => waiting.batch!))
      for (const waiting of group) waiting.resolve()
    } catch (error) {
      if (this.#stoppedReason === undefined) this.#onFailure(error)
      const reason = error instanceof Error ? error.message : String(error)
      this.stop(`The points store stopped taking writes: ${reason}. Free the disk, then restart Sonde`)
      for (const waiting of group) waiting.reject(new UnavailableError(this.#stoppedReason, { cause: error }))
    }
  }

  #takeGroup(): Waiting[] {
    let end = 0
    let count = 0
    while (end < this.#waiting.length && this.#waiting[end].batch) {
      const next = this.#waiting[end].batch!.timesUs.length
      if (end > 0 && count + next > this.#limits.groupPointsMax) break
      count += next
      end++
    }
    this.#queuedPoints -= count
    return this.#waiting.splice(0, end)
  }
}
