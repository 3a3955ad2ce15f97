import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { FileStore } from '../blobs/file-store.ts'
import { MIGRATIONS } from '../catalog/migrate.ts'
import { PointBatchBuilder } from '../model/point-batch.ts'
import { US_PER_HOUR } from '../model/time.ts'
import { ChunkStore } from '../points/chunk/chunk-store.ts'
import { ALL_TIME, type PointStore } from '../points/point-store.ts'
import { type BackupBench, openBackupBench, problemsOf, restored, verified } from './backup.fixture.ts'
import { Backups } from './backups.ts'

const WRITERS = 6
const STEP_US = US_PER_HOUR

const writtenValue = (writer: number, count: number) => writer + count / 8

/** Writes a growing number of points for each of several streams until it is told to stop. */
function writing(store: PointStore) {
  const acknowledged = new Array<number>(WRITERS).fill(0)
  const sent = new Array<number>(WRITERS).fill(0)
  let isOver = false
  const write = async (writer: number) => {
    while (!isOver) {
      const builder = new PointBatchBuilder()
      const from = acknowledged[writer]
      sent[writer] = from + 1 + (from % 40)
      for (let i = from; i < sent[writer]; i++) builder.add(writer + 1, i * STEP_US, writtenValue(writer, i))
      await store.append(builder.take())
      acknowledged[writer] = sent[writer]
    }
  }
  const writers = acknowledged.map((_, writer) => write(writer))
  return {
    acknowledged: () => [...acknowledged],
    sent: () => [...sent],
    async until(pointCount: number) {
      while (acknowledged.reduce((sum, count) => sum + count) < pointCount) await setImmediate()
    },
    async stop() {
      isOver = true
      await Promise.all(writers)
    },
  }
}

/** How many points of each writer a folder has, after a look that they are the right ones and without a gap. */
async function countsIn(folder: string): Promise<number[]> {
  const store = await ChunkStore.open({ folder: join(folder, 'points') })
  const counts = []
  for (let writer = 0; writer < WRITERS; writer++) {
    const { timesUs, values } = await store.readRange(writer + 1, ALL_TIME)
    expect(timesUs.every((timeUs, i) => timeUs === i * STEP_US)).toBe(true)
    expect(values.every((value, i) => value === writtenValue(writer, i))).toBe(true)
    counts.push(timesUs.length)
  }
  await store.close()
  return counts
}

async function addPoints(store: PointStore, streamId: number, count: number): Promise<void> {
  const builder = new PointBatchBuilder()
  for (let i = 0; i < count; i++) builder.add(streamId, i * STEP_US, i)
  await store.append(builder.take())
}

describe('backup', () => {
  it('holds all that was acknowledged before, and nothing else, while writes, flushes and merges go on', async () => {
    const bench = await openBackupBench({ headPointsMax: 2_000, mergeAfterMs: 0 })
    const { store } = bench
    const load = writing(store)
    await load.until(5_000)
    for (const name of ['one', 'two']) {
      const merging = store.merge()
      const before = load.acknowledged()
      await bench.backUp(name)
      const after = load.sent()
      await merging
      const { isWhole, checks } = await verified(bench.path(name))
      expect(checks.flatMap(({ problems }) => problems)).toEqual([])
      expect(isWhole).toBe(true)
      await restored(bench.path(name), bench.path(`${name}-restored`))
      const counts = await countsIn(bench.path(`${name}-restored`))
      for (let writer = 0; writer < WRITERS; writer++) {
        expect(counts[writer]).toBeGreaterThanOrEqual(before[writer])
        expect(counts[writer]).toBeLessThanOrEqual(after[writer])
      }
    }
    await load.stop()
    await bench.close()
    expect((await verified(bench.dataDir)).isWhole).toBe(true)
    expect(await countsIn(bench.dataDir)).toEqual(load.acknowledged())
  })

  it('holds what is in the log only', async () => {
    const bench = await openBackupBench()
    await addPoints(bench.store, 1, 5)
    expect(await bench.backUp('one')).toMatchObject({ points: 5, files: 3 })
    const { checks } = await verified(bench.path('one'))
    expect(checks.find(({ title }) => title === 'log')?.counts).toEqual({
      segments: 1,
      records: 1,
      points: 5,
    })
  })

  it('shows the moment when it began: a delete before, and not one that came meanwhile', async () => {
    const bench = await openBackupBench({ headPointsMax: 2_000 })
    await addPoints(bench.store, 1, 10_000)
    const deleteHours = (from: number, to: number) => {
      return bench.store.deleteRange(Uint32Array.of(1), { fromUs: from * STEP_US, toUs: to * STEP_US })
    }
    const earlier = deleteHours(0, 100)
    let later: Promise<number> | undefined
    await bench.backups.write({
      folder: bench.path('one'),
      signal: new AbortController().signal,
      onProgress: () => {
        later ??= deleteHours(100, 1_000)
      },
    })
    expect(await earlier).toBe(100)
    expect(await later).toBe(900)
    expect((await verified(bench.path('one'))).isWhole).toBe(true)
    await restored(bench.path('one'), bench.path('restored'))
    const store = await ChunkStore.open({ folder: join(bench.path('restored'), 'points') })
    const { timesUs } = await store.readRange(1, ALL_TIME)
    await store.close()
    expect([timesUs[0], timesUs.length]).toEqual([100 * STEP_US, 9_900])
  })

  it('is one at a time', async () => {
    const bench = await openBackupBench()
    const first = bench.backUp('one')
    await expect(bench.backUp('two')).rejects.toMatchObject({ code: 'conflict' })
    await first
    await bench.backUp('two')
    expect((await verified(bench.path('two'))).isWhole).toBe(true)
  })

  it('has a manifest, and no file of a server that runs', async () => {
    const bench = await openBackupBench()
    await addPoints(bench.store, 1, 5)
    await writeFile(join(bench.dataDir, 'operator.json'), '{}')
    const { takenAt } = await bench.backUp('one')
    expect((await readdir(bench.path('one'))).sort()).toEqual(['backup.json', 'catalog.db', 'points'])
    expect((await readdir(bench.path('one/points'))).sort()).toEqual(['chunks.db', 'log'])
    expect(JSON.parse(await readFile(bench.path('one/backup.json'), 'utf8'))).toMatchObject({
      backup: 1,
      program: '1.2.3',
      takenAt,
      formats: { chunks: 3, log: 1, catalog: MIGRATIONS.at(-1)!.name },
      points: 5,
      files: [
        { name: 'points/log/0000000001-000001.log', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        { name: 'points/chunks.db' },
        { name: 'catalog.db' },
      ],
    })
  })

  it.each([
    ['a relative path', () => 'here', 'invalid'],
    ['the data folder', (bench: BackupBench) => bench.dataDir, 'invalid'],
    ['a folder in the data folder', (bench: BackupBench) => join(bench.dataDir, 'a/b'), 'invalid'],
    ['a link into the data folder', (bench: BackupBench) => bench.path('link/a'), 'invalid'],
    ['a folder with something in it', (bench: BackupBench) => bench.path('full'), 'conflict'],
    ['a file', (bench: BackupBench) => bench.path('full/file'), 'invalid'],
    ['a path below a file', (bench: BackupBench) => bench.path('full/file/a'), 'invalid'],
  ])('refuses %s as its target', async (_, target, code) => {
    const bench = await openBackupBench()
    await symlink(bench.dataDir, bench.path('link'))
    await mkdir(bench.path('full'))
    await writeFile(bench.path('full/file'), 'kept')
    const before = await readdir(bench.path('.'), { recursive: true })
    const request = { folder: target(bench), onProgress: () => {}, signal: new AbortController().signal }
    await expect(bench.backups.write(request)).rejects.toMatchObject({ code })
    expect(await readdir(bench.path('.'), { recursive: true })).toEqual(before)
  })

  it('leaves nothing behind when it is stopped', async () => {
    const bench = await openBackupBench()
    await addPoints(bench.store, 1, 100)
    await mkdir(bench.path('empty'))
    for (const [name, left] of [
      ['a/b/c', undefined],
      ['empty', []],
    ] as const) {
      const controller = new AbortController()
      const writing = bench.backups.write({
        folder: bench.path(name),
        signal: controller.signal,
        onProgress: () => controller.abort(),
      })
      await expect(writing).rejects.toThrow('aborted')
      expect(await readdir(bench.path(name)).catch(() => undefined)).toEqual(left)
    }
    expect((await readdir(bench.path('.'))).sort()).toEqual(['data', 'empty'])
    await bench.backUp('a/b/c')
  })

  it('takes the blobs along', async () => {
    const bench = await openBackupBench()
    const { sha256 } = await bench.blobs.put(Readable.from([Buffer.from('hello')]), { bytesMax: 5 })
    await bench.backUp('backup')
    await restored(bench.path('backup'), bench.path('again'))
    const blobs = await FileStore.open(bench.path('again/blobs'))
    expect(await text(await blobs.read(sha256))).toBe('hello')
    expect(await problemsOf(bench.path('backup'))).toEqual([])
  })

  it('leaves nothing behind when a source cannot be read', async () => {
    const bench = await openBackupBench()
    const store = { pause: bench.store.pause.bind(bench.store) }
    const elsewhere = new Backups({
      dataDir: bench.path('.'),
      store,
      blobs: bench.blobs,
      clock: { nowUs: () => 0 },
      programVersion: '1',
    })
    const folder = `${bench.path('.')}-backup`
    const request = { folder, onProgress: () => {}, signal: new AbortController().signal }
    await expect(elsewhere.write(request)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
