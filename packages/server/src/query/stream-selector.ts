/**
 * Selects streams, and remembers what was selected until the catalog changes. To look up and describe some
 * thousand streams takes far longer than to answer from their points.
 *
 * What is remembered is found again only under the same selection and the same sight, so that nobody is
 * answered with what somebody else may see. Changes made by this process are seen at once, those of another
 * server on the same catalog when the memory fades.
 */
import type { CountedCatalog } from '../catalog/change-counter.ts'
import type { Sight } from '../catalog/sight.ts'
import type { Clock } from '../model/clock.ts'
import { US_PER_S } from '../model/time.ts'
import { NameLookups } from './name-lookups.ts'
import { type SelectedStream, type Selection, selectStreams } from './select-streams.ts'

const REMEMBERED_US = 10 * US_PER_S
/** Streams over all selections: with what queries make of them some 500 bytes each. */
const STREAMS_MAX = 50_000
/** What a selection counts for beside its streams, in streams. */
const SELECTION_STREAMS = 2
const CHARS_PER_STREAM = 256

interface Remembered {
  readonly streams: readonly SelectedStream[]
  readonly setAtUs: number
  /** What it takes of `streamsMax`. */
  readonly size: number
}

export interface StreamSelectorOptions {
  readonly catalog: CountedCatalog
  readonly clock: Clock
  /** Streams remembered over all selections. */
  readonly streamsMax?: number
}

export class StreamSelector {
  readonly #catalog: CountedCatalog
  readonly #names: NameLookups
  readonly #clock: Clock
  readonly #streamsMax: number
  /** The one used last stands last. */
  readonly #remembered = new Map<string, Remembered>()
  #size = 0
  /** Count of the catalog's changes at which the selections hold. */
  #changeCount = 0

  constructor({ catalog, clock, streamsMax = STREAMS_MAX }: StreamSelectorOptions) {
    this.#catalog = catalog
    this.#names = new NameLookups({ catalog, clock })
    this.#clock = clock
    this.#streamsMax = streamsMax
  }

  /** The same list as long as it holds; never to be changed. @throws as `selectStreams`. */
  async select(sight: Sight, selection: Selection): Promise<readonly SelectedStream[]> {
    const key = keyOf(sight, selection)
    const remembered = this.#recall(key)
    if (remembered !== undefined) return remembered
    const changeCount = this.#catalog.changes.count
    const streams = await selectStreams({ catalog: this.#catalog, names: this.#names }, sight, selection)
    // What was read while something changed may be out of date.
    if (changeCount === this.#catalog.changes.count) this.#remember(key, streams)
    return streams
  }

  #recall(key: string): readonly SelectedStream[] | undefined {
    const { count } = this.#catalog.changes
    if (count !== this.#changeCount) {
      this.#remembered.clear()
      this.#size = 0
      this.#changeCount = count
    }
    const found = this.#remembered.get(key)
    if (found === undefined) return undefined
    this.#forget(key, found)
    if (this.#clock.nowUs() - found.setAtUs >= REMEMBERED_US) return undefined
    this.#keep(key, found)
    return found.streams
  }

  #remember(key: string, streams: readonly SelectedStream[]): void {
    const size = streams.length + SELECTION_STREAMS + Math.ceil(key.length / CHARS_PER_STREAM)
    const before = this.#remembered.get(key)
    if (before !== undefined) this.#forget(key, before)
    if (size > this.#streamsMax) return
    this.#keep(key, { streams, setAtUs: this.#clock.nowUs(), size })
    for (const [oldest, entry] of this.#remembered) {
      if (this.#size <= this.#streamsMax) break
      this.#forget(oldest, entry)
    }
  }

  #keep(key: string, entry: Remembered): void {
    this.#remembered.set(key, entry)
    this.#size += entry.size
  }

  #forget(key: string, entry: Remembered): void {
    this.#remembered.delete(key)
    this.#size -= entry.size
  }
}

/** Everything that decides which streams are selected. */
function keyOf(
  { memberId, orgId, projectId, deviceId }: Sight,
  { filter, project, device, variable }: Selection,
): string {
  return JSON.stringify([memberId, orgId, projectId, deviceId, filter, project, device, variable])
}
