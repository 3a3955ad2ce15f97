import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OverloadedError, TooLargeError, UnavailableError } from '../../errors.ts'
import { type PointBatch, PointBatchBuilder } from '../../model/point-batch.ts'
import { ALL_TIME } from '../point-store.ts'
import { ChunkStore } from './chunk-store.ts'
import { diskFiles, type SegmentFile, type SegmentFiles } from './commit-log.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-faults-'))
})
afterEach(() => rm(folder, { recursive: true }))

function points(...timesUs: number[]): PointBatch {
  const builder = new PointBatchBuilder()
  for (const timeUs of timesUs) builder.add(1, timeUs, timeUs)
  return builder.take()
}

async function times(store: ChunkStore): Promise<number[]> {
  return [...(await store.readRange(1, ALL_TIME)).timesUs]
}

/** Real files, of which one call fails when told to, as a full or dying disk would make it. */
function failingFiles(): { files: SegmentFiles; fail: { append?: 'nothing' | 'half'; sync?: boolean } } {
  const fail: { append?: 'nothing' | 'half'; sync?: boolean } = {}
  const files = {
    async create(path: string): Promise<SegmentFile> {
      const file = await diskFiles.create(path)
      return {
        async append(bytes) {
          if (fail.append === 'half') await file.append(bytes.subarray(0, bytes.length >> 1))
          if (fail.append) throw new UnavailableError('ENOSPC: no space left on device')
          await file.append(bytes)
        },
        async sync() {
          if (fail.sync) throw new UnavailableError('EIO: i/o error')
          await file.sync()
        },
        close: () => file.close(),
      }
    },
  }
  return { files, fail }
}

describe('chunk store on a failing disk', () => {
  it.each([{ append: 'nothing' as const }, { append: 'half' as const }, { sync: true }])(
    'acknowledges nothing more after %o, goes on reading, and holds what it acknowledged after a restart',
    async (fault) => {
      const { files, fail } = failingFiles()
      const told: unknown[] = []
      const store = await ChunkStore.open({ folder, files, onIntakeStopped: (error) => told.push(error) })
      await store.append(points(1, 2))
      Object.assign(fail, fault)
      await expect(store.append(points(3))).rejects.toBeInstanceOf(UnavailableError)
      expect(await times(store)).toEqual([1, 2])
      Object.assign(fail, { append: undefined, sync: false })
      await expect(store.append(points(4))).rejects.toThrow(/stopped taking writes/)
      expect(told.map(String)).toEqual([expect.stringMatching(/ENOSPC|EIO/)])
      const stats = await store.stats()
      expect(stats.acceptsWrites).toBe(false)
      expect(stats.stoppedReason).toMatch(/ENOSPC|EIO/)
      await store.close()

      const reopened = await ChunkStore.open({ folder })
      expect((await times(reopened)).slice(0, 2)).toEqual([1, 2])
      await reopened.append(points(5))
      expect(await times(reopened)).toContain(5)
      await reopened.close()
    },
  )

  it('keeps points in memory when they cannot be settled, and settles them later', async () => {
    const store = await ChunkStore.open({ folder, headPointsMax: 4 })
    await store.append(points(1, 2, 3))
    const other = new Database(join(folder, 'chunks.db'))
    other.exec('BEGIN IMMEDIATE')
    await expect(store.flush()).rejects.toThrow(/locked/)
    await expect(store.deleteRange(Uint32Array.of(1), ALL_TIME)).rejects.toThrow(/locked/)
    expect(await times(store)).toEqual([1, 2, 3])
    other.exec('ROLLBACK')
    other.close()
    await store.append(points(4, 5))
    await store.flush()
    expect(await times(store)).toEqual([1, 2, 3, 4, 5])
    expect(await store.deleteRange(Uint32Array.of(1), { fromUs: 2, toUs: 4 })).toBe(2)
    await store.close()
  }, 20_000)

  it('refuses a store that a newer version made', async () => {
    const database = new Database(join(folder, 'chunks.db'))
    database.pragma('user_version = 9')
    database.close()
    await expect(ChunkStore.open({ folder })).rejects.toThrow(
      /format 9; this program knows 3. Start the newer Sonde/,
    )
  })

  it('refuses a batch over the limit, and batches that find the queue full, without harm', async () => {
    const store = await ChunkStore.open({ folder, batchPointsMax: 3, queuedPointsMax: 3, groupPointsMax: 1 })
    await expect(store.append(points(1, 2, 3, 4))).rejects.toBeInstanceOf(TooLargeError)
    const results = await Promise.allSettled(
      [10, 20, 30, 40, 50, 60].map((timeUs) => store.append(points(timeUs))),
    )
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused.length).toBeGreaterThan(0)
    for (const { reason } of refused) expect(reason).toBeInstanceOf(OverloadedError)
    expect((await times(store)).length).toBe(results.length - refused.length)
    await store.append(points(70))
    expect(await times(store)).toContain(70)
    await store.close()
  })

  it('shows no point before it is durable', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    let held = false
    const files: SegmentFiles = {
      async create(path) {
        const file = await diskFiles.create(path)
        return { ...file, sync: () => (held ? released.then(() => file.sync()) : file.sync()) }
      },
    }
    const store = await ChunkStore.open({ folder, files })
    held = true
    const written = store.append(points(1))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await times(store)).toEqual([])
    expect((await store.latest(Uint32Array.of(1))).timesUs).toEqual(Float64Array.of(Number.NaN))
    release()
    await written
    expect(await times(store)).toEqual([1])
    await store.close()
  })
})
