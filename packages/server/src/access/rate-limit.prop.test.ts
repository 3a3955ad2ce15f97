import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TestClock } from './access.fixture.ts'
import { RateLimiter } from './rate-limit.ts'

it('never lets more failures through in any window than it should', () => {
  const step = fc.record({ waitUs: fc.integer({ min: 0, max: 60 }), account: fc.constantFrom('a', 'b') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const clock = new TestClock()
      const limiter = new RateLimiter({ perAccountMax: 3, perAddressMax: 5, windowUs: 100, clock })
      const failures: { timeUs: number; account: string }[] = []
      for (const { waitUs, account } of steps) {
        clock.advance(waitUs)
        const attempt = { address: '192.0.2.7', account }
        const recent = failures.filter(({ timeUs }) => timeUs > clock.nowUs() - 100)
        const ofAccount = recent.filter((failure) => failure.account === account)
        const isFree = recent.length < 5 && ofAccount.length < 3
        if (isFree) {
          limiter.check(attempt)
          limiter.failed(attempt)
          failures.push({ timeUs: clock.nowUs(), account })
        } else {
          expect(() => limiter.check(attempt)).toThrow('Too many failed attempts')
        }
      }
    }),
    { numRuns: 200 },
  )
})
