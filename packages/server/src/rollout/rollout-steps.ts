/**
 * Steps of rollouts within a transaction of their caller: a device's record is saved with what follows from it, and
 * a rollout goes on, stops or ends by the counts of its stages.
 */
import { recordAudit } from '../catalog/audit.ts'
import { findDeviceFirmware, saveDeviceFirmware } from '../catalog/device-firmware.ts'
import { type DeviceState, hasUnsettledDevices, saveRolloutDevice } from '../catalog/rollout-devices.ts'
import { changeRollout, findRollout, listStages, type RolloutState } from '../catalog/rollouts.ts'
import type { RolloutDeviceRow, RolloutRow, RolloutStageRow } from '../catalog/schema/rollouts.ts'
import type { CatalogDb } from '../catalog/schema.ts'
import { OverloadedError } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import { US_PER_S } from '../model/time.ts'
import type { AttemptPolicy, DeviceRecord } from './device-machine.ts'
import { type Firmware, findFirmware, runningOf } from './running.ts'
import { hasFailed, judgeStage, type StageCounts, type StagePolicy } from './stage-gate.ts'
import type { ReadVersions } from './version-points.ts'

const CONFLICT_RETRY_MS = 1_000

/** What a device's steps are taken with: its place in a rollout, and the tags that are at stake. */
export interface Membership {
  readonly rollout: RolloutRow
  readonly member: RolloutDeviceRow
  readonly wanted: Firmware
  readonly previous: Firmware | undefined
}

/** Hears of rollouts that stop by themselves, for the log. */
export type OnStopped = (stopped: { rollout: number; name: string; reason: string }) => void

/** What the services of rollouts are made of. */
export interface RolloutParts {
  readonly db: CatalogDb
  readonly clock: Clock
  readonly readVersions: ReadVersions
  readonly onStopped?: OnStopped
}

export function attemptPolicyOf({ attempts_max, timeout_s }: RolloutRow): AttemptPolicy {
  return { attemptsMax: attempts_max, timeoutUs: timeout_s * US_PER_S }
}

export async function openMembership(
  db: CatalogDb,
  { rollout, member }: { rollout: RolloutRow; member: RolloutDeviceRow },
): Promise<Membership> {
  const wanted = await findFirmware(db, rollout.tag_id)
  // A tag that is assigned is not deleted.
  if (wanted === undefined) throw new Error(`tag ${rollout.tag_id} of rollout ${rollout.id} is missing`)
  return { rollout, member, wanted, previous: await findFirmware(db, member.previous_tag_id) }
}

export function recordOf({ state, attempts, failures, reason, since_us }: RolloutDeviceRow): DeviceRecord {
  return { state: state as DeviceState, attempts, failures, reason, sinceUs: since_us }
}

/**
 * Saves where a device is now, and what it is to run from now on.
 * @throws {OverloadedError} somebody else has changed the device meanwhile.
 */
export async function saveStep(
  db: CatalogDb,
  { rollout, member }: Pick<Membership, 'rollout' | 'member'>,
  after: DeviceRecord & { readonly previousTagId?: number | null },
): Promise<RolloutDeviceRow> {
  const { state, attempts, failures, reason, sinceUs, previousTagId = member.previous_tag_id } = after
  const row: RolloutDeviceRow = {
    ...member,
    ...{ state, attempts, failures, reason, since_us: sinceUs, previous_tag_id: previousTagId },
  }
  const isSame = (Object.keys(row) as (keyof RolloutDeviceRow)[]).every((name) => row[name] === member[name])
  if (isSame) return member
  if (!(await saveRolloutDevice(db, member, row))) {
    throw new OverloadedError('The state of the device has just changed', CONFLICT_RETRY_MS)
  }
  if (row.state !== member.state) {
    const tagId = assignedTag(rollout, row)
    if (tagId !== undefined) await saveDeviceFirmware(db, row.device_id, { tag_id: tagId, attempts: 0 })
  }
  return row
}

/** What a device said last, as the rollout sees it. */
export async function lastRunning(db: CatalogDb, { member, wanted, previous }: Membership) {
  const said = await findDeviceFirmware(db, member.device_id)
  const report = { version: said?.version ?? undefined, sketchMd5: said?.sketch_md5 ?? undefined }
  return runningOf(report, { wanted, previous })
}

/** Lets a rollout go on, stop or end, after something of it has changed. */
export async function settleRollout(
  db: CatalogDb,
  id: number,
  { nowUs, onStopped }: { nowUs: number; onStopped: OnStopped },
): Promise<void> {
  for (;;) {
    const rollout = await findRollout(db, id)
    if (rollout?.state === 'rolling_back') {
      if (!(await hasUnsettledDevices(db, id))) await endRollout(db, rollout, { state: 'rolled_back', nowUs })
      return
    }
    if (rollout?.state !== 'running') return
    const stages = await listStages(db, [id])
    const policy = stagePolicyOf(rollout)
    const failed = stages.slice(0, rollout.stage + 1).find((stage) => hasFailed(countsOf(stage), policy))
    if (failed !== undefined) {
      const reason = await stopRollout(db, rollout, { failed, nowUs })
      return onStopped({ rollout: id, name: rollout.name, reason })
    }
    const isLast = rollout.stage === stages.length - 1
    const openForUs = nowUs - (rollout.stage_opened_at_us ?? nowUs)
    switch (judgeStage(countsOf(stages[rollout.stage]), policy, { isLast, openForUs })) {
      case 'advance':
        await openStage(db, rollout, { stage: rollout.stage + 1, accountId: null, nowUs })
        break
      case 'complete':
        return endRollout(db, rollout, { state: 'completed', nowUs })
      case 'wait':
      case 'stop':
        return
    }
  }
}

export async function openStage(
  db: CatalogDb,
  { id }: RolloutRow,
  { stage, accountId, nowUs }: { stage: number; accountId: number | null; nowUs: number },
): Promise<void> {
  await changeRollout(db, id, { from: ['running'], changes: { stage, stage_opened_at_us: nowUs } })
  await auditRollout(db, id, { action: 'rollout stage', accountId, nowUs, detail: `stage ${stage + 1}` })
}

export async function auditRollout(
  db: CatalogDb,
  id: number,
  {
    action,
    accountId,
    nowUs,
    detail = '',
  }: { action: string; accountId: number | null; nowUs: number; detail?: string },
): Promise<void> {
  await recordAudit(db, {
    at_us: nowUs,
    account_id: accountId,
    action,
    target: `rollout ${id}`,
    detail,
  })
}

async function stopRollout(
  db: CatalogDb,
  { id, on_failure, failure_percent_max }: RolloutRow,
  { failed, nowUs }: { failed: RolloutStageRow; nowUs: number },
): Promise<string> {
  const { attempts_failed, attempts_succeeded } = failed
  const ended = attempts_failed + attempts_succeeded
  const reason =
    `Stage ${failed.stage + 1}: ${attempts_failed} of ${ended} attempts failed, ` +
    `more than ${failure_percent_max} %.`
  const state: RolloutState = on_failure === 'rollback' ? 'rolling_back' : 'paused'
  await changeRollout(db, id, { from: ['running'], changes: { state, reason } })
  await auditRollout(db, id, { action: `rollout ${state}`, accountId: null, nowUs, detail: reason })
  return reason
}

async function endRollout(
  db: CatalogDb,
  { id, state: from }: RolloutRow,
  { state, nowUs }: { state: RolloutState; nowUs: number },
): Promise<void> {
  await changeRollout(db, id, { from: [from as RolloutState], changes: { state, ended_at_us: nowUs } })
  await auditRollout(db, id, { action: `rollout ${state}`, accountId: null, nowUs })
}

/** Undefined when what the device is to run without a rollout stays the same. */
function assignedTag(rollout: RolloutRow, row: RolloutDeviceRow): number | undefined {
  if (row.state === 'succeeded') return rollout.tag_id
  const isBack = row.state === 'rolling_back' || row.state === 'rolled_back'
  return isBack ? (row.previous_tag_id ?? undefined) : undefined
}

function stagePolicyOf(rollout: RolloutRow): StagePolicy {
  return {
    failurePercentMax: rollout.failure_percent_max,
    attemptsMin: rollout.attempts_min,
    advancePercent: rollout.advance_percent,
    soakUs: rollout.soak_s * US_PER_S,
  }
}

function countsOf(stage: RolloutStageRow): StageCounts {
  return stage
}
