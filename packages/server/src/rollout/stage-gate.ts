/** Decides from the counts of a stage whether a rollout goes on, waits, or stops. */
import type { DeviceState } from '../catalog/rollout-devices.ts'

export interface StageCounts extends Readonly<Record<DeviceState, number>> {
  readonly attempts_succeeded: number
  readonly attempts_failed: number
}

export interface StagePolicy {
  readonly failurePercentMax: number
  readonly attemptsMin: number
  readonly advancePercent: number
  readonly soakUs: number
}

export type Verdict = 'wait' | 'advance' | 'complete' | 'stop'

/** More attempts failed than may, of enough of them, or of all that there will be. */
export function hasFailed(counts: StageCounts, { failurePercentMax, attemptsMin }: StagePolicy): boolean {
  const { attempts_failed: failed, attempts_succeeded: succeeded } = counts
  const ended = failed + succeeded
  const isEnough = ended >= attemptsMin || openDevices(counts) === 0
  return failed > 0 && isEnough && failed * 100 > failurePercentMax * ended
}

/** @param openForUs Since the stage was opened. */
export function judgeStage(
  counts: StageCounts,
  policy: StagePolicy,
  { isLast, openForUs }: { isLast: boolean; openForUs: number },
): Verdict {
  if (hasFailed(counts, policy)) return 'stop'
  const open = openDevices(counts)
  if (isLast) return open === 0 ? 'complete' : 'wait'
  const ended = counts.succeeded + counts.failed
  const isThrough = ended * 100 >= policy.advancePercent * (ended + open)
  return isThrough && openForUs >= policy.soakUs ? 'advance' : 'wait'
}

function openDevices({ pending, offered, downloading, verifying }: StageCounts): number {
  return pending + offered + downloading + verifying
}
