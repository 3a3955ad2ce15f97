/** Picks a file of a tag. */
import type { PackageFileRow } from '../../catalog/schema/packages.ts'
import { NotFoundError } from '../../errors.ts'
import type { Firmware } from '../../rollout/running.ts'

/** The main file unless one is named. @throws {NotFoundError} the tag has no such file. */
export function fileOf({ tag, files }: Firmware, name?: string): PackageFileRow {
  const file = name === undefined ? files.at(0) : files.find((file) => file.name === name)
  if (file === undefined) {
    throw new NotFoundError(
      `${tag.tag} has no such file; it has ${files.map((file) => file.name).join(', ')}.`,
    )
  }
  return file
}
