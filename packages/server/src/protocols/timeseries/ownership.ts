/** May this writer change that series? Only its owner may, with a token that is good for it. */
import type { Memberships } from '../../access/memberships.ts'
import { requirePermission } from '../../access/permissions.ts'
import type { Permission } from '../../access/roles.ts'
import { findProject } from '../../catalog/projects.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import { ForbiddenError, NotFoundError } from '../../errors.ts'
import type { Series } from './series-book.ts'
import type { Writer } from './writers.ts'

export class Ownership {
  readonly #services: { catalog: CatalogDb; memberships: Memberships }
  /** A project never moves to another organisation. */
  readonly #orgs = new Map<number, string>()

  constructor(services: { catalog: CatalogDb; memberships: Memberships }) {
    this.#services = services
  }

  /** @throws {ForbiddenError} */
  async require(writer: Writer, { row }: Series, permission: Permission): Promise<void> {
    if (writer.owner !== row.owner) throw denied()
    if (writer.caller === undefined) return
    const { project_id: projectId, device_number: deviceId } = row
    const target = { orgId: await this.#orgOf(projectId), projectId, deviceId }
    try {
      await requirePermission(this.#services.memberships, writer.caller, permission, target)
    } catch (error) {
      throw error instanceof ForbiddenError || error instanceof NotFoundError ? denied() : error
    }
  }

  async #orgOf(projectId: number): Promise<string | null> {
    const known = this.#orgs.get(projectId)
    if (known !== undefined) return known
    const project = await findProject(this.#services.catalog, projectId)
    if (project !== undefined) this.#orgs.set(projectId, project.org_id)
    return project?.org_id ?? null
  }
}

function denied(): ForbiddenError {
  return new ForbiddenError('Permission denied')
}
