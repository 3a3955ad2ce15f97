/**
 * One process per data folder. The lock is an exclusive transaction on a small SQLite file: the operating
 * system gives it up when the process ends, however it ends, so that no stale lock is ever left behind.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { ConflictError } from './errors.ts'

export interface FolderLock {
  release(): void
}

/** @throws {ConflictError} another process has the folder. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  // The folder holds keys and hashes: nobody but its owner has to look in.
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const database = new Database(join(folder, 'lock.db'), { timeout: 0 })
  try {
    database.pragma('locking_mode = EXCLUSIVE')
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    throw new ConflictError(
      `${folder} is in use by another Sonde. Stop that one, or give this one its own folder in SONDE_DATA_DIR`,
      { cause: error },
    )
  }
  return { release: () => void database.close() }
}
