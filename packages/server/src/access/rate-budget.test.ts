import { expect, it } from 'vitest'
import { US_PER_HOUR, US_PER_MIN } from '../model/time.ts'
import { TestClock } from './access.fixture.ts'
import { RateBudget } from './rate-budget.ts'

it('lets so many through at once, and one more whenever its time has passed', () => {
  const clock = new TestClock()
  const budget = new RateBudget({ countMax: 3, windowUs: US_PER_HOUR, clock })
  const take = (address = '192.0.2.7') => {
    try {
      budget.take(address)
      return 'taken'
    } catch (error) {
      return (error as { retryAfterMs: number }).retryAfterMs
    }
  }
  expect([take(), take(), take(), take(), take()]).toEqual(['taken', 'taken', 'taken', 1_200_000, 1_200_000])
  expect(take('::ffff:192.0.2.7')).toBe(1_200_000)
  expect(take('192.0.2.8')).toBe('taken')
  clock.advance(20 * US_PER_MIN)
  expect([take(), take()]).toEqual(['taken', 1_200_000])
  clock.advance(2 * US_PER_HOUR)
  expect([take(), take(), take(), take()]).toEqual(['taken', 'taken', 'taken', 1_200_000])
})
