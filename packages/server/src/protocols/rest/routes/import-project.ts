/** The project that an import goes to, by the name that its caller gives it. */
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../../../access/caller.ts'
import { hasPermission, type PermissionTarget, permittedOrgs } from '../../../access/permissions.ts'
import { findDeviceByLabel } from '../../../catalog/devices.ts'
import { findOrgBySlug, listOrgs } from '../../../catalog/orgs.ts'
import {
  findOrCreateProject,
  findProjectByReference,
  findProjectsByName,
  isProjectReference,
} from '../../../catalog/projects.ts'
import type { OrgRow, ProjectRow } from '../../../catalog/schema.ts'
import { ForbiddenError, InvalidError, NotFoundError } from '../../../errors.ts'
import type { ResolveScope } from '../../../ingest/name-resolver.ts'
import { callerOf } from '../caller.ts'
import { check } from '../lookup.ts'
import type { RestServices } from '../services.ts'

export interface ImportTarget {
  /** Name, slug or UUID. */
  readonly project: string
  /** Slug of an organisation, for a name that leaves a choice. */
  readonly org: string | undefined
  /** The one device of all rows; undefined when each row names its own. */
  readonly device: string | undefined
}

/** Nobody is a member of so many that the first of them leave out a choice. */
const ORGS_MAX = 100

/**
 * Where the rows go. A project that does not exist is made when the caller may provision.
 * @throws {NotFoundError} no such project, or none that the caller may know of.
 * @throws {ForbiddenError} the caller may not write there, or not make the project.
 * @throws {InvalidError} the name means several projects, or could be made in several organisations.
 */
export async function scopeOfImport(
  services: RestServices,
  request: FastifyRequest,
  wanted: ImportTarget,
): Promise<ResolveScope> {
  const caller = callerOf(request)
  const project = await findOrMakeProject(services, caller, wanted)
  const inProject = { orgId: project.org_id, projectId: project.id }
  const target = await narrowToDevice(services, caller, { inProject, label: wanted.device })
  await check(services, request, 'write_data', target)
  const mayProvision = await hasPermission(services.memberships, caller, 'provision', target)
  return { projectId: project.id, ...(mayProvision ? { provisionAs: caller.accountId } : {}) }
}

/** A credential for one device may write to that one only, so that it matters which one is meant. */
async function narrowToDevice(
  { catalog }: RestServices,
  { limit }: Caller,
  { inProject, label }: { inProject: { orgId: string; projectId: number }; label: string | undefined },
): Promise<PermissionTarget> {
  if (limit?.deviceId === undefined || label === undefined) return inProject
  const device = await findDeviceByLabel(catalog, { projectId: inProject.projectId, label })
  return device === undefined ? inProject : { ...inProject, deviceId: device.id }
}

async function findOrMakeProject(
  services: RestServices,
  caller: Caller,
  { project: text, org }: ImportTarget,
): Promise<ProjectRow> {
  const { catalog } = services
  if (isProjectReference(text)) {
    const project = await findProjectByReference(catalog, text)
    if (project === undefined) throw new NotFoundError(`There is no project ${text}.`)
    return project
  }
  const orgs = await orgsOf(services, caller, org)
  const found = await findProjectsByName(catalog, { orgs, name: text })
  if (found.length > 1) {
    throw InvalidError.field('org', `Several of your organizations have a project "${text}"; say which.`)
  }
  return found[0] ?? makeProject(services, caller, { name: text, orgs })
}

/** Where the caller's names are looked up. */
async function orgsOf(
  { catalog, memberships }: RestServices,
  caller: Caller,
  slug: string | undefined,
): Promise<OrgRow[]> {
  const { accountId, isStaff, limit } = caller
  if (slug === undefined) {
    const sight = { memberId: accountId, ...(limit?.orgId ? { orgId: limit.orgId } : {}) }
    return (await listOrgs(catalog, { sight }, { limit: ORGS_MAX, offset: 0 })).rows
  }
  const org = await findOrgBySlug(catalog, slug)
  const isTheirs =
    org !== undefined && (isStaff || (await memberships.roleOf({ orgId: org.id, accountId })) !== undefined)
  if (!isTheirs) throw InvalidError.field('org', `You have no organization "${slug}".`)
  return [org]
}

async function makeProject(
  services: RestServices,
  caller: Caller,
  { name, orgs }: { name: string; orgs: readonly OrgRow[] },
): Promise<ProjectRow> {
  const { catalog, clock, config, memberships } = services
  const { nameCharsMax } = config.limits
  if (name.length > nameCharsMax) {
    throw InvalidError.field('project', `The name is longer than ${nameCharsMax} characters.`)
  }
  const possible = await permittedOrgs(memberships, caller, 'provision', orgs)
  const [org, ...others] = possible
  if (org === undefined) throw new ForbiddenError(`There is no project "${name}", and you may not make one.`)
  if (others.length > 0) {
    const slugs = possible.map(({ slug }) => slug).join(', ')
    throw InvalidError.field('org', `There is no project "${name}" yet; say where to make it: ${slugs}.`)
  }
  return findOrCreateProject(catalog, {
    org_id: org.id,
    name,
    created_by: caller.accountId,
    created_at_us: clock.nowUs(),
  })
}
