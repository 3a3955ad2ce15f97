import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawBar, drawRollout } from './draw-rollout.ts'
import { DEVICE_STATES, type DeviceCounts, type Rollout } from './rollout.ts'

const counts = (given: Partial<DeviceCounts>): DeviceCounts => ({
  ...(Object.fromEntries(DEVICE_STATES.map((state) => [state, 0])) as unknown as DeviceCounts),
  ...given,
})

const rollout = (more: Partial<Rollout>): Rollout => ({
  ...{ id: 1, name: 'x', package: 'blinker', tag: '2.0', fleet: 'g--0001', org: 'home', state: 'running' },
  reason: '',
  devices: counts({ succeeded: 10, pending: 90 }),
  stages: [
    { stage: 1, percent: 10, fleet: null, open: true, ...counts({ succeeded: 9, failed: 1 }) },
    { stage: 2, percent: 100, fleet: null, open: false, ...counts({ pending: 90 }) },
  ],
  ...more,
})

describe('drawBar', () => {
  it.each<[string, Partial<DeviceCounts>, string]>([
    ['nothing', {}, '          '],
    ['halves', { succeeded: 5, pending: 5 }, '█████·····'],
    ['one of very many', { failed: 1, pending: 99_999 }, '×·········'],
    ['everything', { succeeded: 1, rolled_back: 1, offered: 1, failed: 1, pending: 6 }, '█◀▒×······'],
    ['thirds', { succeeded: 1, verifying: 1, failed: 1 }, '████▒▒▒×××'],
  ])('shows %s', (_, given, bar) => {
    expect(drawBar(counts(given), { width: 10, hasColours: false })).toBe(bar)
  })

  it('has a width, and a place for every state that there is', () => {
    const some = fc.record(
      Object.fromEntries(DEVICE_STATES.map((state) => [state, fc.nat(100_000)])),
    ) as unknown as fc.Arbitrary<DeviceCounts>
    fc.assert(
      fc.property(some, fc.integer({ min: 5, max: 60 }), (given, width) => {
        const bar = drawBar(given, { width, hasColours: false })
        expect(bar).toHaveLength(width)
        expect(bar.includes('×')).toBe(given.failed > 0)
        expect(bar.includes('·')).toBe(given.pending > 0)
        expect(bar.includes('█')).toBe(given.succeeded > 0)
      }),
    )
  })
})

describe('drawRollout', () => {
  it('has a line for each stage and one for all', () => {
    expect(drawRollout(rollout({}), { width: 72, hasColours: false })).toEqual([
      'blinker 2.0 for g--0001: running',
      `stage 1, 10 %  [${'█'.repeat(24)}×××] 1 failed, 9 succeeded`,
      `stage 2, 100 % [${'·'.repeat(27)}] not open, 90 pending`,
      `all            [███${'·'.repeat(24)}] 10 succeeded, 90 pending`,
    ])
  })

  it('says why it stopped, and cuts what is too long', () => {
    const stopped = rollout({
      state: 'rolling_back',
      reason: 'Stage 1: \u001b[2J1 of 2 attempts failed, more than 10 %.',
    })
    const lines = drawRollout(stopped, { width: 40, hasColours: false })
    expect(lines.slice(0, 2)).toEqual([
      'blinker 2.0 for g--0001: rolling back',
      'Stage 1: ·[2J1 of 2 attempts failed, mo…',
    ])
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40)
  })

  it('has colours where they are wanted', () => {
    expect(drawRollout(rollout({}), { width: 72, hasColours: true })[1]).toContain('\u001b[31m×')
  })
})
