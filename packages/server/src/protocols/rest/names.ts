/** Names and slugs for the numbers in rows, looked up once per answer and not once per row. */
import { findAccountsByIds } from '../../catalog/accounts.ts'
import { findOrgsByIds } from '../../catalog/orgs.ts'
import { findProjectsByIds } from '../../catalog/projects.ts'
import type { DeviceRow, OrgRow, ProjectRow, StreamRow, VariableRow } from '../../catalog/schema.ts'
import { findVariablesOfStreams, variableKey } from '../../catalog/variables.ts'
import type { RestServices } from './services.ts'
import type { DeviceNames } from './views/device.ts'
import type { ProjectNames } from './views/project.ts'
import type { StreamNames } from './views/stream.ts'

/** Organisation slugs by id. */
export async function orgSlugs(
  { catalog }: RestServices,
  ids: Iterable<string | null>,
): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(ids)].filter((id) => id !== null)
  return new Map((await findOrgsByIds(catalog, wanted)).map((org) => [org.id, org.slug]))
}

/** User names by account. */
export async function usernames(
  { catalog }: RestServices,
  ids: Iterable<number | null>,
): Promise<ReadonlyMap<number, string>> {
  const wanted = [...new Set(ids)].filter((id) => id !== null)
  return new Map((await findAccountsByIds(catalog, wanted)).map((account) => [account.id, account.username]))
}

/** Projects by number. */
async function projectsById(
  { catalog }: RestServices,
  ids: Iterable<number | null>,
): Promise<ReadonlyMap<number, ProjectRow>> {
  const wanted = [...new Set(ids)].filter((id) => id !== null)
  return new Map((await findProjectsByIds(catalog, wanted)).map((project) => [project.id, project]))
}

export async function orgNames(
  services: RestServices,
  rows: readonly OrgRow[],
): Promise<(row: OrgRow) => { createdBy: string }> {
  const creators = await usernames(
    services,
    rows.map((row) => row.created_by),
  )
  return (row) => ({ createdBy: creators.get(row.created_by) ?? '' })
}

export function projectNames(
  services: RestServices,
  rows: readonly ProjectRow[],
): Promise<(row: ProjectRow) => ProjectNames> {
  return ownedNames(services, rows)
}

/** For anything that an organisation has and somebody made. */
export async function ownedNames<Row extends { org_id: string; created_by: number }>(
  services: RestServices,
  rows: readonly Row[],
): Promise<(row: Row) => { org: string; createdBy: string }> {
  const orgs = await orgSlugs(
    services,
    rows.map((row) => row.org_id),
  )
  const creators = await usernames(
    services,
    rows.map((row) => row.created_by),
  )
  return (row) => ({ org: orgs.get(row.org_id) ?? '', createdBy: creators.get(row.created_by) ?? '' })
}

export async function deviceNames(
  services: RestServices,
  rows: readonly DeviceRow[],
): Promise<(row: DeviceRow) => DeviceNames> {
  const orgs = await orgSlugs(
    services,
    rows.map((row) => row.org_id),
  )
  const projects = await projectsById(
    services,
    rows.map((row) => row.project_id),
  )
  const claimers = await usernames(
    services,
    rows.map((row) => row.claimed_by),
  )
  return (row) => ({
    org: orgs.get(row.org_id ?? '') ?? null,
    project: projects.get(row.project_id ?? 0)?.uuid ?? null,
    claimedBy: claimers.get(row.claimed_by ?? 0) ?? null,
  })
}

export async function variableNames(
  services: RestServices,
  rows: readonly VariableRow[],
): Promise<(row: VariableRow) => { project: string; org: string }> {
  const projects = await projectsById(
    services,
    rows.map((row) => row.project_id),
  )
  const orgs = await orgSlugs(
    services,
    [...projects.values()].map((project) => project.org_id),
  )
  return (row) => {
    const project = projects.get(row.project_id)
    return { project: project?.uuid ?? '', org: orgs.get(project?.org_id ?? '') ?? '' }
  }
}

export async function streamNames(
  services: RestServices,
  rows: readonly StreamRow[],
): Promise<(row: StreamRow) => StreamNames> {
  const projects = await projectsById(
    services,
    rows.map((row) => row.project_id),
  )
  const orgs = await orgSlugs(
    services,
    [...projects.values()].map((project) => project.org_id),
  )
  const variables = await findVariablesOfStreams(services.catalog, rows)
  return (row) => {
    const project = projects.get(row.project_id)
    return {
      projectUuid: project?.uuid ?? '',
      org: orgs.get(project?.org_id ?? '') ?? '',
      variableName: variables.get(variableKey(row.project_id, row.variable_lid))?.name ?? '',
    }
  }
}
