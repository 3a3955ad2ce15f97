/**
 * A bounded map of what was used last, in which entries also grow too old. For answers from the catalog it
 * tells whether something was forgotten while they were being read.
 */
import type { Clock } from '../model/clock.ts'

export interface RecentMapOptions {
  readonly entriesMax: number
  /** Since the entry was set. */
  readonly ageUsMax: number
  readonly clock: Clock
}

export class RecentMap<Key, Value> {
  readonly #options: RecentMapOptions
  #entries = new Map<Key, { value: Value; setAtUs: number }>()
  #epoch = 0

  constructor(options: RecentMapOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#entries.size
  }

  /** Changes whenever something is forgotten on purpose. */
  get epoch(): number {
    return this.#epoch
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    if (this.#options.clock.nowUs() - entry.setAtUs >= this.#options.ageUsMax) return undefined
    this.#entries.set(key, entry)
    return entry.value
  }

  /** Sets an entry; over the limit the one that was used longest ago goes. */
  set(key: Key, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, setAtUs: this.#options.clock.nowUs() })
    if (this.#entries.size <= this.#options.entriesMax) return
    const [oldest] = this.#entries.keys()
    this.#entries.delete(oldest)
  }

  /** Sets what was read since `epoch`, unless something was forgotten since: it might be out of date. */
  setRead(key: Key, value: Value, epoch: number): void {
    if (epoch === this.#epoch) this.set(key, value)
  }

  delete(key: Key): void {
    this.#epoch++
    this.#entries.delete(key)
  }

  deleteWhere(isOutdated: (value: Value, key: Key) => boolean): void {
    this.#epoch++
    for (const [key, { value }] of this.#entries) {
      if (isOutdated(value, key)) this.#entries.delete(key)
    }
  }
}
