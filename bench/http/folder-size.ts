/** How much of the disk a folder takes. */
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const BLOCK_BYTES = 512
const STEADY_LOOKS = 3
const LOOK_EVERY_MS = 1_000
const STEADY_MS_MAX = 90_000

/** Blocks that are allocated, not the lengths of the files, which may have holes. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    // A database deletes files while they are counted.
    const found = await lstat(join(entry.parentPath, entry.name)).catch(() => undefined)
    bytes += (found?.blocks ?? 0) * BLOCK_BYTES
  }
  return bytes
}

/** Waits until a folder keeps its size, or for a minute and a half. */
export async function untilSteady(folder: string): Promise<void> {
  const giveUpAt = performance.now() + STEADY_MS_MAX
  let last = -1
  for (let same = 0; same < STEADY_LOOKS && performance.now() < giveUpAt; ) {
    const bytes = await folderBytes(folder)
    same = bytes === last ? same + 1 : 0
    last = bytes
    if (same < STEADY_LOOKS) await sleep(LOOK_EVERY_MS)
  }
}
