/**
 * What devices are told: whether there is something new for them, and which bytes. Every question says something
 * about the device as well, and moves its rollout on. A device that is in no rollout gets the tag that somebody
 * assigned to it.
 */
import { type FirmwareChanges, findDeviceFirmware, saveDeviceFirmware } from '../catalog/device-firmware.ts'
import { inTransaction } from '../catalog/in-transaction.ts'
import { createOtaVersion } from '../catalog/ota-versions.ts'
import { findTag } from '../catalog/package-tags.ts'
import { findActiveRollout } from '../catalog/rollout-devices.ts'
import { findRollout } from '../catalog/rollouts.ts'
import type { DeviceFirmwareRow, RolloutDeviceRow, RolloutRow } from '../catalog/schema/rollouts.ts'
import type { CatalogDb, DeviceRow } from '../catalog/schema.ts'
import type { Clock } from '../model/clock.ts'
import { US_PER_MIN } from '../model/time.ts'
import { began, downloaded, gaveUp, heard, IN_FLIGHT, offered, recalled } from './device-machine.ts'
import {
  attemptPolicyOf,
  lastRunning,
  type Membership,
  type OnStopped,
  openMembership,
  type RolloutParts,
  recordOf,
  saveStep,
  settleRollout,
} from './rollout-steps.ts'
import { type Firmware, findFirmware, isFirmware, type Report, runningOf } from './running.ts'
import type { ReadVersions } from './version-points.ts'

/** What a device may fetch. `attempt` is there when the bytes belong to a rollout. */
export interface Offer extends Firmware {
  readonly attempt?: { readonly rolloutId: number; readonly number: number }
}

/** `report`: the device only says what it runs. `offer`: it asks. `download`: it takes the bytes now. */
export type Wish = 'report' | 'offer' | 'download'

/** Downloads of an assigned tag, or of the one before, until the device is left alone. */
export const ATTEMPTS_ALONE_MAX = 10
export const VERSION_VARIABLE = 'firmware_version'
/** A device that says the same again and again is written down so often. */
const NOTED_EVERY_US = 5 * US_PER_MIN

export class DeviceUpdates {
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
   * What the device is to run instead of what it runs; undefined when that is right, or nobody has decided it.
   * @throws {OverloadedError} the same device is asking in several places at once.
   */
  async ask(device: DeviceRow, said: Report, wish: Wish): Promise<Offer | undefined> {
    const report = await this.#completed(device, said)
    return inTransaction(this.#db, async (db) => {
      const firmware = await this.#note(db, device, report)
      const active = await findActiveOf(db, device)
      if (active !== undefined) {
        const membership = await openMembership(db, active)
        const inRollout = await this.#inRollout(db, { membership, firmware, report, wish })
        if (inRollout !== undefined) return inRollout
      }
      return wish === 'report' ? undefined : this.#alone(db, device, { report, wish })
    })
  }

  /** What the device may run, whether it does or not: of its rollout, and what was assigned; the latter first. */
  async known(device: DeviceRow): Promise<Firmware[]> {
    const assigned = await findDeviceFirmware(this.#db, device.id)
    const active = await findActiveOf(this.#db, device)
    const ids = new Set([assigned?.tag_id, active?.member.previous_tag_id])
    if (active !== undefined && active.member.stage <= active.rollout.stage) ids.add(active.rollout.tag_id)
    const found = await Promise.all([...ids].map((id) => findFirmware(this.#db, id ?? null)))
    return found.filter((firmware) => firmware !== undefined)
  }

  /** The last byte of an offer has been sent. */
  async sent(device: DeviceRow, { attempt }: Offer): Promise<void> {
    if (attempt === undefined) return
    const nowUs = this.#clock.nowUs()
    await inTransaction(this.#db, async (db) => {
      const active = await findActiveOf(db, device)
      if (active?.rollout.id !== attempt.rolloutId) return
      const step = { attempt: attempt.number, nowUs }
      await saveStep(db, active, downloaded(recordOf(active.member), step))
    })
  }

  /** The device has refused what it got, or could not write it. */
  async failed(device: DeviceRow, reason: string): Promise<void> {
    await inTransaction(this.#db, async (db) => {
      const active = await findActiveOf(db, device)
      if (active === undefined) return
      const nowUs = this.#clock.nowUs()
      const policy = attemptPolicyOf(active.rollout)
      await saveStep(db, active, gaveUp(recordOf(active.member), { reason, nowUs }, policy))
      await settleRollout(db, active.rollout.id, { nowUs, onStopped: this.#onStopped })
    })
  }

  /** A device that says nothing of its version may have sent it as a point. */
  async #completed(device: DeviceRow, said: Report): Promise<Report> {
    if (said.version || said.sketchMd5) return said
    const active = await findActiveOf(this.#db, device)
    const variable = active?.rollout.version_variable ?? VERSION_VARIABLE
    const point = (await this.#readVersions([device.id], variable)).get(device.id)
    if (point === undefined) return said
    // An old version is news only if it is younger than what the device has got.
    const isNews = active === undefined || point.timeUs > active.member.since_us
    const tag = active && (await findFirmware(this.#db, active.rollout.tag_id))?.tag.tag
    return isNews || point.version === tag ? { version: point.version } : said
  }

  async #note(db: CatalogDb, device: DeviceRow, report: Report): Promise<DeviceFirmwareRow | undefined> {
    const known = await findDeviceFirmware(db, device.id)
    if (!report.version && !report.sketchMd5) return known
    const nowUs = this.#clock.nowUs()
    const said: FirmwareChanges = {
      version: report.version || null,
      sketch_md5: report.sketchMd5?.toLowerCase() ?? null,
    }
    const isSame = known?.version === said.version && known?.sketch_md5 === said.sketch_md5
    if (isSame && nowUs - (known?.reported_at_us ?? 0) < NOTED_EVERY_US) return known
    if (said.version && said.version !== known?.version) {
      await createOtaVersion(db, {
        device_id: device.id,
        type: 'app',
        tag: 0,
        version: said.version,
        streamer_local_id: 0,
        updated_at_us: nowUs,
        created_at_us: nowUs,
      })
    }
    return saveDeviceFirmware(db, device.id, { ...said, reported_at_us: nowUs })
  }

  async #inRollout(
    db: CatalogDb,
    asked: {
      membership: Membership
      firmware: DeviceFirmwareRow | undefined
      report: Report
      wish: Wish
    },
  ): Promise<Offer | undefined> {
    const { report, firmware, wish } = asked
    const nowUs = this.#clock.nowUs()
    const membership = await withPrevious(db, asked.membership, { report, firmware })
    const { rollout, wanted, previous } = membership
    const policy = attemptPolicyOf(rollout)
    const running = runningOf(report, { wanted, previous })
    const before = recordOf(membership.member)
    let after = heard(before, { running, nowUs }, policy)
    if (rollout.state === 'rolling_back') {
      const known = running === 'unknown' ? await lastRunning(db, membership) : running
      after = recalled(before, { running: known, hasPrevious: previous !== undefined, nowUs })
      after = heard(after, { running, nowUs }, policy)
    }
    const member = await saveStep(db, membership, { ...after, previousTagId: previous?.tag.id ?? null })
    await settleRollout(db, rollout.id, { nowUs, onStopped: this.#onStopped })
    const isNew = running === 'new'
    return wish === 'report' || isNew ? undefined : this.#offer(db, { ...membership, member }, wish)
  }

  /** Asked after the rollout was judged, so that the attempt which stops it is the last one. */
  async #offer(db: CatalogDb, membership: Membership, wish: Wish): Promise<Offer | undefined> {
    const rollout = await findRollout(db, membership.rollout.id)
    const { member, wanted } = membership
    if (rollout?.state !== 'running' || member.stage > rollout.stage) return undefined
    const nowUs = this.#clock.nowUs()
    const before = recordOf(member)
    const isDownload = wish === 'download'
    const after = isDownload ? began(before, nowUs, attemptPolicyOf(rollout)) : offered(before, nowUs)
    await saveStep(db, { rollout, member }, after)
    if (after.failures > before.failures)
      await settleRollout(db, rollout.id, { nowUs, onStopped: this.#onStopped })
    const isGiven = isDownload ? after.state === 'downloading' : IN_FLIGHT.includes(after.state)
    return isGiven ? { ...wanted, attempt: { rolloutId: rollout.id, number: after.attempts } } : undefined
  }

  /** Without a rollout: the tag that was assigned, if the device does not run it. */
  async #alone(
    db: CatalogDb,
    device: DeviceRow,
    { report, wish }: { report: Report; wish: Wish },
  ): Promise<Offer | undefined> {
    const assigned = await findDeviceFirmware(db, device.id)
    const wanted = await findFirmware(db, assigned?.tag_id ?? null)
    if (assigned === undefined || wanted === undefined) return undefined
    if (isFirmware(report, wanted)) {
      if (assigned.attempts > 0) await saveDeviceFirmware(db, device.id, { attempts: 0 })
      return undefined
    }
    if (assigned.attempts >= ATTEMPTS_ALONE_MAX) return undefined
    if (wish === 'download') {
      await saveDeviceFirmware(db, device.id, { attempts: assigned.attempts + 1 })
    }
    return wanted
  }
}

async function findActiveOf(
  db: CatalogDb,
  { id, org_id }: DeviceRow,
): Promise<{ rollout: RolloutRow; member: RolloutDeviceRow } | undefined> {
  return org_id === null ? undefined : findActiveRollout(db, { deviceId: id, orgId: org_id })
}

/** Notes what a device goes back to before it gets anything new: what it says, what was assigned, or the rollout's. */
async function withPrevious(
  db: CatalogDb,
  membership: Membership,
  { report, firmware }: { report: Report; firmware: DeviceFirmwareRow | undefined },
): Promise<Membership> {
  const { rollout, member, previous } = membership
  if (previous !== undefined || member.state !== 'pending' || member.attempts > 0) return membership
  const said = report.version
    ? await findTag(db, { packageId: rollout.package_id, tag: report.version })
    : undefined
  const candidates = [said?.id, firmware?.tag_id, rollout.rollback_tag_id]
  const tagId = candidates.find((id) => typeof id === 'number' && id !== rollout.tag_id)
  return { ...membership, previous: await findFirmware(db, tagId ?? null) }
}
