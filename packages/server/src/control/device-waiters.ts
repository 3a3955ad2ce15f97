/** Devices that wait for something to happen to them: so many at a time, and few for each. */

export interface Waiter {
  /** Whether it was woken before the time was over, the device hung up, or everybody was sent away. */
  within(waitMs: number, signal: AbortSignal): Promise<boolean>
  /** To be called when nobody waits any more, or nobody ever will. */
  forget(): void
}

const WAITERS_MAX = 5_000
const WAITERS_PER_DEVICE_MAX = 4

export class DeviceWaiters {
  readonly #wakers = new Map<number, Set<(isWoken: boolean) => void>>()
  #count = 0
  #isClosed = false

  /** From now on nothing that happens is missed; undefined when too many wait. */
  expect(deviceId: number): Waiter | undefined {
    const wakers = this.#wakers.get(deviceId) ?? new Set()
    if (this.#count >= WAITERS_MAX || wakers.size >= WAITERS_PER_DEVICE_MAX) return undefined
    const { promise, resolve } = Promise.withResolvers<boolean>()
    wakers.add(resolve)
    this.#wakers.set(deviceId, wakers)
    this.#count++
    if (this.#isClosed) resolve(false)
    return {
      async within(waitMs, signal) {
        const giveUp = () => resolve(false)
        const timer = setTimeout(giveUp, waitMs)
        signal.addEventListener('abort', giveUp)
        try {
          return await promise
        } finally {
          clearTimeout(timer)
          signal.removeEventListener('abort', giveUp)
        }
      },
      forget: () => {
        if (!wakers.delete(resolve)) return
        this.#count--
        if (wakers.size === 0 && this.#wakers.get(deviceId) === wakers) this.#wakers.delete(deviceId)
      },
    }
  }

  /** All of them look; one finds what has happened. */
  wake(deviceId: number): void {
    for (const resolve of this.#wakers.get(deviceId) ?? []) resolve(true)
  }

  close(): void {
    this.#isClosed = true
    for (const wakers of this.#wakers.values()) for (const resolve of wakers) resolve(false)
  }
}
