/**
 * `backup.json`: what a backup consists of. It is written last, so that a folder with one is a whole backup,
 * and its hashes tell whether it still is.
 */
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidError } from '../errors.ts'
import { syncFolder } from '../sync-folder.ts'

export const MANIFEST_NAME = 'backup.json'
export const CATALOG_NAME = 'catalog.db'
export const CHUNKS_NAME = 'points/chunks.db'
export const BLOBS_NAME = 'blobs'

const VERSION = 1

export interface BackupFile {
  /** Path within the folder, with slashes. */
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

export interface Manifest {
  /** Version of this description. */
  readonly backup: typeof VERSION
  /** Version of Sonde that made it. */
  readonly program: string
  /** The moment whose data it holds, ISO 8601. */
  readonly takenAt: string
  readonly formats: { readonly chunks: number; readonly log: number; readonly catalog: string }
  /** Points, counting one that was sent twice at most as often as it was sent. */
  readonly points: number
  readonly files: readonly BackupFile[]
}

export async function writeManifest(folder: string, manifest: Omit<Manifest, 'backup'>): Promise<void> {
  const path = join(folder, MANIFEST_NAME)
  const handle = await open(`${path}.partial`, 'wx', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify({ backup: VERSION, ...manifest }, null, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${path}.partial`, path)
  await syncFolder(folder)
}

/**
 * Undefined when the folder has none.
 * @throws {InvalidError} what is there is no manifest, or one of a newer version.
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, MANIFEST_NAME)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new InvalidError(`${path} cannot be read: ${message}`)
  }
  let manifest: Partial<Manifest>
  try {
    manifest = Object(JSON.parse(text))
  } catch {
    throw new InvalidError(`${path} is damaged`)
  }
  if (Number(manifest.backup) > VERSION) {
    throw new InvalidError(`${path} was made by Sonde ${manifest.program}, which is newer. Use that one`)
  }
  if (manifest.backup !== VERSION || !hasFiles(manifest)) throw new InvalidError(`${path} is damaged`)
  return manifest
}

/** Names come from outside: none may lead out of the folder. */
const NAME = /^(?!.*\.\.)[\w-][\w.-]*(\/[\w-][\w.-]*)*$/

function hasFiles(manifest: Partial<Manifest>): manifest is Manifest {
  const { files } = manifest
  if (!Array.isArray(files)) return false
  const names = files.map((file: Partial<BackupFile> | null) => file?.name)
  return (
    files.every(({ bytes, sha256 }) => Number.isSafeInteger(bytes) && typeof sha256 === 'string') &&
    names.every((name) => typeof name === 'string' && NAME.test(name)) &&
    [CATALOG_NAME, CHUNKS_NAME].every((name) => names.includes(name))
  )
}
