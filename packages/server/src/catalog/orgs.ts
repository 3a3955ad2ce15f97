/** Organisations, which own projects, devices and what is measured. */
import { randomUUID } from 'node:crypto'
import { ConflictError, InvalidError, NotFoundError } from '../errors.ts'
import { containsText } from './contains-text.ts'
import { deleteReportsOfOrg } from './generated-reports.ts'
import { inChunks } from './in-chunks.ts'
import { inTransaction } from './in-transaction.ts'
import { addMember } from './members.ts'
import { type Page, type Paged, readPage } from './page.ts'
import { deleteRolloutsOfOrg } from './rollouts.ts'
import type { CatalogDb, OrgRow } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'
import { slugFromName } from './slug-text.ts'

export type NewOrg = Pick<OrgRow, 'name' | 'created_by' | 'created_at_us'> &
  Partial<Pick<OrgRow, 'ot' | 'about'>>

export type OrgChanges = Partial<Pick<OrgRow, 'name' | 'ot' | 'about'>>

export interface OrgFilter {
  /** A piece of the name. */
  readonly search?: string
}

/**
 * The creator becomes the owner. The slug follows from the name and stays when the name changes.
 * @throws {InvalidError} the name gives no slug.
 * @throws {ConflictError} another organisation has that slug.
 */
export async function createOrg(db: CatalogDb, org: NewOrg): Promise<OrgRow> {
  const slug = slugFromName(org.name)
  if (slug === '') throw InvalidError.field('name', 'Organization name needs a letter or a digit.')
  return inTransaction(db, async (db) => {
    const created = await db
      .insertInto('orgs')
      .values({
        id: randomUUID(),
        name: org.name,
        slug,
        ot: org.ot ?? null,
        about: org.about ?? '',
        created_at_us: org.created_at_us,
        created_by: org.created_by,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    if (created === undefined) {
      throw new ConflictError('Organization with this Name produces duplicate slug.')
    }
    await addMember(db, {
      orgId: created.id,
      accountId: org.created_by,
      role: 'a0',
      nowUs: org.created_at_us,
    })
    return created
  })
}

export async function findOrg(db: CatalogDb, id: string): Promise<OrgRow | undefined> {
  return db.selectFrom('orgs').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function findOrgBySlug(db: CatalogDb, slug: string): Promise<OrgRow | undefined> {
  return db.selectFrom('orgs').selectAll().where('slug', '=', slug.toLowerCase()).executeTakeFirst()
}

/** The one that this installation began with, as far as it is still there. */
export async function findOldestOrg(db: CatalogDb): Promise<OrgRow | undefined> {
  return db.selectFrom('orgs').selectAll().orderBy('created_at_us').orderBy('id').limit(1).executeTakeFirst()
}

/** In no particular order; ids without an organisation are absent. */
export async function findOrgsByIds(db: CatalogDb, ids: readonly string[]): Promise<OrgRow[]> {
  return inChunks(ids, (chunk) => db.selectFrom('orgs').selectAll().where('id', 'in', chunk).execute())
}

/** Organisations by name. */
export async function listOrgs(
  db: CatalogDb,
  { sight, filter = {} }: { sight: Sight; filter?: OrgFilter },
  page: Page,
): Promise<Paged<OrgRow>> {
  let matches = db.selectFrom('orgs')
  if (sight.memberId !== undefined) matches = matches.where('id', 'in', orgIdsOf(db, sight.memberId))
  if (sight.orgId !== undefined) matches = matches.where('id', '=', sight.orgId)
  if (filter.search !== undefined) matches = matches.where(containsText('name', filter.search))
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('name').orderBy('id'))
}

/** @throws {NotFoundError} no such organisation. */
export async function updateOrg(db: CatalogDb, id: string, changes: OrgChanges): Promise<OrgRow> {
  const org =
    Object.keys(changes).length === 0
      ? await findOrg(db, id)
      : await db.updateTable('orgs').set(changes).where('id', '=', id).returningAll().executeTakeFirst()
  if (org === undefined) throw new NotFoundError()
  return org
}

/**
 * Deletes an organisation without projects and devices, with its fleets, firmware, generated reports and
 * memberships, and the tokens limited to it. Kinds of devices that it has made belong to nobody from then on.
 * @throws {NotFoundError} no such organisation.
 * @throws {ConflictError} it still has projects or devices.
 */
export async function deleteOrg(db: CatalogDb, id: string): Promise<void> {
  await inTransaction(db, async (db) => {
    const project = await db.selectFrom('projects').select('id').where('org_id', '=', id).executeTakeFirst()
    const device = await db.selectFrom('devices').select('id').where('org_id', '=', id).executeTakeFirst()
    if (project ?? device) throw new ConflictError('The organization still has projects or devices.')
    await deleteRolloutsOfOrg(db, id)
    await deleteFirmware(db, id)
    await db.deleteFrom('tokens').where('org_id', '=', id).execute()
    await deleteReportsOfOrg(db, id)
    await db.deleteFrom('members').where('org_id', '=', id).execute()
    const { numDeletedRows } = await db.deleteFrom('orgs').where('id', '=', id).executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}

async function deleteFirmware(db: CatalogDb, orgId: string): Promise<void> {
  const requests = db.selectFrom('ota_requests').select('id').where('org_id', '=', orgId)
  const fleets = db.selectFrom('fleets').select('id').where('org_id', '=', orgId)
  await db.deleteFrom('ota_actions').where('request_id', 'in', requests).execute()
  await db.deleteFrom('ota_requests').where('org_id', '=', orgId).execute()
  await db.deleteFrom('ota_scripts').where('org_id', '=', orgId).execute()
  await db.deleteFrom('fleet_devices').where('fleet_id', 'in', fleets).execute()
  await db.deleteFrom('fleets').where('org_id', '=', orgId).execute()
  await db.updateTable('sensor_graphs').set({ org_id: null }).where('org_id', '=', orgId).execute()
  await db.updateTable('device_templates').set({ org_id: null }).where('org_id', '=', orgId).execute()
}
