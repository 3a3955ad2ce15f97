/**
 * Finds the stream that a device name and a variable name stand for within a project, and makes what is
 * missing when the credential may provision. Names that were seen are remembered, up to a bound.
 */

import { createDevices, findDeviceIdsByLabels } from '../catalog/devices.ts'
import { inTransaction } from '../catalog/in-transaction.ts'
import type { CatalogDb } from '../catalog/schema.ts'
import {
  countStreamsOfProject,
  findOrCreateStreams,
  findStreamsBySlugs,
  type StreamNumber,
  streamSlug,
} from '../catalog/streams.ts'
import { createVariable, findLidsByNames } from '../catalog/variables.ts'
import type { Limits } from '../config.ts'
import { TooLargeError } from '../errors.ts'
import type { Clock } from '../model/clock.ts'

export interface SeriesName {
  readonly device: string
  readonly variable: string
}

export interface ResolveScope {
  readonly projectId: number
  /** The account in whose name missing devices, variables and streams are made; without it they stay missing. */
  readonly provisionAs?: number
}

/** Stands for a name that has no stream. */
export const NO_STREAM = 0
/** Stands for a stream that is disabled, and takes no data. */
export const DISABLED_STREAM = 0xffff_ffff

const REMEMBERED_MAX = 500_000
/** New streams made in one transaction: SQLite holds the event loop for so long. */
const STREAMS_PER_STEP = 500

export class NameResolver {
  #catalog: CatalogDb
  #limits: Limits
  #clock: Clock
  #remembered = new Map<string, number>()
  #epoch = 0
  /** One at a time: two callers that meet a new device make it once. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(catalog: CatalogDb, limits: Limits, clock: Clock) {
    this.#catalog = catalog
    this.#limits = limits
    this.#clock = clock
  }

  /**
   * Stream number of each series, in order; `NO_STREAM` where there is none, `DISABLED_STREAM` where it takes
   * no data.
   * @throws {TooLargeError} the project would get more streams than it may have; nothing was made.
   */
  async resolve(scope: ResolveScope, series: readonly SeriesName[]): Promise<Uint32Array> {
    const found = this.#recall(scope, series)
    if (!found.includes(NO_STREAM)) return Uint32Array.from(found)
    const unknown = series.filter((_, i) => found[i] === NO_STREAM)
    const looked = this.#turn.then(() => this.#look(scope, unknown))
    this.#turn = looked.catch(() => {})
    const ids = (await looked).values()
    return Uint32Array.from(found, (id) => (id === NO_STREAM ? (ids.next().value ?? NO_STREAM) : id))
  }

  /** Changes with every `forget`: whoever remembers streams beside this resolver then forgets them too. */
  get epoch(): number {
    return this.#epoch
  }

  /** To be called when devices, variables or streams were renamed, removed, enabled or disabled. */
  forget(): void {
    this.#epoch++
    this.#remembered.clear()
  }

  #recall({ projectId }: ResolveScope, series: readonly SeriesName[]): number[] {
    return series.map((name) => this.#remembered.get(keyOf(projectId, name)) ?? NO_STREAM)
  }

  /** In the order of the series, some of which others may have made while this one waited for its turn. */
  async #look(scope: ResolveScope, series: readonly SeriesName[]): Promise<number[]> {
    const found = new Map<string, number>()
    const recalled = this.#recall(scope, series)
    const names = series.filter((_, i) => recalled[i] === NO_STREAM)
    if (scope.provisionAs !== undefined && names.length > 0) {
      await this.#checkRoom(scope.projectId, names.length)
    }
    for (let start = 0; start < names.length; start += STREAMS_PER_STEP) {
      const step = names.slice(start, start + STREAMS_PER_STEP)
      const epoch = this.#epoch
      const ids = await inTransaction(this.#catalog, (db) => this.#lookStep(db, scope, step))
      for (const [i, name] of step.entries()) {
        const key = keyOf(scope.projectId, name)
        found.set(key, ids[i])
        // What was looked up before a `forget` may be wrong after it.
        if (epoch === this.#epoch) this.#remember(key, ids[i])
      }
    }
    return series.map((name, i) => recalled[i] || (found.get(keyOf(scope.projectId, name)) ?? NO_STREAM))
  }

  async #lookStep(db: CatalogDb, scope: ResolveScope, names: readonly SeriesName[]): Promise<number[]> {
    const devices = await this.#devices(db, scope, new Set(names.map(({ device }) => device)))
    const lids = await this.#lids(db, scope, new Set(names.map(({ variable }) => variable)))
    const keys = names.map((name) => {
      const deviceId = devices.get(name.device)
      const lid = lids.get(name.variable)
      if (deviceId === undefined || lid === undefined) return undefined
      return { project_id: scope.projectId, device_id: deviceId, variable_lid: lid }
    })
    const known = keys.filter((key) => key !== undefined)
    const ids = await this.#streams(db, scope, known)
    const found = new Map(known.map((key, i) => [key, ids[i]]))
    return keys.map((key) => (key ? found.get(key)! : NO_STREAM))
  }

  /** Numbers of the devices by their labels; those that may not be made are absent. */
  async #devices(
    db: CatalogDb,
    { projectId, provisionAs }: ResolveScope,
    wanted: ReadonlySet<string>,
  ): Promise<Map<string, number>> {
    const found = await findDeviceIdsByLabels(db, { projectId, labels: [...wanted] })
    if (provisionAs === undefined) return found
    const labels = [...wanted].filter((label) => !found.has(label))
    const created = { created_by: provisionAs, created_at_us: this.#clock.nowUs() }
    const ids = await createDevices(db, { project_id: projectId, labels, ...created })
    for (const [i, label] of labels.entries()) found.set(label, ids[i])
    return found
  }

  /** Numbers of the variables by their names; those that may not be made are absent. */
  async #lids(
    db: CatalogDb,
    { projectId, provisionAs }: ResolveScope,
    wanted: ReadonlySet<string>,
  ): Promise<Map<string, number>> {
    const found = await findLidsByNames(db, { projectId, names: [...wanted] })
    if (provisionAs === undefined) return found
    const created = { created_by: provisionAs, created_at_us: this.#clock.nowUs() }
    for (const name of wanted) {
      if (found.has(name)) continue
      const { lid } = await createVariable(db, { project_id: projectId, name, ...created })
      found.set(name, lid)
    }
    return found
  }

  async #streams(
    db: CatalogDb,
    { provisionAs }: ResolveScope,
    keys: readonly { project_id: number; device_id: number; variable_lid: number }[],
  ): Promise<number[]> {
    if (provisionAs === undefined) {
      const rows = await findStreamsBySlugs(db, keys.map(streamSlug))
      const ids = new Map(rows.map((row) => [row.slug, idOf(row)]))
      return keys.map((key) => ids.get(streamSlug(key)) ?? NO_STREAM)
    }
    const created = { is_registered: 1, created_by: provisionAs, created_at_us: this.#clock.nowUs() }
    const rows = await findOrCreateStreams(
      db,
      keys.map((key) => ({ ...key, ...created })),
    )
    return rows.map(idOf)
  }

  async #checkRoom(projectId: number, wantedCount: number): Promise<void> {
    const { streamsPerProjectMax } = this.#limits
    const count = await countStreamsOfProject(this.#catalog, projectId)
    if (count + wantedCount <= streamsPerProjectMax) return
    throw new TooLargeError(
      `The project has ${count} streams; with these it would have over ${streamsPerProjectMax}`,
    )
  }

  #remember(key: string, streamId: number): void {
    if (streamId === NO_STREAM) return
    if (this.#remembered.size >= REMEMBERED_MAX) {
      // The oldest entry goes; a Map keeps the order of insertion.
      const [oldest] = this.#remembered.keys()
      this.#remembered.delete(oldest)
    }
    this.#remembered.set(key, streamId)
  }
}

function idOf(stream: StreamNumber): number {
  return stream.enabled === 1 ? stream.id : DISABLED_STREAM
}

function keyOf(projectId: number, { device, variable }: SeriesName): string {
  return `${projectId}\0${device}\0${variable}`
}
