/** More writes than the server can hold: some seconds of what `soak/overload.ts` does for long. */
import { describe, expect, it } from 'vitest'
import { overload } from './soak/overload.ts'

describe('server', () => {
  it('refuses what is too much, says when to come again, and keeps what it acknowledged', async () => {
    const outcome = await overload({
      seconds: 1,
      factor: 10,
      measureSeconds: 0.5,
      seriesCount: 10,
      paddingBytes: 8 * 2 ** 20,
      connections: 60,
    })
    const { 201: lists = 0, 204: lines = 0, 503: refused = 0, ...others } = outcome.answers
    expect(others).toEqual({})
    expect(refused).toBeGreaterThan(0)
    expect(outcome.refusedWithoutRetryAfter).toBe(0)
    expect(lists).toBeGreaterThan(0)
    expect(lines).toBeGreaterThan(0)
    expect(outcome.problems).toEqual([])
  }, 60_000)
})
