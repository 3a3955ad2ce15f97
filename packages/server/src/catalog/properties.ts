/** Properties: named values of a project, a device or an archive, for people and for programs. */
import { parseSlug } from '@sonde/client'
import { ConflictError, InvalidError, NotFoundError, TooLargeError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { PropertyRow } from './schema/events.ts'
import type { CatalogDb } from './schema.ts'

export type PropertyValue = string | number | boolean

export type NewProperty = Pick<PropertyRow, 'target' | 'name' | 'created_by' | 'created_at_us'> & {
  readonly value: PropertyValue
  readonly isSystem: boolean
}

export interface PropertyChanges {
  readonly name?: string
  readonly value?: PropertyValue
  readonly isSystem?: boolean
}

export interface PropertyFilter {
  readonly name: string
  /** As text; without it any value will do. */
  readonly value?: string
}

/** Properties of one thing. */
export const PROPERTIES_MAX = 1_000

/**
 * @throws {ConflictError} the target has a property of that name.
 * @throws {TooLargeError} it has `PROPERTIES_MAX` already.
 */
export async function createProperty(db: CatalogDb, property: NewProperty): Promise<PropertyRow> {
  return inTransaction(db, async (db) => {
    const { target, name } = property
    if (await findByName(db, target, name)) {
      throw new ConflictError(`${target} has a property "${name}" already; change that one`)
    }
    return insertProperty(db, property)
  })
}

/** Creates the property, or gives the one of that name another value. @throws {TooLargeError} as `createProperty`. */
export async function setProperty(db: CatalogDb, property: NewProperty): Promise<PropertyRow> {
  return inTransaction(db, async (db) => {
    const existing = await findByName(db, property.target, property.name)
    if (existing === undefined) return insertProperty(db, property)
    const { value, isSystem } = property
    return updateProperty(db, existing.id, { value, isSystem })
  })
}

export async function findProperty(db: CatalogDb, id: number): Promise<PropertyRow | undefined> {
  return db.selectFrom('properties').selectAll().where('id', '=', id).executeTakeFirst()
}

/** By name. */
export async function listProperties(
  db: CatalogDb,
  { target }: { target: string },
  page: Page,
): Promise<Paged<PropertyRow>> {
  const matches = db.selectFrom('properties').where('target', '=', target)
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('name').orderBy('id'))
}

/**
 * @throws {NotFoundError} no such property.
 * @throws {ConflictError} the target has another property of that name.
 */
export async function updateProperty(
  db: CatalogDb,
  id: number,
  { name, value, isSystem }: PropertyChanges,
): Promise<PropertyRow> {
  return inTransaction(db, async (db) => {
    const property = await findProperty(db, id)
    if (property === undefined) throw new NotFoundError()
    if (name !== undefined && name !== property.name) {
      const other = await findByName(db, property.target, name)
      if (other) throw new ConflictError(`${property.target} has a property "${name}" already`)
    }
    return db
      .updateTable('properties')
      .set({
        name: name ?? property.name,
        ...(value === undefined ? {} : valueColumns(value)),
        ...(isSystem === undefined ? {} : { is_system: Number(isSystem) }),
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/** @throws {NotFoundError} no such property. */
export async function deleteProperty(db: CatalogDb, id: number): Promise<void> {
  const { numDeletedRows } = await db.deleteFrom('properties').where('id', '=', id).executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) throw new NotFoundError()
}

/** Belongs into the transaction that deletes the target. */
export async function deletePropertiesOf(db: CatalogDb, target: string): Promise<void> {
  await db.deleteFrom('properties').where('target', '=', target).execute()
}

/**
 * What a device was described with goes into its archive; system properties stay with it, and the archive
 * gets copies. Belongs into the transaction that makes the archive.
 */
export async function archiveProperties(
  db: CatalogDb,
  { device, archive }: { device: string; archive: string },
): Promise<void> {
  const system = await db
    .selectFrom('properties')
    .selectAll()
    .where('target', '=', device)
    .where('is_system', '=', 1)
    .execute()
  await db
    .updateTable('properties')
    .set(targetColumns(archive))
    .where('target', '=', device)
    .where('is_system', '=', 0)
    .execute()
  if (system.length === 0) return
  const firstId = await takeIds(db, 'property', system.length)
  const copies = system.map((row, i) => ({ ...row, id: firstId + i, ...targetColumns(archive) }))
  await db.insertInto('properties').values(copies).execute()
}

/** Numbers of the projects or devices that have such a property, as a subquery. */
export function idsWithProperty(db: CatalogDb, kind: 'project' | 'device', { name, value }: PropertyFilter) {
  const matches = db
    .selectFrom('properties')
    .select('properties.target_id')
    .where('properties.target_kind', '=', kind)
    .where('properties.name', '=', name)
  return value === undefined ? matches : matches.where('properties.value', '=', value)
}

export function propertyValue({ type, value }: Pick<PropertyRow, 'type' | 'value'>): PropertyValue {
  if (type === 'int') return Number(value)
  return type === 'bool' ? value === 'true' : value
}

async function findByName(db: CatalogDb, target: string, name: string): Promise<PropertyRow | undefined> {
  return db
    .selectFrom('properties')
    .selectAll()
    .where('target', '=', target)
    .where('name', '=', name)
    .executeTakeFirst()
}

async function insertProperty(db: CatalogDb, property: NewProperty): Promise<PropertyRow> {
  const { target, name, value, isSystem, created_by, created_at_us } = property
  const { count } = await db
    .selectFrom('properties')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('target', '=', target)
    .executeTakeFirstOrThrow()
  if (Number(count) >= PROPERTIES_MAX) {
    throw new TooLargeError(`${target} has ${PROPERTIES_MAX} properties, and cannot have more`)
  }
  return db
    .insertInto('properties')
    .values({
      id: await takeIds(db, 'property'),
      ...targetColumns(target),
      name,
      ...valueColumns(value),
      is_system: Number(isSystem),
      created_by,
      created_at_us,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** @throws {InvalidError} nothing that has properties. */
function targetColumns(target: string): Pick<PropertyRow, 'target' | 'target_kind' | 'target_id'> {
  const slug = parseSlug(target)
  if (slug?.kind === 'project') return { target, target_kind: slug.kind, target_id: slug.project }
  if (slug?.kind === 'device' || slug?.kind === 'block') {
    return { target, target_kind: slug.kind, target_id: slug.device }
  }
  throw InvalidError.field('target', `"${target}" is no slug of a project, device or data block.`)
}

function valueColumns(value: PropertyValue): Pick<PropertyRow, 'type' | 'value'> {
  if (typeof value === 'number') return { type: 'int', value: String(value) }
  if (typeof value === 'boolean') return { type: 'bool', value: String(value) }
  return { type: 'str', value }
}
