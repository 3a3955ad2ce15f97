/**
 * Where points go: the project that a bucket or database stands for. What was found is remembered for some
 * seconds, because every write asks; whether the caller may write there is asked every time.
 */
import type { Caller } from '../../access/caller.ts'
import {
  hasPermission,
  type PermissionTarget,
  permittedOrgs,
  requirePermission,
} from '../../access/permissions.ts'
import { RecentMap } from '../../access/recent-map.ts'
import { findDevice, findDeviceByLabel } from '../../catalog/devices.ts'
import { findOrgBySlug, listOrgs } from '../../catalog/orgs.ts'
import {
  findOrCreateProject,
  findProject,
  findProjectByReference,
  findProjectsByName,
  isProjectReference,
} from '../../catalog/projects.ts'
import type { OrgRow, ProjectRow } from '../../catalog/schema.ts'
import { ForbiddenError, InvalidError, NotFoundError } from '../../errors.ts'
import type { ResolveScope } from '../../ingest/name-resolver.ts'
import { US_PER_S } from '../../model/time.ts'
import { orgIdOf, projectIdOf } from './ids.ts'
import type { InfluxServices } from './services.ts'

/** As the client names them; empty and missing mean that it does not care. */
export interface WantedTarget {
  readonly org?: string | undefined
  /** Name, slug or UUID of a project, the id of a bucket list, or `database/retention policy`. */
  readonly bucket?: string | undefined
}

export interface WriteTarget {
  readonly scope: ResolveScope
  /** The name of the only device that the caller may write to. */
  readonly device?: string
}

interface ProjectKey {
  readonly orgId: string
  readonly projectId: number
}

const DEFAULT_PROJECT = 'default'
/** Nobody is a member of so many that the first of them leave out a choice. */
const ORGS_MAX = 100
const REMEMBERED_MAX = 10_000
const REMEMBERED_US = 10 * US_PER_S

export class WriteTargets {
  readonly #services: InfluxServices
  readonly #projects: RecentMap<string, ProjectKey>

  constructor(services: InfluxServices) {
    this.#services = services
    const { clock } = services
    this.#projects = new RecentMap({ entriesMax: REMEMBERED_MAX, ageUsMax: REMEMBERED_US, clock })
  }

  /**
   * The project is made when there is none and the caller may provision.
   * @throws {NotFoundError} no such organisation or project, or none that the caller may know of.
   * @throws {ForbiddenError} the caller may not write there, or not make the project.
   * @throws {InvalidError} the name means several projects, or could be made in several organisations.
   */
  async find(caller: Caller, wanted: WantedTarget): Promise<WriteTarget> {
    const target = await this.#writable(caller, wanted)
    const mayProvision = await hasPermission(this.#services.memberships, caller, 'provision', target)
    const { projectId } = target
    const scope = mayProvision ? { projectId, provisionAs: caller.accountId } : { projectId }
    return target.deviceId === undefined ? { scope } : { scope, device: await this.#deviceName(target) }
  }

  /** As `find`, for a client that wants the project to be there before it writes. */
  async make(caller: Caller, wanted: WantedTarget): Promise<void> {
    await this.#writable(caller, wanted)
  }

  async #writable(caller: Caller, wanted: WantedTarget): Promise<ProjectKey & PermissionTarget> {
    const project = await this.#project(caller, wanted)
    const deviceId = caller.limit?.deviceId
    const target = deviceId === undefined ? project : { ...project, deviceId }
    try {
      await requirePermission(this.#services.memberships, caller, 'write_data', target)
    } catch (error) {
      // In the same words as for a project that does not exist.
      throw error instanceof NotFoundError ? notFound(wanted.bucket) : error
    }
    return target
  }

  async #project(caller: Caller, wanted: WantedTarget): Promise<ProjectKey> {
    const { accountId, limit } = caller
    const scope = [accountId, limit?.orgId ?? '', limit?.projectId ?? '']
    const key = JSON.stringify([...scope, wanted.org ?? '', wanted.bucket ?? ''])
    const remembered = this.#projects.get(key)
    if (remembered !== undefined) return remembered
    const project = await this.#look(caller, wanted)
    const found = { orgId: project.org_id, projectId: project.id }
    this.#projects.set(key, found)
    return found
  }

  async #look(caller: Caller, { org, bucket: text = '' }: WantedTarget): Promise<ProjectRow> {
    const { catalog } = this.#services
    if (text === '' && caller.limit?.projectId !== undefined) {
      const own = await findProject(catalog, caller.limit.projectId)
      if (own !== undefined) return own
    }
    if (isProjectReference(text)) return orNotFound(await findProjectByReference(catalog, text), text)

    const orgs = await this.#orgs(caller, org)
    const [database] = text.split('/', 1)
    const names = [...new Set([text, database])].map((name) => name || DEFAULT_PROJECT)
    for (const name of names) {
      const project = await this.#named(orgs, name)
      if (project !== undefined) return project
    }
    return (await this.#byBucketId(orgs, text)) ?? this.#create(caller, { name: names.at(-1)!, orgs })
  }

  /** Where the caller's names are looked up. */
  async #orgs({ accountId, isStaff, limit }: Caller, wanted = ''): Promise<OrgRow[]> {
    const { catalog } = this.#services
    if (limit?.orgId === null) throw new ForbiddenError()
    const sight = { memberId: accountId, ...(limit === undefined ? {} : { orgId: limit.orgId }) }
    const { rows } = await listOrgs(catalog, { sight }, { limit: ORGS_MAX, offset: 0 })
    // Some clients insist on an organisation where their user has none to give.
    if (wanted === '' || wanted === '-') return rows
    const meant = rows.filter((row) => isMeant(row, wanted))
    if (meant.length > 0) return meant
    const other = isStaff ? await findOrgBySlug(catalog, wanted) : undefined
    if (other === undefined) throw new NotFoundError(`organization name "${wanted}" not found`)
    return [other]
  }

  async #named(orgs: readonly OrgRow[], name: string): Promise<ProjectRow | undefined> {
    const [first, ...others] = await findProjectsByName(this.#services.catalog, { orgs, name })
    if (others.length > 0) {
      throw new InvalidError(`several of your organizations have a project "${name}"; say which with org`)
    }
    return first
  }

  async #byBucketId(orgs: readonly OrgRow[], text: string): Promise<ProjectRow | undefined> {
    const id = projectIdOf(text)
    const project = id === undefined ? undefined : await findProject(this.#services.catalog, id)
    return orgs.some(({ id }) => id === project?.org_id) ? project : undefined
  }

  async #create(
    caller: Caller,
    { name, orgs }: { name: string; orgs: readonly OrgRow[] },
  ): Promise<ProjectRow> {
    const { catalog, clock, config, memberships } = this.#services
    const { nameCharsMax } = config.limits
    if (name.length > nameCharsMax || name.trim() === '') {
      throw new InvalidError(`the name of a project has 1 to ${nameCharsMax} characters`)
    }
    const possible = await permittedOrgs(memberships, caller, 'provision', orgs)
    const [org, ...others] = possible
    if (org === undefined) {
      throw new NotFoundError(`bucket or database not found: "${name}", and you may not make it`)
    }
    if (others.length > 0) {
      const slugs = possible.map(({ slug }) => slug).join(', ')
      throw new InvalidError(`there is no project "${name}" yet; say with org where to make it: ${slugs}`)
    }
    const made = { org_id: org.id, name, created_by: caller.accountId, created_at_us: clock.nowUs() }
    return findOrCreateProject(catalog, made)
  }

  /** @throws {ForbiddenError} another device of that name is found first. */
  async #deviceName({ projectId, deviceId }: PermissionTarget & ProjectKey): Promise<string> {
    const { catalog } = this.#services
    const device = await findDevice(catalog, deviceId!)
    const label = device?.label ?? ''
    const named = await findDeviceByLabel(catalog, { projectId, label })
    if (named === undefined || named.id !== deviceId) {
      throw new ForbiddenError(`The device of this token shares the name "${label}" with another one.`)
    }
    return label
  }
}

function isMeant({ id, slug, name }: OrgRow, wanted: string): boolean {
  const lower = wanted.toLowerCase()
  return slug === lower || name.toLowerCase() === lower || orgIdOf(id) === lower || id === lower
}

function orNotFound(project: ProjectRow | undefined, text: string): ProjectRow {
  if (project === undefined) throw notFound(text)
  return project
}

function notFound(bucket = DEFAULT_PROJECT): NotFoundError {
  return new NotFoundError(`bucket or database not found: "${bucket}"`)
}
