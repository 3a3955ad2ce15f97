/**
 * Shadows: desired values for a device that may be asleep, and values that it reports beside its streams. What
 * was read is remembered for some seconds, because pipelines ask at every poll; changes made here are seen at once.
 */
import { RecentMap } from '../access/recent-map.ts'
import type { ShadowRow } from '../catalog/schema/pins.ts'
import type { CatalogDb } from '../catalog/schema.ts'
import { changeShadow, findShadow, markShadowDelivered } from '../catalog/shadows.ts'
import { ConflictError, InvalidError } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import { US_PER_S } from '../model/time.ts'

/** What JSON can say. */
export type Values = Readonly<Record<string, unknown>>

export interface Reported {
  readonly value: unknown
  readonly timeUs: number
}

export interface Shadow {
  /** Counts changes; 0 while there was none. */
  readonly version: number
  readonly desired: Values
  readonly reported: Readonly<Record<string, Reported>>
  readonly desiredAtUs: number | null
  /** When the device first fetched the desired values of now. */
  readonly deliveredAtUs: number | null
}

/** `null` takes a name out; names that are not given stay. */
export interface ShadowChanges {
  readonly desired?: Values | undefined
  readonly reported?: Values | undefined
  /** Refused when the shadow has another one. */
  readonly version?: number | undefined
}

export class VersionConflictError extends ConflictError {
  readonly version: number
  constructor(version: number) {
    super(`The shadow has version ${version} by now. Read it again, and send the change with that version`)
    this.version = version
  }
}

/** Of desired and of reported values, as JSON. */
export const SHADOW_BYTES_MAX = 8 * 1_024
export const SHADOW_NAMES_MAX = 100
const NAME_CHARS_MAX = 250
const REMEMBERED_MAX = 50_000
const REMEMBERED_US = 10 * US_PER_S

const NO_SHADOW: Shadow = { version: 0, desired: {}, reported: {}, desiredAtUs: null, deliveredAtUs: null }

export class Shadows {
  readonly #db: CatalogDb
  readonly #clock: Clock
  readonly #remembered: RecentMap<number, Shadow>

  constructor({ db, clock }: { db: CatalogDb; clock: Clock }) {
    this.#db = db
    this.#clock = clock
    this.#remembered = new RecentMap({ entriesMax: REMEMBERED_MAX, ageUsMax: REMEMBERED_US, clock })
  }

  /** A device that nobody has wished anything of has an empty one. */
  find(deviceId: number): Shadow | Promise<Shadow> {
    return this.#remembered.get(deviceId) ?? this.#read(deviceId)
  }

  /**
   * Desired values that are given are to be delivered again, also when they are the same.
   * @throws {VersionConflictError} the shadow has another version than the given one.
   * @throws {InvalidError} too many values, or too large ones; nothing was changed.
   */
  async change(deviceId: number, changes: ShadowChanges): Promise<Shadow> {
    const nowUs = this.#clock.nowUs()
    const row = await changeShadow(this.#db, deviceId, (row) => {
      const before = row === undefined ? NO_SHADOW : parseRow(row)
      if (changes.version !== undefined && changes.version !== before.version) {
        throw new VersionConflictError(before.version)
      }
      return rowOf(deviceId, applyChanges(before, changes, nowUs))
    })
    this.#remembered.delete(deviceId)
    return parseRow(row)
  }

  /** Notes that the device has got what is desired of it now; `nowUs` may be a later time than that of the clock. */
  async delivered(deviceId: number, shadow: Shadow, nowUs = this.#clock.nowUs()): Promise<void> {
    const { desiredAtUs, deliveredAtUs } = shadow
    if (desiredAtUs === null || deliveredAtUs !== null) return
    await markShadowDelivered(this.#db, { deviceId, desiredAtUs, nowUs })
    this.#remembered.delete(deviceId)
  }

  /** After it was deleted. */
  forget(deviceId: number): void {
    this.#remembered.delete(deviceId)
  }

  async #read(deviceId: number): Promise<Shadow> {
    const { epoch } = this.#remembered
    const row = await findShadow(this.#db, deviceId)
    const shadow = row === undefined ? NO_SHADOW : parseRow(row)
    this.#remembered.setRead(deviceId, shadow, epoch)
    return shadow
  }
}

function applyChanges(before: Shadow, changes: ShadowChanges, nowUs: number): Shadow {
  const desires = changes.desired !== undefined && Object.keys(changes.desired).length > 0
  const desired = mergeValues(before.desired, changes.desired)
  const times = Object.entries(changes.reported ?? {}).map(
    ([name, value]) => [name, value === null ? null : { value, timeUs: nowUs }] as const,
  )
  const reported = mergeValues(before.reported, Object.fromEntries(times)) as Shadow['reported']
  checkSize('desired', desired)
  checkSize('reported', reported)
  const isSame = !desires && JSON.stringify(valuesOf(reported)) === JSON.stringify(valuesOf(before.reported))
  return {
    // A device that reports the same again and again is in nobody's way.
    version: isSame ? before.version : before.version + 1,
    desired,
    reported,
    // Never twice the same, which says what was delivered.
    desiredAtUs: desires ? Math.max(nowUs, (before.desiredAtUs ?? 0) + 1) : before.desiredAtUs,
    deliveredAtUs: desires ? null : before.deliveredAtUs,
  }
}

function mergeValues(before: Values, changes: Values = {}): Values {
  const merged = new Map(Object.entries(before))
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) merged.delete(name)
    else merged.set(name, value)
  }
  return Object.fromEntries(merged)
}

function valuesOf(reported: Shadow['reported']): unknown[] {
  return Object.entries(reported).map(([name, { value }]) => [name, value])
}

function checkSize(field: 'desired' | 'reported', values: Values): void {
  const names = Object.keys(values)
  if (names.length > SHADOW_NAMES_MAX) {
    throw InvalidError.field(field, `At most ${SHADOW_NAMES_MAX} names; take others out with null.`)
  }
  if (names.some((name) => name === '' || name.length > NAME_CHARS_MAX)) {
    throw InvalidError.field(field, `A name has 1 to ${NAME_CHARS_MAX} characters.`)
  }
  if (Buffer.byteLength(JSON.stringify(values)) > SHADOW_BYTES_MAX) {
    throw InvalidError.field(field, `All values together have at most ${SHADOW_BYTES_MAX} bytes of JSON.`)
  }
}

function parseRow(row: ShadowRow): Shadow {
  return {
    version: row.version,
    desired: JSON.parse(row.desired),
    reported: JSON.parse(row.reported),
    desiredAtUs: row.desired_at_us,
    deliveredAtUs: row.delivered_at_us,
  }
}

function rowOf(deviceId: number, shadow: Shadow): ShadowRow {
  return {
    device_id: deviceId,
    version: shadow.version,
    desired: JSON.stringify(shadow.desired),
    reported: JSON.stringify(shadow.reported),
    desired_at_us: shadow.desiredAtUs,
    delivered_at_us: shadow.deliveredAtUs,
  }
}
