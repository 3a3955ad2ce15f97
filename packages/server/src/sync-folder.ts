/** What makes a change of names last. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** Makes durable which names a folder holds: a file that was renamed or removed in it stays so. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
