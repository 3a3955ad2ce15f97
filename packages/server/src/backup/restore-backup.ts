/** Makes a data folder of a backup. The backup stays as it is. */
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { InvalidError, UnavailableError } from '../errors.ts'
import { lockFolder } from '../folder-lock.ts'
import { syncFolder } from '../sync-folder.ts'
import { isWithin, takeEmptyFolder } from './empty-folder.ts'
import { hashFile } from './hash-file.ts'
import { type BackupFile, CATALOG_NAME, MANIFEST_NAME, type Manifest, readManifest } from './manifest.ts'

export interface RestoreRequest {
  readonly backup: string
  /** Missing or empty. */
  readonly into: string
  readonly onProgress: (progress: { doneBytes: number; totalBytes: number }) => void
  readonly signal: AbortSignal
}

/** Everything comes here first, so that no server can take half of it for a data folder. */
const STAGE = 'restoring'

/**
 * Copies a backup and compares every file with its hash; a server can be started on the folder then.
 * A failure leaves nothing behind.
 * @throws {InvalidError} there is no whole backup, or its files are not what they were.
 * @throws {ConflictError} the folder has something in it, or is in use.
 */
export async function restoreBackup({ backup, into, ...work }: RestoreRequest): Promise<Manifest> {
  const manifest = await readManifest(backup)
  if (manifest === undefined) {
    throw new InvalidError(`${backup} is no whole backup: it has no ${MANIFEST_NAME}`)
  }
  if (await isWithin(into, backup)) throw new InvalidError(`${into} lies in the backup. Restore elsewhere`)
  const target = await takeEmptyFolder(
    into,
    'Restore into a new folder, or move what is there out of the way',
  )
  const lock = await lockFolder(into)
  try {
    await copyFiles(manifest.files, { from: backup, to: join(into, STAGE), ...work })
    await moveIn(into)
  } catch (error) {
    // The lock's own file has to go with the rest.
    lock.release()
    await target.clear()
    throw asFailure(error)
  }
  lock.release()
  return manifest
}

interface FileCopies extends Pick<RestoreRequest, 'onProgress' | 'signal'> {
  readonly from: string
  readonly to: string
}

async function copyFiles(
  files: readonly BackupFile[],
  { from, to, onProgress, signal }: FileCopies,
): Promise<void> {
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
  let doneBytes = 0
  const folders = new Set([join(to, 'points'), join(to, 'points/log'), to])
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const { name, bytes, sha256 } of files) {
    const path = join(to, name)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    folders.add(dirname(path))
    const source = await openSource(join(from, name))
    try {
      const onBytes = (count: number) => {
        signal.throwIfAborted()
        doneBytes += count
        onProgress({ doneBytes, totalBytes })
      }
      const { size } = await source.stat()
      const isSame = size === bytes && (await hashFile(source, { bytes, to: path, onBytes })) === sha256
      if (!isSame) throw new InvalidError(`${join(from, name)} is damaged: it is not what was backed up`)
    } finally {
      await source.close()
    }
  }
  for (const folder of folders) await syncFolder(folder)
}

async function openSource(path: string): Promise<FileHandle> {
  try {
    return await open(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new InvalidError(
      code === 'ENOENT' ? `${path} is missing from the backup` : `${path} cannot be read: ${message}`,
    )
  }
}

/** The catalog comes last: without one, nothing is taken for a data folder. */
async function moveIn(folder: string): Promise<void> {
  const stage = join(folder, STAGE)
  for (const name of await readdir(stage)) {
    if (name !== CATALOG_NAME) await rename(join(stage, name), join(folder, name))
  }
  await syncFolder(folder)
  await rename(join(stage, CATALOG_NAME), join(folder, CATALOG_NAME))
  await rm(stage, { recursive: true })
  await syncFolder(folder)
}

function asFailure(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  const isOfDisk = error instanceof Error && 'syscall' in error && code !== undefined
  return isOfDisk ? new UnavailableError(`The backup could not be restored: ${message}`) : error
}
