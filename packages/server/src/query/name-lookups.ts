/**
 * Numbers of projects and variables by their names, remembered until the catalog changes: queries about ever
 * other devices name the same few of these.
 */
import type { CountedCatalog } from '../catalog/change-counter.ts'
import { findProjectByReference, isProjectReference, listProjects } from '../catalog/projects.ts'
import type { Sight } from '../catalog/sight.ts'
import { findLidsByName } from '../catalog/variables.ts'
import type { Clock } from '../model/clock.ts'
import { US_PER_S } from '../model/time.ts'

/** Another server on the same catalog may change it unseen. */
const REMEMBERED_US = 10 * US_PER_S
/** Names of either kind; with more of them all are forgotten. */
const REMEMBERED_MAX = 1_000
/** Projects of one name in all organisations. */
const PROJECTS_MAX = 1_000

export class NameLookups {
  readonly #catalog: CountedCatalog
  readonly #clock: Clock
  readonly #projectIds = new Map<string, readonly number[]>()
  readonly #lids = new Map<string, readonly number[]>()
  #changeCount = 0
  #sinceUs = 0

  constructor({ catalog, clock }: { catalog: CountedCatalog; clock: Clock }) {
    this.#catalog = catalog
    this.#clock = clock
  }

  /** The projects within sight that a name, slug or UUID can mean. */
  projectIds(sight: Sight, text: string): Promise<readonly number[]> {
    const { memberId, orgId, projectId, deviceId } = sight
    const key = JSON.stringify([memberId, orgId, projectId, deviceId, text])
    return this.#remembered(this.#projectIds, key, async () => {
      const project = isProjectReference(text)
        ? await findProjectByReference(this.#catalog, text)
        : { name: text }
      if (project === undefined) return []
      const filter = 'id' in project ? { id: project.id } : project
      const page = { limit: PROJECTS_MAX, offset: 0 }
      const { rows } = await listProjects(this.#catalog, { sight, filter }, page)
      return rows.map(({ id }) => id)
    })
  }

  /** Numbers of the variables of that name; at most `limit`. */
  lids(projectId: number, name: string, limit: number): Promise<readonly number[]> {
    return this.#remembered(this.#lids, `${projectId} ${name}`, () =>
      findLidsByName(this.#catalog, { projectId, name, limit }),
    )
  }

  async #remembered<Found>(
    known: Map<string, Found>,
    key: string,
    find: () => Promise<Found>,
  ): Promise<Found> {
    const { count } = this.#catalog.changes
    const nowUs = this.#clock.nowUs()
    if (count !== this.#changeCount || nowUs - this.#sinceUs >= REMEMBERED_US) {
      this.#projectIds.clear()
      this.#lids.clear()
      this.#changeCount = count
      this.#sinceUs = nowUs
    }
    const before = known.get(key)
    if (before !== undefined) return before
    const found = await find()
    // What was read while something changed may be out of date.
    if (count !== this.#catalog.changes.count) return found
    if (known.size >= REMEMBERED_MAX) known.clear()
    known.set(key, found)
    return found
  }
}
