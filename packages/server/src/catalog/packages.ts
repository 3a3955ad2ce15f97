/** Packages: a title and who owns it. What is in one are tags, and in these files. */
import { containsText } from './contains-text.ts'
import { takeIds } from './counters.ts'
import type { PackageRow } from './schema/packages.ts'
import type { CatalogDb } from './schema.ts'

/** Some of a long list, in order of ids: up to `limit` from behind `afterId`, those that contain `search`. */
export interface PackageSelection {
  readonly search: string
  readonly afterId: number
  readonly limit: number
}

export async function findPackage(db: CatalogDb, title: string): Promise<PackageRow | undefined> {
  return db.selectFrom('packages').selectAll().where('title', '=', title).executeTakeFirst()
}

/** Upper and lower case of ASCII letters are the same in a search; nothing in it is a wildcard. */
export async function listPackages(
  db: CatalogDb,
  { search, afterId, limit }: PackageSelection,
): Promise<PackageRow[]> {
  let matches = db.selectFrom('packages').selectAll().where('id', '>', afterId)
  if (search !== '') matches = matches.where(containsText('title', search))
  return matches.orderBy('id').limit(limit).execute()
}

/** The package of that title, made when there is none. Call it in the transaction that publishes. */
export async function ensurePackage(
  db: CatalogDb,
  { title, accountId, nowUs }: { title: string; accountId: number; nowUs: number },
): Promise<PackageRow> {
  const known = await findPackage(db, title)
  if (known !== undefined) return known
  const made = await db
    .insertInto('packages')
    .values({ id: await takeIds(db, 'package'), title, created_by: accountId, created_at_us: nowUs })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  // Another server on the same catalog may have made it a moment ago.
  return made ?? db.selectFrom('packages').selectAll().where('title', '=', title).executeTakeFirstOrThrow()
}

/** One that has no tags. */
export async function deletePackage(db: CatalogDb, id: number): Promise<void> {
  await db.deleteFrom('packages').where('id', '=', id).execute()
}
