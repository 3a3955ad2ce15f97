/** Kinds of measurements (water volume, temperature …) with the units that their values come and go in. */
import { ConflictError, InvalidError, NotFoundError } from '../errors.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { VartypeRow } from './schema/fleets.ts'
import type { CatalogDb } from './schema.ts'
import { slugFromName } from './slug-text.ts'
import { checkUnit, type Unit } from './units.ts'

/** Which of the two lists of a kind a unit is in; also how its slug begins. */
export type UnitSide = 'in' | 'out'

/** A kind as people write it. The slugs of its units follow from their names unless they are given. */
export interface VartypeChanges extends Partial<Omit<VartypeRow, 'slug' | 'input_units' | 'output_units'>> {
  readonly inputUnits?: readonly Unit[]
  readonly outputUnits?: readonly Unit[]
}

export type NewVartype = VartypeChanges & { readonly name: string; readonly slug?: string }

/**
 * @throws {InvalidError} a unit does not compute, or its slug is not of this kind.
 * @throws {ConflictError} there is a kind of that slug.
 */
export async function createVartype(db: CatalogDb, vartype: NewVartype): Promise<VartypeRow> {
  const slug = slugFromName(vartype.slug ?? vartype.name)
  if (slug === '') throw InvalidError.field('name', 'A name needs a letter or digit.')
  const created = await db
    .insertInto('vartypes')
    .values({
      slug,
      name: vartype.name,
      input_units: formatUnits(vartype.inputUnits ?? [], { side: 'in', slug }),
      output_units: formatUnits(vartype.outputUnits ?? [], { side: 'out', slug }),
      stream_data_type: vartype.stream_data_type ?? '00',
      decoder: vartype.decoder ?? null,
      schema: vartype.schema ?? null,
      storage_units_full: vartype.storage_units_full ?? '',
      storage_units_short: vartype.storage_units_short ?? '',
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (created === undefined) throw new ConflictError(`There is a variable type ${slug} already.`)
  return created
}

export async function findVartype(db: CatalogDb, slug: string): Promise<VartypeRow | undefined> {
  return db.selectFrom('vartypes').selectAll().where('slug', '=', slug.toLowerCase()).executeTakeFirst()
}

/** Kinds by slug. */
export async function listVartypes(db: CatalogDb, page: Page): Promise<Paged<VartypeRow>> {
  return readPage(db.selectFrom('vartypes'), page, (matches) => matches.selectAll().orderBy('slug'))
}

/**
 * @throws {NotFoundError} no such kind.
 * @throws {InvalidError} as `createVartype`.
 */
export async function updateVartype(
  db: CatalogDb,
  slug: string,
  { inputUnits, outputUnits, ...same }: VartypeChanges,
): Promise<VartypeRow> {
  const changes = {
    ...same,
    ...(inputUnits && { input_units: formatUnits(inputUnits, { side: 'in', slug }) }),
    ...(outputUnits && { output_units: formatUnits(outputUnits, { side: 'out', slug }) }),
  }
  const vartype =
    Object.keys(changes).length === 0
      ? await findVartype(db, slug)
      : await db
          .updateTable('vartypes')
          .set(changes)
          .where('slug', '=', slug)
          .returningAll()
          .executeTakeFirst()
  if (vartype === undefined) throw new NotFoundError()
  return vartype
}

/**
 * @throws {NotFoundError} no such kind.
 * @throws {ConflictError} variables or streams are of it.
 */
export async function deleteVartype(db: CatalogDb, slug: string): Promise<void> {
  await inTransaction(db, async (db) => {
    const variable = await db
      .selectFrom('variables')
      .select('id')
      .where('var_type', '=', slug)
      .executeTakeFirst()
    const stream = await db.selectFrom('streams').select('id').where('var_type', '=', slug).executeTakeFirst()
    if (variable ?? stream) throw new ConflictError('Variables or streams are still of this type.')
    const { numDeletedRows } = await db
      .deleteFrom('vartypes')
      .where('slug', '=', slug)
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new NotFoundError()
  })
}

export function unitsOf(row: VartypeRow, side: UnitSide): readonly Unit[] {
  return JSON.parse(side === 'in' ? row.input_units : row.output_units) as Unit[]
}

/** A unit by its slug, `in--water-meter-volume--gallons`; undefined when no kind has it on that side. */
export async function findUnit(
  db: CatalogDb,
  { side, slug }: { side: UnitSide; slug: string },
): Promise<Unit | undefined> {
  const [letters, vartype, ...rest] = slug.split('--')
  if (letters !== side || vartype === undefined || rest.length === 0) return undefined
  const row = await findVartype(db, vartype)
  return row && unitsOf(row, side).find((unit) => unit.slug === slug)
}

function formatUnits(units: readonly Unit[], { side, slug }: { side: UnitSide; slug: string }): string {
  const prefix = `${side}--${slug}--`
  const named = units.map((unit) => ({
    ...unit,
    slug: unit.slug === '' ? prefix + slugFromName(unit.unit_full) : unit.slug,
  }))
  const slugs = new Set<string>()
  for (const unit of named) {
    checkUnit(unit)
    if (!unit.slug.startsWith(prefix) || unit.slug === prefix) {
      throw InvalidError.field('slug', `A unit of this type has a slug such as "${prefix}liters".`)
    }
    if (slugs.has(unit.slug)) throw InvalidError.field('slug', `Two units have the slug "${unit.slug}".`)
    slugs.add(unit.slug)
  }
  return JSON.stringify(named)
}
