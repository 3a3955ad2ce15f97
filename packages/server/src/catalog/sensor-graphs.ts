/** Sensor graphs: the applications that run on devices. A device names its own by slug. */
import { ConflictError, InvalidError, NotFoundError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { SensorGraphRow } from './schema/fleets.ts'
import type { CatalogDb } from './schema.ts'
import { slugFromName } from './slug-text.ts'

/** Columns that staff may set; the lists and `ui_extra` are JSON. */
export type SensorGraphChanges = Partial<Omit<SensorGraphRow, 'id' | 'slug' | 'created_at_us' | 'created_by'>>

export type NewSensorGraph = Pick<SensorGraphRow, 'created_at_us' | 'created_by'> &
  Partial<Pick<SensorGraphRow, 'slug'>> &
  SensorGraphChanges

/**
 * The slug is that of the name and, if there is one, the version: `water-meter-v1-1-0`.
 * @throws {InvalidError} neither name nor slug has a letter or digit.
 * @throws {ConflictError} there is one of that slug.
 */
export async function createSensorGraph(db: CatalogDb, graph: NewSensorGraph): Promise<SensorGraphRow> {
  const version = { major_version: 0, minor_version: 0, patch_version: 0, ...graph }
  const { major_version, minor_version, patch_version } = version
  const isVersioned = major_version + minor_version + patch_version > 0
  const name = graph.name ?? graph.slug ?? ''
  const slug = slugFromName(graph.slug ?? `${name}${isVersioned ? ` ${versionOf(version)}` : ''}`)
  if (slug === '') throw InvalidError.field('name', 'A name needs a letter or digit.')
  return inTransaction(db, async (db) => {
    const created = await db
      .insertInto('sensor_graphs')
      .values({
        id: await takeIds(db, 'sensor_graph'),
        slug,
        name,
        org_id: graph.org_id ?? null,
        project_template: graph.project_template ?? null,
        variable_templates: graph.variable_templates ?? '[]',
        display_widget_templates: graph.display_widget_templates ?? '[]',
        ui_extra: graph.ui_extra ?? null,
        report_processing_engine_ver: graph.report_processing_engine_ver ?? 0,
        major_version,
        minor_version,
        patch_version,
        app_tag: graph.app_tag ?? null,
        app_version: graph.app_version ?? null,
        created_at_us: graph.created_at_us,
        created_by: graph.created_by,
      })
      .onConflict((conflict) => conflict.column('slug').doNothing())
      .returningAll()
      .executeTakeFirst()
    if (created === undefined) throw new ConflictError(`There is a sensor graph ${slug} already.`)
    return created
  })
}

/** How reports of a device are processed, as its sensor graph says; 0 without one. */
export async function findEngineVersion(db: CatalogDb, { sg }: { sg: string | null }): Promise<number> {
  const graph = sg === null ? undefined : await findSensorGraph(db, sg)
  return graph?.report_processing_engine_ver ?? 0
}

export async function findSensorGraph(db: CatalogDb, slug: string): Promise<SensorGraphRow | undefined> {
  return db.selectFrom('sensor_graphs').selectAll().where('slug', '=', slug.toLowerCase()).executeTakeFirst()
}

/** Sensor graphs by slug. */
export async function listSensorGraphs(
  db: CatalogDb,
  { orgId }: { orgId?: string },
  page: Page,
): Promise<Paged<SensorGraphRow>> {
  let matches = db.selectFrom('sensor_graphs')
  if (orgId !== undefined) matches = matches.where('org_id', '=', orgId)
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('slug'))
}

/** @throws {NotFoundError} no such sensor graph. */
export async function updateSensorGraph(
  db: CatalogDb,
  id: number,
  changes: SensorGraphChanges,
): Promise<SensorGraphRow> {
  const matching = db.selectFrom('sensor_graphs').selectAll().where('id', '=', id)
  const graph =
    Object.keys(changes).length === 0
      ? await matching.executeTakeFirst()
      : await db
          .updateTable('sensor_graphs')
          .set(changes)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
  if (graph === undefined) throw new NotFoundError()
  return graph
}

/**
 * @throws {NotFoundError} no such sensor graph.
 * @throws {ConflictError} devices run it.
 */
export async function deleteSensorGraph(db: CatalogDb, { id, slug }: SensorGraphRow): Promise<void> {
  await inTransaction(db, async (db) => {
    const device = await db.selectFrom('devices').select('id').where('sg', '=', slug).executeTakeFirst()
    if (device !== undefined) throw new ConflictError('Devices still have this sensor graph.')
    const { numDeletedRows } = await db
      .deleteFrom('sensor_graphs')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}

/** `v1.1.0`. */
export function versionOf(
  row: Pick<SensorGraphRow, 'major_version' | 'minor_version' | 'patch_version'>,
): string {
  return `v${row.major_version}.${row.minor_version}.${row.patch_version}`
}
