/** Variables: what is measured in a project. Each has a 16-bit number (`lid`) within the project. */
import { randomUUID } from 'node:crypto'
import { ConflictError, InvalidError, NotFoundError, TooLargeError } from '../errors.ts'
import { containsText } from './contains-text.ts'
import { inChunks } from './in-chunks.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { CatalogDb, VariableRow } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'

export const LID_MAX = 65_535

/** Columns that a person may set; the units are JSON of `units.ts`. */
export type VariableChanges = Partial<
  Omit<VariableRow, 'id' | 'project_id' | 'lid' | 'created_at_us' | 'created_by'>
>

export type NewVariable = Pick<VariableRow, 'project_id' | 'name' | 'created_by' | 'created_at_us'> &
  Partial<Pick<VariableRow, 'lid'>> &
  VariableChanges

export interface VariableFilter {
  readonly orgId?: string
  readonly projectId?: number
  /** A piece of the name. */
  readonly search?: string
}

/**
 * Takes the next free number of the project, from 1, unless `lid` is given. A number is not handed out
 * again after its variable was deleted, as long as there are others.
 * @throws {InvalidError} the given number is out of range, or there is no such project.
 * @throws {ConflictError} the given number is taken.
 * @throws {TooLargeError} all 65,535 numbers of the project are taken.
 */
export async function createVariable(db: CatalogDb, variable: NewVariable): Promise<VariableRow> {
  if (variable.lid !== undefined) checkLid(variable.lid)
  return inTransaction(db, async (db) => {
    const lid = variable.lid ?? (await takeFreeLid(db, variable.project_id))
    const created = await db
      .insertInto('variables')
      .values({
        id: randomUUID(),
        project_id: variable.project_id,
        lid,
        name: variable.name,
        var_type: variable.var_type ?? 'default',
        about: variable.about ?? '',
        input_unit: variable.input_unit ?? null,
        output_unit: variable.output_unit ?? null,
        derived_variable: variable.derived_variable ?? null,
        raw_value_format: variable.raw_value_format ?? 'auto',
        units: variable.units ?? '',
        multiplication_factor: variable.multiplication_factor ?? null,
        division_factor: variable.division_factor ?? null,
        offset_value: variable.offset_value ?? null,
        decimal_places: variable.decimal_places ?? 2,
        mdo_label: variable.mdo_label ?? '',
        web_only: variable.web_only ?? 0,
        app_only: variable.app_only ?? 0,
        created_at_us: variable.created_at_us,
        created_by: variable.created_by,
      })
      .onConflict((conflict) => conflict.columns(['project_id', 'lid']).doNothing())
      .returningAll()
      .executeTakeFirst()
    if (created === undefined) throw new ConflictError(`The project has a variable ${lid} already.`)
    return created
  })
}

export async function findVariable(
  db: CatalogDb,
  { projectId, lid }: { projectId: number; lid: number },
): Promise<VariableRow | undefined> {
  return db
    .selectFrom('variables')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('lid', '=', lid)
    .executeTakeFirst()
}

/** Names may repeat; the variable with the lowest number is meant. */
export async function findVariableByName(
  db: CatalogDb,
  { projectId, name }: { projectId: number; name: string },
): Promise<VariableRow | undefined> {
  return db
    .selectFrom('variables')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('name', '=', name)
    .orderBy('lid')
    .limit(1)
    .executeTakeFirst()
}

/** As `findVariableByName` for each of several names: numbers by name; names without a variable are absent. */
export async function findLidsByNames(
  db: CatalogDb,
  { projectId, names }: { projectId: number; names: readonly string[] },
): Promise<Map<string, number>> {
  const rows = await inChunks(names, (chunk) =>
    db
      .selectFrom('variables')
      .select(['name', (eb) => eb.fn.min<number>('lid').as('lid')])
      .where('project_id', '=', projectId)
      .where('name', 'in', chunk)
      .groupBy('name')
      .execute(),
  )
  return new Map(rows.map(({ name, lid }) => [name, lid]))
}

/** Numbers of the project's variables of that name; at most `limit`, the lowest ones. */
export async function findLidsByName(
  db: CatalogDb,
  { projectId, name, limit }: { projectId: number; name: string; limit: number },
): Promise<number[]> {
  const rows = await db
    .selectFrom('variables')
    .select('lid')
    .where('project_id', '=', projectId)
    .where('name', '=', name)
    .orderBy('lid')
    .limit(limit)
    .execute()
  return rows.map(({ lid }) => lid)
}

/** In no particular order; numbers without a variable are absent. */
export async function findVariablesByLids(
  db: CatalogDb,
  { projectId, lids }: { projectId: number; lids: readonly number[] },
): Promise<VariableRow[]> {
  return inChunks(lids, (chunk) =>
    db
      .selectFrom('variables')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('lid', 'in', chunk)
      .execute(),
  )
}

/** The variables of streams, by `variableKey`; those that nobody has named are absent. */
export async function findVariablesOfStreams(
  db: CatalogDb,
  streams: readonly { readonly project_id: number; readonly variable_lid: number }[],
): Promise<ReadonlyMap<string, VariableRow>> {
  const variables = new Map<string, VariableRow>()
  for (const [projectId, rows] of Map.groupBy(streams, (row) => row.project_id)) {
    const lids = [...new Set(rows.map((row) => row.variable_lid))]
    for (const variable of await findVariablesByLids(db, { projectId, lids })) {
      variables.set(variableKey(projectId, variable.lid), variable)
    }
  }
  return variables
}

export function variableKey(projectId: number, lid: number): string {
  return `${projectId} ${lid}`
}

/** Variables by project and number. */
export async function listVariables(
  db: CatalogDb,
  { sight, filter = {} }: { sight: Sight; filter?: VariableFilter },
  page: Page,
): Promise<Paged<VariableRow>> {
  let matches = db.selectFrom('variables').innerJoin('projects', 'projects.id', 'variables.project_id')
  if (sight.memberId !== undefined) {
    matches = matches.where('projects.org_id', 'in', orgIdsOf(db, sight.memberId))
  }
  if (sight.orgId !== undefined) matches = matches.where('projects.org_id', '=', sight.orgId)
  if (sight.projectId !== undefined) matches = matches.where('variables.project_id', '=', sight.projectId)
  if (filter.orgId !== undefined) matches = matches.where('projects.org_id', '=', filter.orgId)
  if (filter.projectId !== undefined) matches = matches.where('variables.project_id', '=', filter.projectId)
  if (filter.search !== undefined) matches = matches.where(containsText('variables.name', filter.search))
  return readPage(matches, page, (matches) =>
    matches.selectAll('variables').orderBy('variables.project_id').orderBy('variables.lid'),
  )
}

/** @throws {NotFoundError} no such variable. */
export async function updateVariable(
  db: CatalogDb,
  { projectId, lid }: { projectId: number; lid: number },
  changes: VariableChanges,
): Promise<VariableRow> {
  const variable =
    Object.keys(changes).length === 0
      ? await findVariable(db, { projectId, lid })
      : await db
          .updateTable('variables')
          .set(changes)
          .where('project_id', '=', projectId)
          .where('lid', '=', lid)
          .returningAll()
          .executeTakeFirst()
  if (variable === undefined) throw new NotFoundError()
  return variable
}

/**
 * @throws {NotFoundError} no such variable.
 * @throws {ConflictError} it still has streams.
 */
export async function deleteVariable(
  db: CatalogDb,
  { projectId, lid }: { projectId: number; lid: number },
): Promise<void> {
  await inTransaction(db, async (db) => {
    const stream = await db
      .selectFrom('streams')
      .select('id')
      .where('project_id', '=', projectId)
      .where('variable_lid', '=', lid)
      .executeTakeFirst()
    if (stream !== undefined) throw new ConflictError('The variable still has streams.')
    const { numDeletedRows } = await db
      .deleteFrom('variables')
      .where('project_id', '=', projectId)
      .where('lid', '=', lid)
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}

/**
 * The project keeps the number handed out last. People choose numbers above it (0x5001 is a device's first
 * input), so a taken one is stepped over; past the end the search starts again at 1.
 */
async function takeFreeLid(db: CatalogDb, projectId: number): Promise<number> {
  const project = await db
    .updateTable('projects')
    .set((eb) => ({ last_lid: eb('last_lid', '+', 1) }))
    .where('id', '=', projectId)
    .returning('last_lid')
    .executeTakeFirst()
  if (project === undefined) throw InvalidError.field('project', 'There is no such project.')
  const next = project.last_lid
  const lid =
    (await firstFreeLid(db, { projectId, from: next })) ?? (await firstFreeLid(db, { projectId, from: 1 }))
  if (lid === undefined) {
    throw new TooLargeError(`The project has ${LID_MAX} variables, which is as many as there are numbers`)
  }
  if (lid !== next)
    await db.updateTable('projects').set({ last_lid: lid }).where('id', '=', projectId).execute()
  return lid
}

async function firstFreeLid(
  db: CatalogDb,
  { projectId, from }: { projectId: number; from: number },
): Promise<number | undefined> {
  if (from > LID_MAX) return undefined
  if ((await findVariable(db, { projectId, lid: from })) === undefined) return from
  const endOfRun = await db
    .selectFrom('variables as taken')
    .select('taken.lid')
    .where('taken.project_id', '=', projectId)
    .where('taken.lid', '>=', from)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('variables as next')
            .select('next.lid')
            .where('next.project_id', '=', projectId)
            .where('next.lid', '=', eb('taken.lid', '+', 1)),
        ),
      ),
    )
    .orderBy('taken.lid')
    .limit(1)
    .executeTakeFirstOrThrow()
  return endOfRun.lid < LID_MAX ? endOfRun.lid + 1 : undefined
}

function checkLid(lid: number): void {
  if (Number.isInteger(lid) && lid >= 1 && lid <= LID_MAX) return
  throw InvalidError.field('lid', `A variable number is a whole number from 1 to ${LID_MAX}.`)
}
