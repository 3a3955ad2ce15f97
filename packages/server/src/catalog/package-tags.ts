/** Tags of packages and the files in them. A tag comes and goes with all of its files. */
import { containsText } from './contains-text.ts'
import { inChunks } from './in-chunks.ts'
import type { PackageSelection } from './packages.ts'
import type { PackageFileRow, PackageTagRow } from './schema/packages.ts'
import type { CatalogDb } from './schema.ts'

export async function findTag(
  db: CatalogDb,
  { packageId, tag }: { packageId: number; tag: string },
): Promise<PackageTagRow | undefined> {
  return db
    .selectFrom('package_tags')
    .selectAll()
    .where('package_id', '=', packageId)
    .where('tag', '=', tag)
    .executeTakeFirst()
}

export async function findTagById(db: CatalogDb, id: number): Promise<PackageTagRow | undefined> {
  return db.selectFrom('package_tags').selectAll().where('id', '=', id).executeTakeFirst()
}

/** As `listPackages`, for the tags of one. */
export async function listTags(
  db: CatalogDb,
  packageId: number,
  { search, afterId, limit }: PackageSelection,
): Promise<PackageTagRow[]> {
  let matches = db
    .selectFrom('package_tags')
    .selectAll()
    .where('package_id', '=', packageId)
    .where('id', '>', afterId)
  if (search !== '') matches = matches.where(containsText('tag', search))
  return matches.orderBy('id').limit(limit).execute()
}

/** Ids of an account's own tags in a package, the newest first. */
export async function listOwnTagIds(
  db: CatalogDb,
  { packageId, accountId }: { packageId: number; accountId: number },
): Promise<number[]> {
  const rows = await db
    .selectFrom('package_tags')
    .select('id')
    .where('package_id', '=', packageId)
    .where('created_by', '=', accountId)
    .orderBy('id', 'desc')
    .execute()
  return rows.map(({ id }) => id)
}

export async function hasTags(db: CatalogDb, packageId: number): Promise<boolean> {
  const row = await db
    .selectFrom('package_tags')
    .select('id')
    .where('package_id', '=', packageId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The main file first. */
export async function listFiles(db: CatalogDb, tagId: number): Promise<PackageFileRow[]> {
  return db.selectFrom('package_files').selectAll().where('tag_id', '=', tagId).orderBy('id').execute()
}

/** Of `names` those that files of the package have; files of one tag may be left out of account. */
export async function findTakenFileNames(
  db: CatalogDb,
  {
    packageId,
    names,
    exceptTagId = 0,
  }: { packageId: number; names: readonly string[]; exceptTagId?: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('package_files')
    .select('name')
    .where('package_id', '=', packageId)
    .where('tag_id', '!=', exceptTagId)
    .where('name', 'in', names)
    .execute()
  return rows.map(({ name }) => name)
}

/** With their files and signatures. Blobs that nothing else names are removed later. */
export async function deleteTags(db: CatalogDb, tagIds: readonly number[]): Promise<void> {
  await deleteFilesOfTags(db, tagIds)
  await inChunks(tagIds, async (chunk) => {
    await db.deleteFrom('package_tags').where('id', 'in', chunk).execute()
    return []
  })
}

/** The tags stay, for other files to come. */
export async function deleteFilesOfTags(db: CatalogDb, tagIds: readonly number[]): Promise<void> {
  await inChunks(tagIds, async (chunk) => {
    const files = db.selectFrom('package_files').select('id').where('tag_id', 'in', chunk)
    await db.deleteFrom('package_signatures').where('file_id', 'in', files).execute()
    await db.deleteFrom('package_files').where('tag_id', 'in', chunk).execute()
    return []
  })
}

/** Names of tags and of their packages, by the number of the tag. */
export async function findTagNames(
  db: CatalogDb,
  tagIds: readonly number[],
): Promise<Map<number, { package: string; tag: string }>> {
  const rows = await inChunks(tagIds, (chunk) =>
    db
      .selectFrom('package_tags')
      .innerJoin('packages', 'packages.id', 'package_tags.package_id')
      .select(['package_tags.id', 'packages.title', 'package_tags.tag'])
      .where('package_tags.id', 'in', chunk)
      .execute(),
  )
  return new Map(rows.map(({ id, title, tag }) => [id, { package: title, tag }]))
}
