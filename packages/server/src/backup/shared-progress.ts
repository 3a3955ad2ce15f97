/** How far a thread has come with a copy, in memory that others see, and the wish that it stops. */
import { UnavailableError } from '../errors.ts'

const DONE = 0
const IS_STOPPED = 1
const FIELDS = 2

export class SharedProgress {
  readonly memory: SharedArrayBuffer
  readonly #fields: BigInt64Array

  constructor(memory = new SharedArrayBuffer(FIELDS * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#fields = new BigInt64Array(memory)
  }

  get doneBytes(): number {
    return Number(Atomics.load(this.#fields, DONE))
  }

  /** @throws {UnavailableError} the copy is to stop. */
  add(bytes: number): void {
    Atomics.add(this.#fields, DONE, BigInt(bytes))
    if (Atomics.load(this.#fields, IS_STOPPED) === 1n) throw new UnavailableError('The copy was stopped')
  }

  stop(): void {
    Atomics.store(this.#fields, IS_STOPPED, 1n)
  }
}
