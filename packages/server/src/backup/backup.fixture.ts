/** A data folder as a server keeps it, without the server. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { FileStore } from '../blobs/file-store.ts'
import { migrate } from '../catalog/migrate.ts'
import { openSqlite } from '../catalog/open-sqlite.ts'
import type { CatalogDb } from '../catalog/schema.ts'
import { systemClock } from '../model/clock.ts'
import { ChunkStore, type ChunkStoreOptions } from '../points/chunk/chunk-store.ts'
import { type BackupSummary, Backups } from './backups.ts'
import { restoreBackup } from './restore-backup.ts'
import { type Verification, verifyFolder } from './verify-folder.ts'

export interface BackupBench {
  readonly catalog: CatalogDb
  readonly store: ChunkStore
  readonly blobs: FileStore
  readonly backups: Backups
  readonly dataDir: string
  /** A path in a folder that is deleted when the test is over. */
  path(name: string): string
  backUp(name: string, signal?: AbortSignal): Promise<BackupSummary>
  /** Closes what is open, as a server does that stops. */
  close(): Promise<void>
}

export async function openBackupBench(options: Partial<ChunkStoreOptions> = {}): Promise<BackupBench> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-backup-'))
  const dataDir = join(folder, 'data')
  const store = await ChunkStore.open({ ...options, folder: join(dataDir, 'points') })
  const catalog = openSqlite(join(dataDir, 'catalog.db'))
  await migrate(catalog, { programVersion: '1.2.3', nowUs: 0 })
  const blobs = await FileStore.open(join(dataDir, 'blobs'))
  const backups = new Backups({ dataDir, store, blobs, clock: systemClock, programVersion: '1.2.3' })
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    await store.close()
    await catalog.destroy()
  }
  onTestFinished(async () => {
    await close()
    await rm(folder, { recursive: true })
  })
  return {
    catalog,
    store,
    blobs,
    backups,
    dataDir,
    path: (name) => join(folder, name),
    backUp: (name, signal = new AbortController().signal) =>
      backups.write({ folder: join(folder, name), onProgress: () => {}, signal }),
    close,
  }
}

export function restored(backup: string, into: string) {
  return restoreBackup({ backup, into, onProgress: () => {}, signal: new AbortController().signal })
}

export function verified(folder: string): Promise<Verification> {
  return verifyFolder({ folder, onCheck: () => {}, onProgress: () => {} })
}

/** All problems, each after the title of its check. */
export async function problemsOf(folder: string): Promise<string[]> {
  const { checks } = await verified(folder)
  return checks.flatMap(({ title, problems }) => problems.map((problem) => `${title}: ${problem}`))
}
