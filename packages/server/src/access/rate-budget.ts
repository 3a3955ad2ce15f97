/**
 * How often something may be done from one address: a budget that fills up again evenly. In memory and bounded,
 * as `rate-limit.ts`.
 */
import { RateLimitedError } from '../errors.ts'
import { type Clock, systemClock } from '../model/clock.ts'
import { US_PER_MS } from '../model/time.ts'
import { networkOf } from './rate-limit.ts'
import { RecentMap } from './recent-map.ts'

export interface RateBudgetOptions {
  /** At once, and altogether in `windowUs` when it is never left unused. */
  readonly countMax: number
  readonly windowUs: number
  readonly entriesMax?: number
  readonly clock?: Clock
}

const DEFAULT_ENTRIES_MAX = 10_000

export class RateBudget {
  readonly #countMax: number
  readonly #usPerOne: number
  readonly #clock: Clock
  /** When the budget of a network will be full. */
  readonly #fullUs: RecentMap<string, number>

  constructor(options: RateBudgetOptions) {
    const { countMax, windowUs, entriesMax = DEFAULT_ENTRIES_MAX, clock = systemClock } = options
    this.#countMax = countMax
    this.#usPerOne = windowUs / countMax
    this.#clock = clock
    this.#fullUs = new RecentMap({ entriesMax, ageUsMax: windowUs, clock })
  }

  /** @throws {RateLimitedError} the budget is used up; `retryAfterMs` is when there is some again. */
  take(address: string): void {
    const network = networkOf(address)
    const nowUs = this.#clock.nowUs()
    const fullUs = Math.max(this.#fullUs.get(network) ?? nowUs, nowUs) + this.#usPerOne
    const waitUs = fullUs - nowUs - this.#countMax * this.#usPerOne
    if (waitUs > 0) {
      const retryAfterMs = Math.ceil(waitUs / US_PER_MS)
      throw new RateLimitedError(
        `Too many requests. Try again in ${Math.ceil(retryAfterMs / 1_000)} seconds.`,
        retryAfterMs,
      )
    }
    this.#fullUs.set(network, fullUs)
  }
}
