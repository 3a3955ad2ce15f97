/** What a path names. */
import { findTag } from '../../catalog/package-tags.ts'
import { findPackage } from '../../catalog/packages.ts'
import type { PackageRow, PackageTagRow } from '../../catalog/schema/packages.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import { NotFoundError } from '../../errors.ts'

/** @throws {NotFoundError} no package of that title. */
export async function packageOfPath(db: CatalogDb, names: { package: string }): Promise<PackageRow> {
  const found = await findPackage(db, names.package)
  if (found === undefined) throw new NotFoundError('could not locate package')
  return found
}

/** @throws {NotFoundError} no such package, or no such tag of it. */
export async function tagOfPath(
  db: CatalogDb,
  names: { package: string; tag: string },
): Promise<{ owner: PackageRow; tag: PackageTagRow }> {
  const owner = await packageOfPath(db, names)
  const tag = await findTag(db, { packageId: owner.id, tag: names.tag })
  if (tag === undefined) throw new NotFoundError('could not locate tag for package')
  return { owner, tag }
}
