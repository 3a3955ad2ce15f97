/**
 * Counts failed logins, and what else may not be tried for ever, in a sliding window: per account and address and
 * per address. In memory and bounded:
 * a restart forgets, and so does an attack from more addresses than there are entries, each of which is
 * still limited by itself.
 */
import { isIPv4 } from 'node:net'
import { RateLimitedError } from '../errors.ts'
import { type Clock, systemClock } from '../model/clock.ts'
import { US_PER_MIN, US_PER_MS } from '../model/time.ts'
import { RecentMap } from './recent-map.ts'

export interface RateLimiterOptions {
  readonly perAccountMax: number
  readonly perAddressMax: number
  readonly windowUs?: number
  /** What there were too many of, for the message. */
  readonly counted?: string
  readonly entriesMax?: number
  readonly clock?: Clock
}

/** Where an attempt comes from, and at which account it aims when that is known. */
export interface Attempt {
  readonly address: string
  readonly account?: string
}

const DEFAULT_WINDOW_US = 15 * US_PER_MIN
const DEFAULT_ENTRIES_MAX = 10_000
const ACCOUNT_CHARS_MAX = 250

export class RateLimiter {
  readonly #clock: Clock
  readonly #windowUs: number
  readonly #counted: string
  readonly #perAccountMax: number
  readonly #perAddressMax: number
  /** Times of failures, oldest first, never more than the limit. */
  readonly #perAccount: RecentMap<string, number[]>
  readonly #perAddress: RecentMap<string, number[]>

  constructor(options: RateLimiterOptions) {
    const { clock = systemClock, windowUs = DEFAULT_WINDOW_US, entriesMax = DEFAULT_ENTRIES_MAX } = options
    this.#clock = clock
    this.#windowUs = windowUs
    this.#counted = options.counted ?? 'failed attempts'
    this.#perAccountMax = options.perAccountMax
    this.#perAddressMax = options.perAddressMax
    this.#perAccount = new RecentMap({ entriesMax, ageUsMax: windowUs, clock })
    this.#perAddress = new RecentMap({ entriesMax, ageUsMax: windowUs, clock })
  }

  /** @throws {RateLimitedError} too many failures; `retryAfterMs` is when the oldest of them is forgotten. */
  check(attempt: Attempt): void {
    // Mostly nobody has failed lately.
    if (this.#perAddress.size === 0 && this.#perAccount.size === 0) return
    const network = networkOf(attempt.address)
    const waitUs = Math.max(
      this.#waitUs(this.#perAddress.get(network), this.#perAddressMax),
      attempt.account === undefined
        ? 0
        : this.#waitUs(this.#perAccount.get(accountKey(network, attempt.account)), this.#perAccountMax),
    )
    if (waitUs === 0) return
    const retryAfterMs = Math.ceil(waitUs / US_PER_MS)
    throw new RateLimitedError(
      `Too many ${this.#counted}. Try again in ${Math.ceil(retryAfterMs / 1_000)} seconds.`,
      retryAfterMs,
    )
  }

  /** Counts an attempt that failed, or any attempt where all of them count. */
  failed(attempt: Attempt): void {
    const network = networkOf(attempt.address)
    this.#add(this.#perAddress, network, this.#perAddressMax)
    if (attempt.account === undefined) return
    this.#add(this.#perAccount, accountKey(network, attempt.account), this.#perAccountMax)
  }

  /** Failures before a success were slips; those of the address stay, or one good account would hide many bad. */
  succeeded({ address, account }: Required<Attempt>): void {
    if (this.#perAccount.size === 0) return
    this.#perAccount.delete(accountKey(networkOf(address), account))
  }

  #add(failures: RecentMap<string, number[]>, key: string, countMax: number): void {
    const timesUs = this.#within(failures.get(key) ?? [])
    if (timesUs.length < countMax) timesUs.push(this.#clock.nowUs())
    failures.set(key, timesUs)
  }

  #waitUs(timesUs: number[] | undefined, countMax: number): number {
    const recent = this.#within(timesUs ?? [])
    return recent.length < countMax ? 0 : recent[0] + this.#windowUs - this.#clock.nowUs()
  }

  #within(timesUs: number[]): number[] {
    const fromUs = this.#clock.nowUs() - this.#windowUs
    return timesUs.filter((timeUs) => timeUs > fromUs)
  }
}

/**
 * What counts as one address: an IPv6 subscriber has a whole /64 to choose from, and an IPv4 address is the
 * same when it comes written as IPv6.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const tail = address.slice(address.lastIndexOf(':') + 1)
  if (isIPv4(tail)) return tail
  const [left, right] = address.split('%', 1)[0].split('::')
  const head = left === '' ? [] : left.split(':')
  const rest = right === undefined || right === '' ? [] : right.split(':')
  const zeros = right === undefined ? [] : Array<string>(Math.max(0, 8 - head.length - rest.length)).fill('0')
  const groups = [...head, ...zeros, ...rest].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

function accountKey(network: string, account: string): string {
  return `${network} ${account.slice(0, ACCOUNT_CHARS_MAX)}`
}
