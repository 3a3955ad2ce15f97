/** Device templates: what devices are made of. A device names its own by slug. */
import { ConflictError, InvalidError, NotFoundError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { DeviceTemplateRow } from './schema/fleets.ts'
import type { CatalogDb } from './schema.ts'
import { slugFromName } from './slug-text.ts'

/** Columns that staff may set; `slots` is a JSON list. */
export type DeviceTemplateChanges = Partial<
  Omit<DeviceTemplateRow, 'id' | 'slug' | 'created_at_us' | 'created_by'>
>

export type NewDeviceTemplate = Pick<DeviceTemplateRow, 'created_at_us' | 'created_by'> &
  Partial<Pick<DeviceTemplateRow, 'slug'>> &
  DeviceTemplateChanges

/**
 * The slug is that of the external SKU and, if there is one, the version: `pod-1-v2-0-0`.
 * @throws {InvalidError} neither SKU nor slug has a letter or digit.
 * @throws {ConflictError} there is one of that slug.
 */
export async function createDeviceTemplate(
  db: CatalogDb,
  template: NewDeviceTemplate,
): Promise<DeviceTemplateRow> {
  const sku = template.external_sku ?? template.slug ?? ''
  const slug = slugFromName(template.slug ?? `${sku} ${template.version ?? ''}`)
  if (slug === '') throw InvalidError.field('external_sku', 'An SKU needs a letter or digit.')
  return inTransaction(db, async (db) => {
    const created = await db
      .insertInto('device_templates')
      .values({
        id: await takeIds(db, 'device_template'),
        slug,
        external_sku: sku,
        internal_sku: template.internal_sku ?? '',
        family: template.family ?? '',
        org_id: template.org_id ?? null,
        version: template.version ?? '',
        os_tag: template.os_tag ?? null,
        os_version: template.os_version ?? null,
        hw_tag: template.hw_tag ?? null,
        hw_version: template.hw_version ?? null,
        slots: template.slots ?? '[]',
        created_at_us: template.created_at_us,
        created_by: template.created_by,
        released_at_us: template.released_at_us ?? null,
      })
      .onConflict((conflict) => conflict.column('slug').doNothing())
      .returningAll()
      .executeTakeFirst()
    if (created === undefined) throw new ConflictError(`There is a device template ${slug} already.`)
    return created
  })
}

export async function findDeviceTemplate(
  db: CatalogDb,
  slug: string,
): Promise<DeviceTemplateRow | undefined> {
  return db
    .selectFrom('device_templates')
    .selectAll()
    .where('slug', '=', slug.toLowerCase())
    .executeTakeFirst()
}

/** Device templates by slug. */
export async function listDeviceTemplates(
  db: CatalogDb,
  { orgId }: { orgId?: string },
  page: Page,
): Promise<Paged<DeviceTemplateRow>> {
  let matches = db.selectFrom('device_templates')
  if (orgId !== undefined) matches = matches.where('org_id', '=', orgId)
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('slug'))
}

/** @throws {NotFoundError} no such template. */
export async function updateDeviceTemplate(
  db: CatalogDb,
  id: number,
  changes: DeviceTemplateChanges,
): Promise<DeviceTemplateRow> {
  const matching = db.selectFrom('device_templates').selectAll().where('id', '=', id)
  const template =
    Object.keys(changes).length === 0
      ? await matching.executeTakeFirst()
      : await db
          .updateTable('device_templates')
          .set(changes)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
  if (template === undefined) throw new NotFoundError()
  return template
}

/**
 * @throws {NotFoundError} no such template.
 * @throws {ConflictError} devices are made so.
 */
export async function deleteDeviceTemplate(db: CatalogDb, { id, slug }: DeviceTemplateRow): Promise<void> {
  await inTransaction(db, async (db) => {
    const device = await db.selectFrom('devices').select('id').where('template', '=', slug).executeTakeFirst()
    if (device !== undefined) throw new ConflictError('Devices still have this template.')
    const { numDeletedRows } = await db
      .deleteFrom('device_templates')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}
