/**
 * What clients look at before they write: projects as buckets or databases, and organisations. A token that
 * may not read sees the part that it is limited to, whose names its holder was given, and nothing else.
 */
import type { Caller } from '../../access/caller.ts'
import { sightOf } from '../../access/permissions.ts'
import { findOrg, listOrgs } from '../../catalog/orgs.ts'
import { findProject, listProjects } from '../../catalog/projects.ts'
import type { CatalogDb, OrgRow, ProjectRow } from '../../catalog/schema.ts'
import { listVariables } from '../../catalog/variables.ts'

/** Of one list. There are pages at `/api/v1/` for whoever has more. */
const LISTED_MAX = 1_000
const VARIABLES_PER_PAGE = 1_000

export async function visibleProjects(catalog: CatalogDb, caller: Caller): Promise<ProjectRow[]> {
  if (caller.scopes.has('read')) {
    const { rows } = await listProjects(catalog, { sight: sightOf(caller) }, { limit: LISTED_MAX, offset: 0 })
    return rows
  }
  const own =
    caller.limit?.projectId === undefined ? undefined : await findProject(catalog, caller.limit.projectId)
  return own === undefined ? [] : [own]
}

export async function visibleOrgs(catalog: CatalogDb, caller: Caller): Promise<OrgRow[]> {
  if (caller.scopes.has('read')) {
    const { rows } = await listOrgs(catalog, { sight: sightOf(caller) }, { limit: LISTED_MAX, offset: 0 })
    return rows
  }
  const orgId = caller.limit?.orgId ?? undefined
  const own = orgId === undefined ? undefined : await findOrg(catalog, orgId)
  return own === undefined ? [] : [own]
}

/**
 * Names of variables up to the first point or brace, in order, each once: what line protocol made them of.
 * @throws {ForbiddenError} the caller's token lacks the scope `read`.
 */
export async function measurementsOf(
  catalog: CatalogDb,
  caller: Caller,
  projectName: string | undefined,
): Promise<string[]> {
  const sight = sightOf(caller)
  const measurements = new Set<string>()
  const projects = await visibleProjects(catalog, caller)
  for (const { id } of projects.filter(({ name }) => projectName === undefined || name === projectName)) {
    for (let offset = 0; ; offset += VARIABLES_PER_PAGE) {
      const page = { limit: VARIABLES_PER_PAGE, offset }
      const { rows } = await listVariables(catalog, { sight, filter: { projectId: id } }, page)
      for (const { name } of rows) measurements.add(name.split(/[.{]/, 1)[0])
      if (rows.length < VARIABLES_PER_PAGE) break
    }
  }
  return [...measurements].sort()
}
