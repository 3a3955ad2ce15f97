/** How much of the package manager an account uses, and how much it may. */
import { TooLargeError } from '../errors.ts'
import type { CatalogDb } from './schema.ts'

/** Packages that an account made, tags that it published, and the files in these. */
export interface PackageUsage {
  readonly packages: number
  readonly tags: number
  readonly files: number
  readonly bytes: number
}

export async function packageUsageOf(db: CatalogDb, accountId: number): Promise<PackageUsage> {
  const { packages } = await db
    .selectFrom('packages')
    .select((eb) => eb.fn.countAll<number>().as('packages'))
    .where('created_by', '=', accountId)
    .executeTakeFirstOrThrow()
  const { tags } = await db
    .selectFrom('package_tags')
    .select((eb) => eb.fn.countAll<number>().as('tags'))
    .where('created_by', '=', accountId)
    .executeTakeFirstOrThrow()
  const { files, bytes } = await db
    .selectFrom('package_files')
    .innerJoin('package_tags', 'package_tags.id', 'package_files.tag_id')
    .select((eb) => [
      eb.fn.countAll<number>().as('files'),
      eb.fn.sum<number | null>('package_files.size_bytes').as('bytes'),
    ])
    .where('package_tags.created_by', '=', accountId)
    .executeTakeFirstOrThrow()
  return {
    packages: Number(packages),
    tags: Number(tags),
    files: Number(files),
    bytes: Number(bytes ?? 0),
  }
}

/** @throws {TooLargeError} more than the quota; the message says of what. */
export function refuseOverQuota(usage: PackageUsage, quota: PackageUsage): void {
  for (const kind of ['packages', 'tags', 'files', 'bytes'] as const) {
    if (usage[kind] <= quota[kind]) continue
    throw new TooLargeError(
      `quota of ${quota[kind]} ${kind} per user is used up; delete old tags, or ask the staff of this server`,
    )
  }
}
