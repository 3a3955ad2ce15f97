/** Where the meter's points go: project, device and variables of the model, made when they are missing. */
import { listOrgs } from '../../catalog/orgs.ts'
import { createProject, listProjects } from '../../catalog/projects.ts'
import type { CatalogDb, ProjectRow } from '../../catalog/schema.ts'
import { createVariable, findVariableByName } from '../../catalog/variables.ts'
import { InvalidError, UnavailableError } from '../../errors.ts'
import type { IngestService } from '../../ingest/ingest-service.ts'
import type { NameResolver } from '../../ingest/name-resolver.ts'
import type { Clock } from '../../model/clock.ts'
import type { ElectricityStreams } from './import-electricity.ts'

export interface MeterStreamServices {
  readonly catalog: CatalogDb
  readonly clock: Clock
  readonly ingest: IngestService
  readonly resolver: NameResolver
}

const FIRST = { limit: 1, offset: 0 }
/** The meter writes three digits. */
const DECIMAL_PLACES = 3

/** `accountId` is in whose name things are made. */
export function openMeterStreams(services: MeterStreamServices, accountId: number): ElectricityStreams {
  const { catalog, clock, ingest, resolver } = services
  return {
    async ensureStreams({ project: name, device, variables }) {
      const project = await ensureProject(services, { name, accountId })
      for (const variable of variables) {
        if (await findVariableByName(catalog, { projectId: project.id, name: variable.name })) continue
        await createVariable(catalog, {
          project_id: project.id,
          name: variable.name,
          units: variable.unit,
          decimal_places: DECIMAL_PLACES,
          created_by: accountId,
          created_at_us: clock.nowUs(),
        })
      }
      const scope = { projectId: project.id, provisionAs: accountId }
      return resolver.resolve(
        scope,
        variables.map((variable) => ({ device, variable: variable.name })),
      )
    },
    isEmpty: (streamIds) => ingest.isEmpty(streamIds),
    async append(batch) {
      const { rejected } = await ingest.write(batch)
      if (rejected.length > 0) throw new InvalidError(rejected[0].reason)
    },
    async deleteAll(streamIds) {
      await ingest.deleteBarePoints(streamIds)
    },
  }
}

/** The project of that name, wherever it is; else a new one in the account's oldest organisation. */
async function ensureProject(
  { catalog, clock }: MeterStreamServices,
  { name, accountId }: { name: string; accountId: number },
): Promise<ProjectRow> {
  const { rows } = await listProjects(catalog, { sight: {}, filter: { name } }, FIRST)
  if (rows.length > 0) return rows[0]
  const own = await listOrgs(catalog, { sight: { memberId: accountId } }, FIRST)
  const org = own.rows[0] ?? (await listOrgs(catalog, { sight: {} }, FIRST)).rows[0]
  if (!org) throw new UnavailableError('There is no organization to keep the points in; create one first')
  return createProject(catalog, {
    name,
    org_id: org.id,
    about: 'Quarter-hour measurements of the electricity API',
    created_by: accountId,
    created_at_us: clock.nowUs(),
  })
}
