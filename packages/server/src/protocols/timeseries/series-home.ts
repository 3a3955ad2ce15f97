/** Where series live in the model: devices of the project *Series*, which is made with the first of them. */
import type { Caller } from '../../access/caller.ts'
import { type PermissionTarget, permittedOrgs, requirePermission } from '../../access/permissions.ts'
import { findAccountByUsername, listStaff } from '../../catalog/accounts.ts'
import { listOrgs } from '../../catalog/orgs.ts'
import { findOrCreateProject, findProject, findProjectsByName, listProjects } from '../../catalog/projects.ts'
import type { OrgRow, ProjectRow } from '../../catalog/schema.ts'
import type { NewSeries } from '../../catalog/series.ts'
import { ForbiddenError, UnavailableError } from '../../errors.ts'
import type { TimeseriesServices } from './services.ts'
import type { Writer } from './writers.ts'

const PROJECT = 'Series'
/** Nobody is a member of so many that the first of them leave out a choice. */
const ORGS_MAX = 100

/**
 * The project for a new series, and the account in whose name it is made.
 * @throws {ForbiddenError} the account may not make devices, or not in any organisation.
 */
export async function findHome(
  services: TimeseriesServices,
  { caller, name }: Writer,
): Promise<Pick<NewSeries, 'project_id' | 'account_id'>> {
  const accountId = caller?.accountId ?? (await accountFor(services, name))
  const project = await (caller === undefined
    ? anyProject(services, accountId)
    : permittedProject(services, caller))
  return { project_id: project.id, account_id: accountId }
}

/** In whose name things are made for a user of the file: the account of that name, or the oldest of the staff. */
async function accountFor({ catalog }: TimeseriesServices, name: string): Promise<number> {
  const account = await findAccountByUsername(catalog, name)
  if (account?.is_active === 1) return account.id
  const [first] = await listStaff(catalog)
  if (first === undefined) throw new UnavailableError('There is no staff account to keep the series for')
  return first.id
}

async function anyProject(services: TimeseriesServices, accountId: number): Promise<ProjectRow> {
  const { catalog } = services
  const first = { limit: 1, offset: 0 }
  const { rows } = await listProjects(catalog, { sight: {}, filter: { name: PROJECT } }, first)
  if (rows.length > 0) return rows[0]
  const own = await listOrgs(catalog, { sight: { memberId: accountId } }, first)
  const org = own.rows[0] ?? (await listOrgs(catalog, { sight: {} }, first)).rows[0]
  if (org === undefined) throw new UnavailableError('There is no organization to keep series in')
  return makeProject(services, org, accountId)
}

async function permittedProject(services: TimeseriesServices, caller: Caller): Promise<ProjectRow> {
  const { catalog, memberships } = services
  const { accountId, limit } = caller
  if (limit?.orgId === null) throw new ForbiddenError()
  const sight = { memberId: accountId, ...(limit === undefined ? {} : { orgId: limit.orgId }) }
  const { rows } = await listOrgs(catalog, { sight }, { limit: ORGS_MAX, offset: 0 })
  if (limit?.projectId !== undefined) {
    const project = await findProject(catalog, limit.projectId)
    if (project?.name !== PROJECT) throw new ForbiddenError()
    await requirePermission(memberships, caller, 'provision', targetOf(project))
    return project
  }
  const [org] = await permittedOrgs(memberships, caller, 'provision', rows)
  if (org === undefined) throw new ForbiddenError()
  const [project] = await findProjectsByName(catalog, { orgs: [org], name: PROJECT })
  return project ?? makeProject(services, org, accountId)
}

function targetOf(project: ProjectRow): PermissionTarget {
  return { orgId: project.org_id, projectId: project.id }
}

function makeProject(
  { catalog, clock }: TimeseriesServices,
  org: OrgRow,
  accountId: number,
): Promise<ProjectRow> {
  return findOrCreateProject(catalog, {
    org_id: org.id,
    name: PROJECT,
    about: 'Series of the timeseries API, a device each',
    created_by: accountId,
    created_at_us: clock.nowUs(),
  })
}
