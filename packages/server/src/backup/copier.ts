/** Copies the files of a backup, as calls that a thread of their own answers. */
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from '../sync-folder.ts'
import { holdMoment } from './database-moment.ts'
import { hashFile } from './hash-file.ts'
import type { BackupFile } from './manifest.ts'
import { SharedProgress } from './shared-progress.ts'

export type CopierCalls = ReturnType<typeof openCopier>

export interface CopySource {
  /** Path within the backup. */
  readonly name: string
  readonly path: string
  /** Of a file that only grows, how much of it; undefined for a SQLite database. */
  readonly bytes?: number
  /** Nobody changes or removes the file meanwhile: it is opened only when its turn comes. */
  readonly isSettled?: boolean
}

/** What is to be copied. */
export interface HeldSize {
  readonly bytes: number
  /** Bytes that go through the thread: a database is read a second time, for its hash. */
  readonly workBytes: number
}

/** A source that is open, so that it stays as it was. */
interface HeldSource extends HeldSize {
  readonly name: string
  copyTo(path: string, onBytes: (count: number) => void): Promise<Omit<BackupFile, 'name'>>
  close(): Promise<void>
}

export function openCopier() {
  const held: HeldSource[] = []
  return {
    /** Resolves when the thread runs. */
    start: (_: null): void => {},
    /** Takes the moment that is copied later. */
    async hold(sources: readonly CopySource[]): Promise<HeldSize> {
      for (const source of sources) held.push(await holdSource(source))
      return {
        bytes: held.reduce((sum, { bytes }) => sum + bytes, 0),
        workBytes: held.reduce((sum, { workBytes }) => sum + workBytes, 0),
      }
    },
    /** Copies what is held into a folder, to the disk. */
    async copy({ folder, memory }: { folder: string; memory: SharedArrayBuffer }): Promise<BackupFile[]> {
      const progress = new SharedProgress(memory)
      const files: BackupFile[] = []
      for (const source of held) {
        const path = join(folder, source.name)
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        files.push({ name: source.name, ...(await source.copyTo(path, (count) => progress.add(count))) })
        // What is copied need not be kept any longer.
        await source.close()
      }
      for (const inner of foldersOf(files)) await syncFolder(join(folder, inner))
      return files
    },
    async close(_: null): Promise<void> {
      for (const source of held) await source.close()
    },
  }
}

function holdSource(source: CopySource): Promise<HeldSource> | HeldSource {
  const { name, path, bytes, isSettled } = source
  if (bytes === undefined) return holdDatabase(name, path)
  return isSettled ? settledFile(name, path, bytes) : holdBeginning(name, path, bytes)
}

function holdDatabase(name: string, path: string): HeldSource {
  const moment = holdMoment(path)
  return {
    name,
    bytes: moment.bytes,
    workBytes: 2 * moment.bytes,
    async copyTo(to, onBytes) {
      await moment.copyTo(to, onBytes)
      const copy = await open(to)
      try {
        const { size: bytes } = await copy.stat()
        return { bytes, sha256: await hashFile(copy, { bytes, onBytes }) }
      } finally {
        await copy.close()
      }
    },
    close: async () => moment.close(),
  }
}

async function holdBeginning(name: string, path: string, bytes: number): Promise<HeldSource> {
  // The file may be removed meanwhile: its bytes stay as long as it is open.
  const file = await open(path)
  return {
    name,
    bytes,
    workBytes: bytes,
    copyTo: async (to, onBytes) => ({ bytes, sha256: await hashFile(file, { bytes, to, onBytes }) }),
    close: () => file.close(),
  }
}

function settledFile(name: string, path: string, bytes: number): HeldSource {
  return {
    name,
    bytes,
    workBytes: bytes,
    async copyTo(to, onBytes) {
      const file = await open(path)
      try {
        return { bytes, sha256: await hashFile(file, { bytes, to, onBytes }) }
      } finally {
        await file.close()
      }
    },
    close: async () => {},
  }
}

/** Folders with files, innermost first. */
function foldersOf(files: readonly BackupFile[]): string[] {
  const folders = new Set<string>()
  for (const { name } of files) {
    for (let folder = dirname(name); !folders.has(folder); folder = dirname(folder)) folders.add(folder)
  }
  return [...folders].sort((a, b) => b.length - a.length)
}
