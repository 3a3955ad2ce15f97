/** Compares what a device says that it runs with the tags that are at stake. */
import { findTagById, listFiles } from '../catalog/package-tags.ts'
import type { PackageFileRow, PackageTagRow } from '../catalog/schema/packages.ts'
import type { CatalogDb } from '../catalog/schema.ts'
import type { Running } from './device-machine.ts'

/** What a device says of itself; a text that is empty says nothing. */
export interface Report {
  readonly version?: string | undefined
  /** Of the program that it runs, hex. */
  readonly sketchMd5?: string | undefined
}

/** A tag with its files, the main one first. */
export interface Firmware {
  readonly tag: PackageTagRow
  readonly files: readonly PackageFileRow[]
}

export async function findFirmware(db: CatalogDb, tagId: number | null): Promise<Firmware | undefined> {
  const tag = tagId === null ? undefined : await findTagById(db, tagId)
  return tag && { tag, files: await listFiles(db, tag.id) }
}

/**
 * The version is the name of a tag. Programs that know no version of theirs are known by their MD5, which proves
 * something only if it fits: what is flashed need not be the file as it was sent, for it may have been packed.
 */
export function runningOf(
  report: Report,
  { wanted, previous }: { wanted: Firmware; previous: Firmware | undefined },
): Running {
  if (isFirmware(report, wanted)) return 'new'
  if (previous !== undefined && isFirmware(report, previous)) return 'previous'
  return report.version ? 'other' : 'unknown'
}

export function isFirmware({ version, sketchMd5 }: Report, { tag, files }: Firmware): boolean {
  if (version && version === tag.tag) return true
  const md5 = sketchMd5?.toLowerCase()
  return files.some((file) => file.md5 === md5)
}
