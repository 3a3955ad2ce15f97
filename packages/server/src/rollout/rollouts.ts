/**
 * What operators do with rollouts, and what happens to them by time alone. Devices are put into stages when a
 * rollout starts; those that join the fleet later are not in it.
 */
import { inTransaction } from '../catalog/in-transaction.ts'
import {
  addRolloutDevices,
  findBusyDevice,
  listRecallDevices,
  listTargetDevices,
  listWaitingDevices,
} from '../catalog/rollout-devices.ts'
import {
  ACTIVE_STATES,
  changeRollout,
  findRollout,
  forgetAttempts,
  listActiveRollouts,
  listStages,
  type RolloutState,
} from '../catalog/rollouts.ts'
import type { RolloutDeviceRow, RolloutRow } from '../catalog/schema/rollouts.ts'
import type { CatalogDb } from '../catalog/schema.ts'
import { ConflictError, InvalidError, NotFoundError, OverloadedError } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import { type Stage, stageOf } from './assignment.ts'
import { expired, heard, recalled } from './device-machine.ts'
import {
  attemptPolicyOf,
  auditRollout,
  lastRunning,
  type OnStopped,
  openMembership,
  openStage,
  type RolloutParts,
  recordOf,
  saveStep,
  settleRollout,
} from './rollout-steps.ts'
import { findFirmware, runningOf } from './running.ts'
import type { PointVersion, ReadVersions } from './version-points.ts'

export const DEVICES_MAX = 100_000
const PAGE = 500

export interface Actor {
  readonly accountId: number
}

export const ROLLOUT_ACTIONS = ['start', 'pause', 'resume', 'advance', 'abort', 'rollback'] as const
export type RolloutAction = (typeof ROLLOUT_ACTIONS)[number]

const FROM: Readonly<Record<RolloutAction, readonly RolloutState[]>> = {
  start: ['draft'],
  pause: ['running'],
  resume: ['paused'],
  advance: ['running'],
  abort: ['running', 'paused', 'rolling_back'],
  rollback: ['running', 'paused', 'completed', 'aborted'],
}

export class Rollouts {
  readonly #db: CatalogDb
  readonly #clock: Clock
  readonly #readVersions: ReadVersions
  readonly #onStopped: OnStopped

  constructor(parts: RolloutParts) {
    this.#db = parts.db
    this.#clock = parts.clock
    this.#readVersions = parts.readVersions
    this.#onStopped = parts.onStopped ?? (() => {})
  }

  /**
   * @throws {ConflictError} the rollout is in no state for that, or another one has a say in one of its devices.
   * @throws {InvalidError} no devices, or too many.
   */
  async act(id: number, action: RolloutAction, { accountId }: Actor): Promise<RolloutRow> {
    const nowUs = this.#clock.nowUs()
    await inTransaction(this.#db, async (db) => {
      const rollout = await findRollout(db, id)
      if (rollout === undefined) throw new NotFoundError()
      const from = FROM[action]
      if (!from.some((state) => state === rollout.state)) {
        throw new ConflictError(
          `The rollout is ${rollout.state}; ${action} needs one that is ${from.join(' or ')}.`,
        )
      }
      // What the devices of one that has ended run may be another's matter by now.
      if (action === 'rollback' && rollout.ended_at_us !== null) await refuseBusy(db, await touched(db, id))
      await auditRollout(db, id, { action: `rollout ${action}`, accountId, nowUs })
      await this.#take(db, rollout, { action, accountId, nowUs })
      await settleRollout(db, id, { nowUs, onStopped: this.#onStopped })
    })
    await this.refresh(id)
    const row = await findRollout(this.#db, id)
    if (row === undefined) throw new NotFoundError()
    return row
  }

  /** Looks at what time and points have changed since; cheap when that is nothing. */
  async refresh(id: number): Promise<void> {
    const rollout = await findRollout(this.#db, id)
    if (rollout === undefined || !ACTIVE_STATES.some((state) => state === rollout.state)) return
    if (rollout.state === 'rolling_back') await this.#recall(rollout)
    await this.#hear(rollout)
    await inTransaction(this.#db, (db) =>
      settleRollout(db, id, { nowUs: this.#clock.nowUs(), onStopped: this.#onStopped }),
    )
  }

  /** For a timer of some seconds. */
  async sweep(): Promise<void> {
    for (const id of await listActiveRollouts(this.#db)) await this.refresh(id)
  }

  async #take(
    db: CatalogDb,
    rollout: RolloutRow,
    { action, accountId, nowUs }: { action: RolloutAction; accountId: number; nowUs: number },
  ): Promise<void> {
    const { id } = rollout
    const from = FROM[action]
    switch (action) {
      case 'start':
        await this.#fill(db, rollout, nowUs)
        await changeRollout(db, id, {
          from,
          changes: { state: 'running', started_at_us: nowUs, stage_opened_at_us: nowUs },
        })
        return
      case 'pause':
        await changeRollout(db, id, { from, changes: { state: 'paused', reason: '' } })
        return
      case 'resume':
        await forgetAttempts(db, id)
        await changeRollout(db, id, { from, changes: { state: 'running', reason: '' } })
        return
      case 'advance': {
        const stages = await listStages(db, [id])
        if (rollout.stage + 1 >= stages.length) throw new ConflictError('The last stage is open already.')
        return openStage(db, rollout, { stage: rollout.stage + 1, accountId, nowUs })
      }
      case 'abort':
        await changeRollout(db, id, { from, changes: { state: 'aborted', ended_at_us: nowUs } })
        return
      case 'rollback':
        await changeRollout(db, id, { from, changes: { state: 'rolling_back', ended_at_us: null } })
        return
    }
  }

  /** Puts devices into stages. */
  async #fill(db: CatalogDb, { id, org_id, fleet_id }: RolloutRow, nowUs: number): Promise<void> {
    const target = { orgId: org_id, fleetId: fleet_id, limit: DEVICES_MAX + 1 }
    const deviceIds = await listTargetDevices(db, target)
    if (deviceIds.length > DEVICES_MAX) {
      throw new InvalidError(`A rollout has at most ${DEVICES_MAX} devices; choose a smaller fleet.`)
    }
    const stages: Stage[] = []
    for (const { percent, fleet_id: fleetId } of await listStages(db, [id])) {
      if (percent !== null) stages.push({ percent })
      else stages.push({ ring: new Set(await listTargetDevices(db, { ...target, fleetId })) })
    }
    const rows: RolloutDeviceRow[] = deviceIds.flatMap((deviceId) => {
      const stage = stageOf(stages, { rolloutId: id, deviceId })
      if (stage === undefined) return []
      const nothing = { attempts: 0, failures: 0, previous_tag_id: null, reason: '', since_us: nowUs }
      return [{ rollout_id: id, device_id: deviceId, stage, state: 'pending', ...nothing }]
    })
    if (rows.length === 0) throw new InvalidError('No active device is in the stages of this rollout.')
    await refuseBusy(
      db,
      rows.map((row) => row.device_id),
    )
    await addRolloutDevices(db, rows)
  }

  /** Takes versions that came as points, and fails attempts of which nothing was heard in time. */
  async #hear(rollout: RolloutRow): Promise<void> {
    let afterId = 0
    for (;;) {
      const page = await listWaitingDevices(this.#db, { rolloutId: rollout.id, afterId, limit: PAGE })
      if (page.length > 0) await this.#hearPage(rollout, page)
      if (page.length < PAGE) return
      afterId = page[page.length - 1].device_id
    }
  }

  async #hearPage(rollout: RolloutRow, waiting: readonly RolloutDeviceRow[]): Promise<void> {
    const nowUs = this.#clock.nowUs()
    const policy = attemptPolicyOf(rollout)
    const ids = waiting.map((row) => row.device_id)
    const versions = await this.#readVersions(ids, rollout.version_variable)
    const wanted = (await findFirmware(this.#db, rollout.tag_id))?.tag.tag ?? ''
    const due = waiting.filter((row) => {
      const isHeard = newsOf(versions.get(row.device_id), row, wanted) !== undefined
      // A device that goes back has all the time in the world.
      return isHeard || (row.state !== 'rolling_back' && nowUs - row.since_us >= policy.timeoutUs)
    })
    await this.#eachAlone(due, async (db, member) => {
      const membership = await openMembership(db, { rollout, member })
      const point = newsOf(versions.get(member.device_id), member, wanted)
      const running = runningOf(point ?? {}, membership)
      const before = heard(recordOf(member), { running, nowUs }, policy)
      await saveStep(db, membership, expired(before, nowUs, policy))
    })
  }

  /** Takes devices back that have not heard of it yet; they get the previous tag when they ask. */
  async #recall(rollout: RolloutRow): Promise<void> {
    const nowUs = this.#clock.nowUs()
    let afterId = 0
    for (;;) {
      const page = await listRecallDevices(this.#db, { rolloutId: rollout.id, afterId, limit: PAGE })
      await this.#eachAlone(page, async (db, member) => {
        const membership = await openMembership(db, { rollout, member })
        const running = await lastRunning(db, membership)
        const hasPrevious = membership.previous !== undefined
        await saveStep(db, membership, recalled(recordOf(member), { running, hasPrevious, nowUs }))
      })
      if (page.length < PAGE) return
      afterId = page[page.length - 1].device_id
    }
  }

  /** In one transaction; a device that has just changed is left for the next time. */
  async #eachAlone(
    rows: readonly RolloutDeviceRow[],
    step: (db: CatalogDb, row: RolloutDeviceRow) => Promise<void>,
  ): Promise<void> {
    if (rows.length === 0) return
    await inTransaction(this.#db, async (db) => {
      for (const row of rows) {
        await step(db, row).catch((error) => {
          if (!(error instanceof OverloadedError)) throw error
        })
      }
    })
  }
}

/** What a point says that is younger than the last step, or that the device runs what it should. */
function newsOf(point: PointVersion | undefined, { since_us }: RolloutDeviceRow, wanted: string) {
  return point !== undefined && (point.version === wanted || point.timeUs > since_us) ? point : undefined
}

async function touched(db: CatalogDb, rolloutId: number): Promise<number[]> {
  const ids: number[] = []
  for (let afterId = 0; ; afterId = ids[ids.length - 1]) {
    const page = await listRecallDevices(db, { rolloutId, afterId, limit: PAGE })
    for (const { device_id } of page) ids.push(device_id)
    if (page.length < PAGE) return ids
  }
}

/** @throws {ConflictError} another rollout has a say in one of the devices. */
async function refuseBusy(db: CatalogDb, deviceIds: readonly number[]): Promise<void> {
  const busy = await findBusyDevice(db, deviceIds)
  if (busy === undefined) return
  throw new ConflictError(`Rollout ${busy.rollout_id} has devices of this one; abort it or wait for its end.`)
}
