/**
 * Publishing: a tag appears with all of its files or not at all, and is replaced in the same way. Whoever reads
 * meanwhile finds the one or the other; bytes that are being read stay until they have been.
 */
import { ConflictError, ForbiddenError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import { deleteFilesOfTags, deleteTags, findTag, findTakenFileNames, listOwnTagIds } from './package-tags.ts'
import { type PackageUsage, packageUsageOf, refuseOverQuota } from './package-usage.ts'
import { ensurePackage, findPackage } from './packages.ts'
import type { PackageFileRow, PackageRow, PackageTagRow } from './schema/packages.ts'
import type { CatalogDb } from './schema.ts'
import { isOwner, type Publisher, refuseTagChange } from './tag-changes.ts'
import { findNamedTags, type TagReference } from './tag-references.ts'

export interface PublishPolicy {
  /** Only who made a package, and staff, publish into it. */
  readonly isOwnerOnly: boolean
  /** Of each account in each package; older ones go when a new one comes, unless something needs them. */
  readonly tagsKept: number
  /** Of each account; staff have none. */
  readonly quota: PackageUsage
  readonly references?: readonly TagReference[]
}

export type NewPackageFile = Pick<PackageFileRow, 'name' | 'media_type' | 'size_bytes' | 'sha256' | 'md5'>

export interface Publication {
  readonly packageTitle: string
  readonly tag: string
  readonly publisher: Publisher
  /** The main file first; at least one. */
  readonly files: readonly NewPackageFile[]
  /** Whether a tag of that name gives way. */
  readonly isReplacing: boolean
  readonly nowUs: number
}

/** What is known of a publication before its files have arrived. */
export type Announcement = Omit<Publication, 'files' | 'nowUs'> & { readonly fileNames: readonly string[] }

/**
 * @returns The ids of package and tag.
 * @throws {ConflictError} a file name or the tag is taken, or what would be replaced is in use.
 * @throws {ForbiddenError} the package or the tag belongs to somebody else.
 * @throws {TooLargeError} over the quota of the account.
 */
export async function publishTag(
  db: CatalogDb,
  publication: Publication,
  policy: PublishPolicy,
): Promise<{ packageId: number; tagId: number }> {
  const { packageTitle, publisher, files, nowUs } = publication
  return inTransaction(db, async (db) => {
    const fileNames = files.map(({ name }) => name)
    const replaced = await checkAnnouncement(db, { ...publication, fileNames }, policy)
    const { accountId } = publisher
    const owner = await ensurePackage(db, { title: packageTitle, accountId, nowUs })
    const tag = replaced ?? (await insertTag(db, owner, publication))
    if (replaced !== undefined) await deleteFilesOfTags(db, [replaced.id])
    await insertFiles(db, tag, publication)
    await deleteOlderTags(db, tag, policy)
    if (!publisher.isStaff) refuseOverQuota(await packageUsageOf(db, tag.created_by), policy.quota)
    return { packageId: owner.id, tagId: tag.id }
  })
}

/**
 * Whether a publication could succeed, so that bytes which nobody will keep need not be taken.
 * @returns The tag that would be replaced.
 * @throws as `publishTag`, but for the quota.
 */
export async function checkAnnouncement(
  db: CatalogDb,
  { packageTitle, tag, publisher, fileNames, isReplacing }: Announcement,
  { isOwnerOnly, references }: PublishPolicy,
): Promise<PackageTagRow | undefined> {
  if (new Set(fileNames).size < fileNames.length) throw new ConflictError('filename exists for package')
  const owner = await findPackage(db, packageTitle)
  if (owner === undefined) return undefined
  if (isOwnerOnly && !isOwner(publisher, owner)) throw new ForbiddenError('package belongs to another user')
  const known = await findTag(db, { packageId: owner.id, tag })
  const replaced = isReplacing ? known : undefined
  if (replaced !== undefined) await refuseTagChange(db, { publisher, owner, tag: replaced, references })
  const taken = await findTakenFileNames(db, {
    packageId: owner.id,
    names: fileNames,
    ...(replaced === undefined ? {} : { exceptTagId: replaced.id }),
  })
  if (taken.length > 0) throw new ConflictError('filename exists for package')
  if (known !== replaced) throw new ConflictError('tag is already in use for package')
  return replaced
}

async function insertTag(
  db: CatalogDb,
  owner: PackageRow,
  { tag, publisher, nowUs }: Publication,
): Promise<PackageTagRow> {
  const made = await db
    .insertInto('package_tags')
    .values({
      id: await takeIds(db, 'package_tag'),
      package_id: owner.id,
      tag,
      created_by: publisher.accountId,
      created_at_us: nowUs,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (made === undefined) throw new ConflictError('tag is already in use for package')
  return made
}

async function insertFiles(db: CatalogDb, tag: PackageTagRow, { files, nowUs }: Publication): Promise<void> {
  const firstId = await takeIds(db, 'package_file', files.length)
  const rows = files.map((file, index) => ({
    id: firstId + index,
    package_id: tag.package_id,
    tag_id: tag.id,
    ...file,
    created_at_us: nowUs,
  }))
  const made = await db
    .insertInto('package_files')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute()
  if (made.length < files.length) throw new ConflictError('filename exists for package')
}

/** An account's own ones only, so that nobody pushes out what others have published. */
async function deleteOlderTags(
  db: CatalogDb,
  { package_id, created_by }: PackageTagRow,
  { tagsKept, references }: PublishPolicy,
): Promise<void> {
  if (tagsKept === Number.POSITIVE_INFINITY) return
  const own = await listOwnTagIds(db, { packageId: package_id, accountId: created_by })
  const older = own.slice(tagsKept)
  const named = await findNamedTags(db, older, references)
  const gone = older.filter((id) => !named.has(id))
  await deleteTags(db, gone)
}
