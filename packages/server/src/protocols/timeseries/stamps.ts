/** Times for points: microseconds of the server's clock, none of them given twice while it goes forward. */
import type { Clock } from '../../model/clock.ts'
import { US_PER_S } from '../../model/time.ts'

/** A clock that is so far behind the last stamp was set back; stamps then go back with it. */
const SET_BACK_US = US_PER_S

export class Stamps {
  readonly #clock: Clock
  #lastUs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  next(): number {
    const nowUs = this.#clock.nowUs()
    this.#lastUs = nowUs < this.#lastUs - SET_BACK_US ? nowUs : Math.max(nowUs, this.#lastUs + 1)
    return this.#lastUs
  }

  /** Not before any stamp that was given, unless the clock was set back since. */
  nowUs(): number {
    const nowUs = this.#clock.nowUs()
    return nowUs < this.#lastUs - SET_BACK_US ? nowUs : Math.max(nowUs, this.#lastUs)
  }
}
