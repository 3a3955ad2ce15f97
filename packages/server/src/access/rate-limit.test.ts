import { describe, expect, it } from 'vitest'
import { RateLimitedError } from '../errors.ts'
import { US_PER_MIN } from '../model/time.ts'
import { TestClock } from './access.fixture.ts'
import { networkOf, RateLimiter } from './rate-limit.ts'

function open({ entriesMax = 100 } = {}) {
  const clock = new TestClock()
  return { clock, limiter: new RateLimiter({ perAccountMax: 20, perAddressMax: 100, entriesMax, clock }) }
}

const RICK = { address: '192.0.2.7', account: 'rick' }

/** Milliseconds to wait, or 0. */
function waitMs(limiter: RateLimiter, attempt: { address: string; account?: string }): number {
  try {
    limiter.check(attempt)
    return 0
  } catch (error) {
    expect(error).toBeInstanceOf(RateLimitedError)
    return (error as RateLimitedError).retryAfterMs
  }
}

describe('RateLimiter', () => {
  it('refuses an account after 20 failures from one address, and no other', () => {
    const { limiter } = open()
    for (let i = 0; i < 20; i++) {
      expect(waitMs(limiter, RICK)).toBe(0)
      limiter.failed(RICK)
    }
    expect(waitMs(limiter, RICK)).toBe(15 * 60_000)
    expect(waitMs(limiter, { ...RICK, account: 'morty' })).toBe(0)
    expect(waitMs(limiter, { ...RICK, address: '192.0.2.8' })).toBe(0)
    expect(waitMs(limiter, { address: RICK.address })).toBe(0)
  })

  it('refuses an address after 100 failures, whatever the account', () => {
    const { limiter } = open()
    for (let i = 0; i < 100; i++) limiter.failed({ ...RICK, account: `user ${i}` })
    expect(waitMs(limiter, { ...RICK, account: 'another' })).toBe(15 * 60_000)
    expect(waitMs(limiter, { address: RICK.address })).toBe(15 * 60_000)
    expect(waitMs(limiter, { ...RICK, address: '192.0.2.8' })).toBe(0)
  })

  it('lets the window slide: each failure is forgotten after 15 minutes', () => {
    const { limiter, clock } = open()
    for (let i = 0; i < 20; i++) {
      limiter.failed(RICK)
      clock.advance(US_PER_MIN / 2)
    }
    expect(waitMs(limiter, RICK)).toBe(5 * 60_000)
    clock.advance(5 * US_PER_MIN - 1)
    expect(waitMs(limiter, RICK)).toBe(1)
    clock.advance(1)
    expect(waitMs(limiter, RICK)).toBe(0)
    limiter.failed(RICK)
    expect(waitMs(limiter, RICK)).toBe(30_000)
  })

  it('does not wait longer because of what is refused meanwhile', () => {
    const { limiter, clock } = open()
    for (let i = 0; i < 50; i++) limiter.failed(RICK)
    clock.advance(15 * US_PER_MIN)
    expect(waitMs(limiter, RICK)).toBe(0)
  })

  it('forgets the failures of an account after a success, not those of the address', () => {
    const { limiter } = open()
    for (let i = 0; i < 20; i++) limiter.failed(RICK)
    limiter.succeeded(RICK)
    expect(waitMs(limiter, RICK)).toBe(0)
    for (let i = 0; i < 80; i++) limiter.failed({ address: RICK.address })
    expect(waitMs(limiter, RICK)).toBe(15 * 60_000)
  })

  it('forgets the address that was quiet longest when there are too many', () => {
    const { limiter } = open({ entriesMax: 10 })
    for (let i = 0; i < 100; i++) limiter.failed({ address: '192.0.2.7' })
    for (let i = 0; i < 9; i++) limiter.failed({ address: `198.51.100.${i}` })
    expect(waitMs(limiter, { address: '192.0.2.7' })).toBeGreaterThan(0)
    for (let i = 0; i < 10; i++) limiter.failed({ address: `203.0.113.${i}` })
    expect(waitMs(limiter, { address: '192.0.2.7' })).toBe(0)
  })
})

it('takes the addresses of one subscriber for one', () => {
  const network = (address: string, expected: string) => expect(networkOf(address), address).toBe(expected)
  network('192.0.2.7', '192.0.2.7')
  network('::ffff:192.0.2.7', '192.0.2.7')
  network('2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64')
  network('2001:0DB8:0001:0002::9', '2001:db8:1:2::/64')
  network('2001:db8::', '2001:db8:0:0::/64')
  network('2001:db8::1', '2001:db8:0:0::/64')
  network('::1', '0:0:0:0::/64')
  network('fe80::1%eth0', 'fe80:0:0:0::/64')
})
