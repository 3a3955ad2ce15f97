/**
 * Rendered answers, kept for ten minutes from the moment of storing. Bounded in entries and bytes; the answer
 * that nobody asked for the longest goes first. Requests for an answer that is being made share it.
 */
import type { Clock } from '../../model/clock.ts'
import { US_PER_S } from '../../model/time.ts'

export interface AnswerCacheOptions {
  readonly clock: Clock
  readonly lifeS?: number
  readonly entriesMax?: number
  /** Of answers and their keys together. An answer larger than this is given but not kept. */
  readonly bytesMax?: number
}

interface Entry {
  readonly answer: Buffer
  readonly sizeBytes: number
  readonly expiresAtUs: number
}

export class AnswerCache {
  readonly #clock: Clock
  readonly #lifeUs: number
  readonly #entriesMax: number
  readonly #bytesMax: number
  /** Least recently used first. */
  #entries = new Map<string, Entry>()
  #pending = new Map<string, Promise<Buffer>>()
  #sizeBytes = 0

  constructor({ clock, lifeS = 600, entriesMax = 1_000, bytesMax = 32 * 1024 * 1024 }: AnswerCacheOptions) {
    this.#clock = clock
    this.#lifeUs = lifeS * US_PER_S
    this.#entriesMax = entriesMax
    this.#bytesMax = bytesMax
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** The kept answer, or the one that `make` renders. What `make` throws is passed on and nothing is kept. */
  get(key: string, make: () => Promise<Buffer>): Promise<Buffer> {
    const entry = this.#entries.get(key)
    if (entry !== undefined && entry.expiresAtUs > this.#clock.nowUs()) {
      this.#entries.delete(key)
      this.#entries.set(key, entry)
      return Promise.resolve(entry.answer)
    }
    return this.#pending.get(key) ?? this.#make(key, make)
  }

  /** Forgets everything. Answers that are being made were begun before, so they will not be kept either. */
  clear(): void {
    this.#entries.clear()
    this.#pending.clear()
    this.#sizeBytes = 0
  }

  #make(key: string, make: () => Promise<Buffer>): Promise<Buffer> {
    const making = make().then(
      (answer) => {
        if (this.#settle(key, making)) this.#store(key, answer)
        return answer
      },
      (error: unknown) => {
        this.#settle(key, making)
        throw error
      },
    )
    this.#pending.set(key, making)
    return making
  }

  /** Whether the answer was not overtaken by `clear` while it was being made. */
  #settle(key: string, making: Promise<Buffer>): boolean {
    return this.#pending.get(key) === making && this.#pending.delete(key)
  }

  #store(key: string, answer: Buffer): void {
    const nowUs = this.#clock.nowUs()
    this.#drop(key)
    for (const [oldKey, entry] of this.#entries) if (entry.expiresAtUs <= nowUs) this.#drop(oldKey)
    const sizeBytes = answer.length + 2 * key.length
    if (sizeBytes > this.#bytesMax) return
    for (const oldKey of this.#entries.keys()) {
      if (this.#entries.size < this.#entriesMax && this.#sizeBytes + sizeBytes <= this.#bytesMax) break
      this.#drop(oldKey)
    }
    this.#entries.set(key, { answer, sizeBytes, expiresAtUs: nowUs + this.#lifeUs })
    this.#sizeBytes += sizeBytes
  }

  #drop(key: string): void {
    this.#sizeBytes -= this.#entries.get(key)?.sizeBytes ?? 0
    this.#entries.delete(key)
  }
}
