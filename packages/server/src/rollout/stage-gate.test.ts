import { describe, expect, it } from 'vitest'
import { judgeStage, type StageCounts } from './stage-gate.ts'

const POLICY = { failurePercentMax: 10, attemptsMin: 5, advancePercent: 90, soakUs: 100 }
const NOTHING: StageCounts = {
  pending: 0,
  offered: 0,
  downloading: 0,
  verifying: 0,
  succeeded: 0,
  failed: 0,
  rolling_back: 0,
  rolled_back: 0,
  attempts_succeeded: 0,
  attempts_failed: 0,
}

function judge(counts: Partial<StageCounts>, { isLast = false, openForUs = 100 } = {}): string {
  return judgeStage({ ...NOTHING, ...counts }, POLICY, { isLast, openForUs })
}

describe('judgeStage', () => {
  it('goes on when enough devices have ended, and not before', () => {
    expect(judge({ pending: 2, succeeded: 8, attempts_succeeded: 8 })).toBe('wait')
    expect(judge({ pending: 1, succeeded: 9, attempts_succeeded: 9 })).toBe('advance')
    expect(judge({ verifying: 2, succeeded: 8, attempts_succeeded: 8 })).toBe('wait')
    expect(judge({})).toBe('advance')
  })

  it('waits between two stages', () => {
    expect(judge({ succeeded: 9, attempts_succeeded: 9 }, { openForUs: 99 })).toBe('wait')
  })

  it('ends the last stage when all devices of it have ended', () => {
    expect(judge({ pending: 1, succeeded: 99, attempts_succeeded: 99 }, { isLast: true })).toBe('wait')
    expect(judge({ succeeded: 9, attempts_succeeded: 9 }, { isLast: true, openForUs: 0 })).toBe('complete')
  })

  it('stops when more than so many of enough attempts failed', () => {
    expect(judge({ pending: 9, attempts_failed: 4 })).toBe('wait')
    expect(judge({ pending: 9, attempts_failed: 5 })).toBe('stop')
    expect(judge({ pending: 9, attempts_failed: 1, attempts_succeeded: 9 })).toBe('wait')
    expect(judge({ pending: 9, attempts_failed: 2, attempts_succeeded: 9 })).toBe('stop')
  })

  it('judges a small stage by what there is, when nothing more will come', () => {
    expect(judge({ failed: 1, succeeded: 1, attempts_failed: 1, attempts_succeeded: 1 })).toBe('stop')
  })
})
