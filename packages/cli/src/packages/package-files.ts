/** Packages of a server: where they are, and what is in a tag. */
import type { Connection } from '../connection.ts'
import { Failure } from '../failure.ts'

export interface PackageTag {
  readonly package: string
  readonly tag: string
}

export interface PackageFile {
  readonly name: string
  /** Hex. */
  readonly sha256: string
  readonly size_bytes: number
}

/** The resource of a package, of a tag, or of a file in it. @throws {Failure} a name that cannot be in an address. */
export function packageResource(...names: readonly string[]): string {
  for (const name of names) {
    // An address takes a part of dots for a way up, however it is written.
    if (name === '' || /^\.{1,2}$|[/\\\p{Cc}]/u.test(name)) {
      throw new Failure(`"${name}" cannot be a name: no "/", no "\\", and not dots alone`)
    }
  }
  return ['packages', ...names.map(encodeURIComponent)].join('/')
}

/** The files of a tag, its main file first. @throws {Failure} a name that is none, of a server that is none. */
export async function listFiles(
  connection: Connection,
  { package: title, tag }: PackageTag,
): Promise<PackageFile[]> {
  const response = await connection.ask(packageResource(title, tag), { parameters: { files: '' } })
  const files = (await response.json()) as PackageFile[]
  // The names become names of files here.
  for (const { name } of files) packageResource(name)
  return files
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

/** `512 bytes`, `1.5 MiB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1)
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${UNITS[power]}`
}
