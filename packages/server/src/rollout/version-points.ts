/** Versions that devices report as points: the newest text of a variable. Nothing is done when points come in. */
import { listStreamsByName } from '../catalog/device-streams.ts'
import type { CatalogDb } from '../catalog/schema.ts'

export interface PointVersion {
  readonly version: string
  readonly timeUs: number
}

/** By device; devices that have no such text are absent. */
export type ReadVersions = (
  deviceIds: readonly number[],
  variable: string,
) => Promise<ReadonlyMap<number, PointVersion>>

/** Newest points by the position of their stream; no time where there is none. */
interface NewestPoints {
  readonly timesUs: Float64Array
  readonly texts?: ReadonlyMap<number, string>
}

type ReadLatest = (streamIds: Uint32Array) => NewestPoints | Promise<NewestPoints>

const VERSION_CHARS_MAX = 250

export function openVersionPoints(db: CatalogDb, readLatest: ReadLatest): ReadVersions {
  return async (deviceIds, variable) => {
    const streams = await listStreamsByName(db, { deviceIds, variable })
    const { timesUs, texts } = await readLatest(Uint32Array.from(streams, ({ id }) => id))
    const versions = new Map<number, PointVersion>()
    for (const [row, { device_id }] of streams.entries()) {
      const version = texts?.get(row)
      const timeUs = timesUs[row]
      if (version === undefined || version.length > VERSION_CHARS_MAX) continue
      if ((versions.get(device_id)?.timeUs ?? Number.NEGATIVE_INFINITY) < timeUs) {
        versions.set(device_id, { version, timeUs })
      }
    }
    return versions
  }
}
