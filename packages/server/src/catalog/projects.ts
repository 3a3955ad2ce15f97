/** Projects: the devices and variables of an organisation that belong together. */
import { randomUUID } from 'node:crypto'
import { formatProjectSlug, parseSlug } from '@sonde/client'
import { ConflictError, NotFoundError } from '../errors.ts'
import { checkChosenId, takeFreeId } from './free-ids.ts'
import { inChunks } from './in-chunks.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import { deletePropertiesOf, idsWithProperty, type PropertyFilter } from './properties.ts'
import type { CatalogDb, ProjectRow } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

export type NewProject = Pick<ProjectRow, 'org_id' | 'name' | 'created_by' | 'created_at_us'> &
  Partial<Pick<ProjectRow, 'id' | 'uuid' | 'about' | 'project_template'>>

export type ProjectChanges = Partial<Pick<ProjectRow, 'name' | 'about' | 'project_template'>>

export interface ProjectFilter {
  readonly id?: number
  readonly orgId?: string
  readonly name?: string
  readonly property?: PropertyFilter
}

/**
 * Takes the next free number unless `id` is given.
 * @throws {InvalidError} the given number is out of range.
 * @throws {ConflictError} the given number or UUID is taken.
 */
export async function createProject(db: CatalogDb, project: NewProject): Promise<ProjectRow> {
  if (project.id !== undefined) checkChosenId('project', project.id)
  return inTransaction(db, async (db) => {
    const id = project.id ?? (await takeFreeId(db, 'project'))
    const created = await db
      .insertInto('projects')
      .values({
        id,
        uuid: project.uuid?.toLowerCase() ?? randomUUID(),
        org_id: project.org_id,
        name: project.name,
        about: project.about ?? '',
        project_template: project.project_template ?? null,
        last_lid: 0,
        created_at_us: project.created_at_us,
        created_by: project.created_by,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    if (created === undefined) {
      throw new ConflictError(`Project ${formatProjectSlug(id)} or its UUID exists already.`)
    }
    return created
  })
}

export async function findProject(db: CatalogDb, id: number): Promise<ProjectRow | undefined> {
  return db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function findProjectByUuid(db: CatalogDb, uuid: string): Promise<ProjectRow | undefined> {
  return db.selectFrom('projects').selectAll().where('uuid', '=', uuid.toLowerCase()).executeTakeFirst()
}

/** Whether a text is the slug or the UUID of a project, there or not, rather than a name. */
export function isProjectReference(text: string): boolean {
  return UUID.test(text) || parseSlug(text)?.kind === 'project'
}

/** A project by its slug or UUID. */
export async function findProjectByReference(db: CatalogDb, text: string): Promise<ProjectRow | undefined> {
  const slug = parseSlug(text)
  if (slug?.kind === 'project') return findProject(db, slug.project)
  return UUID.test(text) ? findProjectByUuid(db, text) : undefined
}

/** The project of a name in each of several organisations that has one. */
export async function findProjectsByName(
  db: CatalogDb,
  { orgs, name }: { orgs: readonly { readonly id: string }[]; name: string },
): Promise<ProjectRow[]> {
  const found = await Promise.all(orgs.map(({ id }) => findProjectByName(db, { orgId: id, name })))
  return found.filter((project) => project !== undefined)
}

/** The project of that name in the organisation; made, unless somebody else has made it in the meantime. */
export async function findOrCreateProject(db: CatalogDb, project: NewProject): Promise<ProjectRow> {
  return inTransaction(db, async (db) => {
    const existing = await findProjectByName(db, { orgId: project.org_id, name: project.name })
    return existing ?? createProject(db, project)
  })
}

/** Names may repeat; the oldest project of that name is meant. */
export async function findProjectByName(
  db: CatalogDb,
  { orgId, name }: { orgId: string; name: string },
): Promise<ProjectRow | undefined> {
  return db
    .selectFrom('projects')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('name', '=', name)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

/** In no particular order; ids without a project are absent. */
export async function findProjectsByIds(db: CatalogDb, ids: readonly number[]): Promise<ProjectRow[]> {
  return inChunks(ids, (chunk) => db.selectFrom('projects').selectAll().where('id', 'in', chunk).execute())
}

/** Projects by name. */
export async function listProjects(
  db: CatalogDb,
  { sight, filter = {} }: { sight: Sight; filter?: ProjectFilter },
  page: Page,
): Promise<Paged<ProjectRow>> {
  let matches = db.selectFrom('projects')
  if (sight.memberId !== undefined) matches = matches.where('org_id', 'in', orgIdsOf(db, sight.memberId))
  if (sight.orgId !== undefined) matches = matches.where('org_id', '=', sight.orgId)
  if (sight.projectId !== undefined) matches = matches.where('id', '=', sight.projectId)
  if (filter.id !== undefined) matches = matches.where('id', '=', filter.id)
  if (filter.orgId !== undefined) matches = matches.where('org_id', '=', filter.orgId)
  if (filter.name !== undefined) matches = matches.where('name', '=', filter.name)
  if (filter.property) matches = matches.where('id', 'in', idsWithProperty(db, 'project', filter.property))
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('name').orderBy('id'))
}

/** @throws {NotFoundError} no such project. */
export async function updateProject(db: CatalogDb, id: number, changes: ProjectChanges): Promise<ProjectRow> {
  const project =
    Object.keys(changes).length === 0
      ? await findProject(db, id)
      : await db.updateTable('projects').set(changes).where('id', '=', id).returningAll().executeTakeFirst()
  if (project === undefined) throw new NotFoundError()
  return project
}

/**
 * Deletes a project without devices and streams, its variables, its properties and the tokens limited to it.
 * @throws {NotFoundError} no such project.
 * @throws {ConflictError} it still has devices, streams or archives.
 */
export async function deleteProject(db: CatalogDb, id: number): Promise<void> {
  await inTransaction(db, async (db) => {
    const device = await db.selectFrom('devices').select('id').where('project_id', '=', id).executeTakeFirst()
    const stream = await db.selectFrom('streams').select('id').where('project_id', '=', id).executeTakeFirst()
    if (device ?? stream) throw new ConflictError('The project still has devices or streams.')
    const archive = await db
      .selectFrom('datablocks')
      .select('id')
      .where('project_id', '=', id)
      .executeTakeFirst()
    if (archive !== undefined) throw new ConflictError('The project still has archives.')
    await deletePropertiesOf(db, formatProjectSlug(id))
    await db.deleteFrom('tokens').where('project_id', '=', id).execute()
    await db.deleteFrom('variables').where('project_id', '=', id).execute()
    const { numDeletedRows } = await db.deleteFrom('projects').where('id', '=', id).executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}
