import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Stage, shareOf, stageOf } from './assignment.ts'

const ids = fc.integer({ min: 1, max: 2 ** 48 - 1 })
const percents = (...values: number[]): Stage[] => values.map((percent) => ({ percent }))

describe('stages of devices', () => {
  it('puts every device into one when the last takes all, and the same at every time', () => {
    fc.assert(
      fc.property(ids, ids, (rolloutId, deviceId) => {
        const stages = percents(5, 25, 100)
        const stage = stageOf(stages, { rolloutId, deviceId })
        expect([0, 1, 2]).toContain(stage)
        expect(stageOf(stages, { rolloutId, deviceId })).toBe(stage)
      }),
    )
  })

  it('only adds devices when a share grows', () => {
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 99 }), (deviceId, percent) => {
        const device = { rolloutId: 7, deviceId }
        if (stageOf(percents(percent), device) === 0) expect(stageOf(percents(percent + 1), device)).toBe(0)
      }),
    )
  })

  it('spreads devices as the shares say', () => {
    const shares = Array.from({ length: 10_000 }, (_, deviceId) => shareOf({ rolloutId: 1, deviceId }))
    for (const percent of [1, 10, 50]) {
      const part = shares.filter((share) => share < percent).length
      expect(Math.abs(part - percent * 100)).toBeLessThan(200)
    }
  })

  it('takes rings first where they come first, and leaves out who is in no stage', () => {
    const stages: Stage[] = [{ ring: new Set([4]) }, { ring: new Set([4, 5]) }]
    expect([4, 5, 6].map((deviceId) => stageOf(stages, { rolloutId: 1, deviceId }))).toEqual([
      0,
      1,
      undefined,
    ])
  })

  it('is fixed: other numbers would move devices of rollouts that are under way', () => {
    expect(shareOf({ rolloutId: 1, deviceId: 1 }).toFixed(6)).toBe('0.797251')
    expect(shareOf({ rolloutId: 2, deviceId: 1 }).toFixed(6)).toBe('89.640499')
  })
})
