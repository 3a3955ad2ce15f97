import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { lockFolder } from './folder-lock.ts'

it('lets one at a time have a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-lock-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const lock = await lockFolder(folder)
  await expect(lockFolder(folder)).rejects.toThrow(/in use by another Sonde.*SONDE_DATA_DIR/)
  lock.release()
  const again = await lockFolder(folder)
  again.release()
})
