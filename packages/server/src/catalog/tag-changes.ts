/** Who may take back what was published, and what may be taken back at all. */
import { ConflictError, ForbiddenError } from '../errors.ts'
import { inTransaction } from './in-transaction.ts'
import { deleteTags, hasTags } from './package-tags.ts'
import { deletePackage } from './packages.ts'
import type { PackageRow, PackageTagRow } from './schema/packages.ts'
import type { CatalogDb } from './schema.ts'
import { findNamedTags, type TagReference } from './tag-references.ts'

/** Who publishes or deletes. */
export interface Publisher {
  readonly accountId: number
  readonly isStaff: boolean
}

export interface TagChange {
  readonly publisher: Publisher
  /** The package of the tag. */
  readonly owner: PackageRow
  readonly tag: PackageTagRow
  readonly references?: readonly TagReference[] | undefined
}

/** Staff count as owners of everything. */
export function isOwner({ accountId, isStaff }: Publisher, { created_by }: { created_by: number }): boolean {
  return isStaff || created_by === accountId
}

/**
 * @throws {ForbiddenError} the account published neither the tag nor the package.
 * @throws {ConflictError} something, a device for example, is assigned to the tag.
 */
export async function refuseTagChange(
  db: CatalogDb,
  { publisher, owner, tag, references }: TagChange,
): Promise<void> {
  if (!isOwner(publisher, tag) && !isOwner(publisher, owner)) {
    throw new ForbiddenError('tag belongs to another user')
  }
  const named = await findNamedTags(db, [tag.id], references)
  if (named.size > 0) throw new ConflictError('tag is assigned to devices; assign another one to them first')
}

/** Deletes a tag with its files and their signatures. @throws as `refuseTagChange`. */
export async function deleteTag(db: CatalogDb, change: TagChange): Promise<void> {
  await inTransaction(db, async (db) => {
    await refuseTagChange(db, change)
    await deleteTags(db, [change.tag.id])
  })
}

/**
 * Deletes a package without tags, which gives its title free. Nothing does that by itself: otherwise somebody
 * else could take a name that devices ask for.
 * @throws {ForbiddenError} it belongs to somebody else.
 * @throws {ConflictError} it has tags.
 */
export async function deleteEmptyPackage(
  db: CatalogDb,
  { publisher, owner }: Pick<TagChange, 'publisher' | 'owner'>,
): Promise<void> {
  await inTransaction(db, async (db) => {
    if (!isOwner(publisher, owner)) throw new ForbiddenError('package belongs to another user')
    if (await hasTags(db, owner.id)) throw new ConflictError('package has tags; delete them first')
    await deletePackage(db, owner.id)
  })
}
