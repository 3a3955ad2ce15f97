import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { FileStore } from './file-store.ts'

/** An empty store in a folder of its own, deleted when the test is over. */
export async function openTestBlobs(
  atEnd: (cleanup: () => Promise<void>) => void = onTestFinished,
): Promise<FileStore> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-blobs-'))
  atEnd(() => rm(folder, { recursive: true }))
  return FileStore.open(folder)
}
