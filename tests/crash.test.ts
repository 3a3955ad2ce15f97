/** The whole server is killed while clients write: a few rounds of what `soak/kill.ts` does for long. */
import { describe, expect, it } from 'vitest'
import { killAndCheck } from './soak/kill.ts'

const ROUNDS = 3

describe('server', () => {
  it(`keeps what it acknowledged over ${ROUNDS} kills, and nothing that nobody sent`, async () => {
    const outcome = await killAndCheck({ rounds: ROUNDS, seed: Date.now() % 2 ** 32, loadMsMax: 800 })
    expect(outcome.problems).toEqual([])
    expect(outcome.acknowledged).toBeGreaterThan(1_000)
  }, 120_000)
})
