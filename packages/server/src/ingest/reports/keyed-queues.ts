/** Work that must go one behind the other where it concerns the same thing, and may overlap where it does not. */
import { OverloadedError } from '../../errors.ts'

const RETRY_AFTER_MS = 2_000

export class KeyedQueues {
  readonly #perKeyMax: number
  readonly #overallMax: number
  readonly #queues = new Map<string, { last: Promise<unknown>; length: number }>()
  #overall = 0

  /** How much may wait or be under way: of one key, and of all together. */
  constructor({ perKeyMax, overallMax }: { perKeyMax: number; overallMax: number }) {
    this.#perKeyMax = perKeyMax
    this.#overallMax = overallMax
  }

  /**
   * Does `work` once everything of the same key that came before is over, however that ended.
   * @throws {OverloadedError} too much waits; nothing was done.
   */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(key) ?? { last: Promise.resolve(), length: 0 }
    if (queue.length >= this.#perKeyMax || this.#overall >= this.#overallMax) {
      throw new OverloadedError(`Too much is waiting for ${key}; try again later`, RETRY_AFTER_MS)
    }
    queue.length++
    this.#overall++
    this.#queues.set(key, queue)
    const result = queue.last.then(work)
    queue.last = result.catch(() => undefined)
    try {
      return await result
    } finally {
      queue.length--
      this.#overall--
      if (queue.length === 0) this.#queues.delete(key)
    }
  }
}
