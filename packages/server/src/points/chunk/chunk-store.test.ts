import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { pointStoreContract, type StoreUnderTest } from '../point-store.contract.ts'
import { ChunkStore } from './chunk-store.ts'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

/** Small heads freeze and flush in the middle of a history, small groups cut it into many records. */
const small = { headPointsMax: 50, groupPointsMax: 20, summaryBytesMax: 5_000 }

async function open(folder: string, options: object): Promise<StoreUnderTest> {
  const store = await ChunkStore.open({ folder, ...options })
  const reopen = async () => {
    await store.close()
    return open(folder, options)
  }
  return { store, reopen, tidy: () => store.merge() }
}

async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-chunks-'))
  folders.push(folder)
  return folder
}

pointStoreContract('chunks', async () => open(await freshFolder(), { hasThreads: false, wideStreamsMin: 1 }))
pointStoreContract('chunks with small heads', async () =>
  open(await freshFolder(), { ...small, hasThreads: false }),
)
pointStoreContract(
  'chunks in threads',
  async () => open(await freshFolder(), { ...small, heldMsMax: 0, wideStreamsMin: 1 }),
  {
    histories: 15,
  },
)
