import { copyFile, mkdir, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { lockFolder } from '../folder-lock.ts'
import { PointBatchBuilder } from '../model/point-batch.ts'
import { US_PER_S } from '../model/time.ts'
import { type BackupBench, openBackupBench, problemsOf, restored, verified } from './backup.fixture.ts'

const STREAMS = 200

/** A folder with chunks of two flushes, texts, and points that are in the log only. */
async function openFilled(): Promise<BackupBench> {
  const bench = await openBackupBench({ hasThreads: false })
  for (let flush = 0; flush < 3; flush++) {
    const builder = new PointBatchBuilder()
    for (let streamId = 1; streamId <= STREAMS; streamId++) {
      for (let i = 0; i < 20; i++) builder.add(streamId, (flush * 20 + i) * US_PER_S, Math.sin(i * streamId))
    }
    builder.add(7, flush * US_PER_S, 'text')
    await bench.store.append(builder.take())
    if (flush < 2) await bench.store.flush()
  }
  return bench
}

async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+')
  const byte = new Uint8Array(1)
  await file.read(byte, 0, 1, at)
  byte[0] ^= 1 << Math.floor(Math.random() * 8)
  await file.write(byte, 0, 1, at)
  await file.close()
}

/** Changes a database as nothing of ours would. */
function tamper(bench: BackupBench, sql: string): void {
  const database = new Database(join(bench.dataDir, 'points/chunks.db'))
  database.exec(sql)
  database.close()
}

async function contents(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name)
    if ((await stat(path)).isFile() && !name.startsWith('lock.db')) files.set(name, await readFile(path))
  }
  return files
}

describe('verify', () => {
  it('finds a whole data folder whole, counts what is in it, and changes nothing', async () => {
    const bench = await openFilled()
    await bench.close()
    const before = await contents(bench.dataDir)
    const { checks, ...found } = await verified(bench.dataDir)
    expect(found).toEqual({ folder: bench.dataDir, kind: 'data folder', isWhole: true })
    expect(checks.map(({ title, counts }) => [title, counts])).toEqual([
      ['catalog', { streams: 0 }],
      ['blobs', { blobs: 0, bytes: 0 }],
      ['database of the points', { bytes: expect.any(Number) }],
      ['points', { packs: 4, chunks: 400, points: 8_001, texts: 2 }],
      ['latest values', { streams: STREAMS }],
      ['log', { segments: 1, records: 1, points: 4_001 }],
    ])
    expect(checks.flatMap(({ notes }) => notes)).toEqual([
      '200 streams have points and are not in the catalog: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10',
    ])
    expect(await contents(bench.dataDir)).toEqual(before)
  })

  it('looks into the write-ahead log of a database that a killed server left, and leaves it there', async () => {
    const bench = await openFilled()
    const copy = bench.path('killed')
    await mkdir(join(copy, 'points/log'), { recursive: true })
    for (const name of ['catalog.db', 'catalog.db-wal', 'points/chunks.db', 'points/chunks.db-wal']) {
      await copyFile(join(bench.dataDir, name), join(copy, name))
    }
    const before = await contents(copy)
    const { isWhole, checks } = await verified(copy)
    expect(isWhole).toBe(true)
    expect(checks.find(({ title }) => title === 'points')?.counts).toMatchObject({ points: 8_001 })
    expect(await contents(copy)).toEqual(before)
  })

  it.each([
    ['DELETE FROM pieces WHERE id = 1', /pack 1: pieces are missing/],
    ["INSERT INTO pieces (data) VALUES (x'00')", /pieces belong to packs, and there are/],
    ['UPDATE packs SET first_piece = 1 WHERE id = 2', /pack 2 has pieces of another pack/],
    ['UPDATE packs SET point_count = 1 WHERE id = 1', /pack 1: it has .* points, and should have 1/],
    ['UPDATE packs SET part = 3 WHERE id = 1', /it is not of the slice 3/],
    ['UPDATE packs SET block = 9 WHERE id = 1', /first or last time of stream 1 is not/],
    ['UPDATE packs SET summaries = zeroblob(length(summaries)) WHERE id = 1', /summaries .* are damaged/],
    ['UPDATE packs SET summaries = (SELECT summaries FROM packs WHERE id = 3) WHERE id = 1', /pack 1/],
    ['DELETE FROM packs WHERE id = 1', /there are .* points, and should be 8001/],
    ['UPDATE meta SET point_count = 0', /there are 8001 points, and should be 0/],
    ['DELETE FROM parts', /its slice 0 is not known/],
    ['UPDATE texts SET time = time + 86400000000', /a text of stream 7 is not of the slice 0/],
    ["UPDATE texts SET text = 'other'; UPDATE texts SET stream = 300", /stream 300 has points/],
    ['DELETE FROM stream_blocks WHERE block = 0', /stream 1 has points that nothing else knows of/],
    [
      'UPDATE stream_blocks SET states = (SELECT states FROM stream_blocks WHERE block = 1)',
      /of stream 1 is not/,
    ],
  ])('finds damage: %s', async (sql, problem) => {
    const bench = await openFilled()
    await bench.close()
    tamper(bench, sql)
    expect(await problemsOf(bench.dataDir)).toContainEqual(expect.stringMatching(problem))
  })

  it('finds a changed bit in any piece of points', async () => {
    const bench = await openFilled()
    await bench.close()
    const database = new Database(join(bench.dataDir, 'points/chunks.db'))
    const pieces = database.prepare('SELECT id, data FROM pieces').all() as { id: number; data: Buffer }[]
    for (const { id, data } of pieces) {
      const changed = Buffer.from(data)
      changed[Math.floor(Math.random() * data.length)] ^= 1
      database.prepare('UPDATE pieces SET data = ? WHERE id = ?').run(changed, id)
      expect(await problemsOf(bench.dataDir)).toHaveLength(1)
      database.prepare('UPDATE pieces SET data = ? WHERE id = ?').run(data, id)
    }
    database.close()
    expect(await problemsOf(bench.dataDir)).toEqual([])
  })

  it('tells a torn end of the log from damage in it', async () => {
    const bench = await openBackupBench({ hasThreads: false })
    for (let i = 0; i < 3; i++) {
      const builder = new PointBatchBuilder()
      builder.add(1, i, i)
      await bench.store.append(builder.take())
    }
    await bench.close()
    const [segment] = await readdir(join(bench.dataDir, 'points/log'))
    const path = join(bench.dataDir, 'points/log', segment)
    const { size } = await stat(path)
    await truncate(path, size - 3)
    const { isWhole, checks } = await verified(bench.dataDir)
    expect(isWhole).toBe(true)
    expect(checks.at(-1)?.notes[0]).toMatch(/ends in a torn record/)
    await flipByte(path, 20)
    expect(await problemsOf(bench.dataDir)).toEqual([
      expect.stringMatching(/log: .* is damaged 117 bytes before/),
    ])
  })

  it.each(['points/chunks.db', 'catalog.db', 'points/log'])(
    'finds damage of the files of a backup: %s',
    async (name) => {
      const bench = await openFilled()
      await bench.backUp('one')
      const folder = name === 'points/log' ? (await readdir(bench.path(`one/${name}`)))[0] : ''
      const path = bench.path(join('one', name, folder))
      const bytes = await readFile(path)
      for (let i = 0; i < 5; i++) {
        await flipByte(path, Math.floor(Math.random() * bytes.length))
        expect(await problemsOf(bench.path('one'))).toEqual([expect.stringMatching(/other bytes/)])
        await expect(restored(bench.path('one'), bench.path('r'))).rejects.toThrow(/is damaged/)
        await writeFile(path, bytes)
      }
      await truncate(path, bytes.length - 1)
      expect(await problemsOf(bench.path('one'))).toEqual([
        expect.stringMatching(/has \d+ bytes, and should/),
      ])
      await expect(restored(bench.path('one'), bench.path('r'))).rejects.toThrow(/is damaged/)
      await rm(path)
      expect(await problemsOf(bench.path('one'))).toEqual([expect.stringMatching(/is missing/)])
      await expect(restored(bench.path('one'), bench.path('r'))).rejects.toThrow(/is missing/)
      await expect(readdir(bench.path('r'))).rejects.toMatchObject({ code: 'ENOENT' })
    },
  )

  it.each(['points/chunks.db', 'catalog.db'])('finds a database that cannot be opened: %s', async (name) => {
    const bench = await openFilled()
    await bench.close()
    await writeFile(join(bench.dataDir, name), 'no database at all')
    expect(await problemsOf(bench.dataDir)).toContainEqual(expect.stringMatching(/not a database/))
  })

  it.each([
    ['nothing there', async () => {}, 'invalid'],
    ['no whole backup', async (path: string) => rm(join(path, 'backup.json')), 'invalid'],
    ['a damaged manifest', async (path: string) => writeFile(join(path, 'backup.json'), '{'), 'invalid'],
    ['a newer one', async (path: string) => writeFile(join(path, 'backup.json'), '{"backup": 2}'), 'invalid'],
  ])('refuses to restore where there is %s', async (what, spoil, code) => {
    const bench = await openFilled()
    if (what !== 'nothing there') await bench.backUp('one')
    await spoil(bench.path('one'))
    await expect(restored(bench.path('one'), bench.path('r'))).rejects.toMatchObject({ code })
    await expect(readdir(bench.path('r'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('refuses a manifest whose names lead elsewhere', async () => {
    const bench = await openFilled()
    await bench.backUp('one')
    const path = bench.path('one/backup.json')
    const manifest = JSON.parse(await readFile(path, 'utf8'))
    for (const name of ['../x', '/x', 'points/../../x', 'a/./b']) {
      const files = [...manifest.files, { name, bytes: 0, sha256: '' }]
      await writeFile(path, JSON.stringify({ ...manifest, files }))
      await expect(restored(bench.path('one'), bench.path('r'))).rejects.toThrow(/backup.json is damaged/)
    }
  })

  it('restores into an empty folder only, and never into one in use', async () => {
    const bench = await openFilled()
    await bench.backUp('one')
    await expect(restored(bench.path('one'), bench.dataDir)).rejects.toMatchObject({ code: 'conflict' })
    const lock = await lockFolder(bench.path('used'))
    await expect(restored(bench.path('one'), bench.path('used'))).rejects.toMatchObject({ code: 'conflict' })
    lock.release()
    await restored(bench.path('one'), bench.path('used'))
    expect((await verified(bench.path('used'))).isWhole).toBe(true)
    await expect(restored(bench.path('one'), bench.path('one/in'))).rejects.toMatchObject({ code: 'invalid' })
  })

  it('does not look at a folder that is in use, nor at one that holds nothing of ours', async () => {
    const bench = await openFilled()
    const lock = await lockFolder(bench.dataDir)
    await expect(verified(bench.dataDir)).rejects.toMatchObject({ code: 'conflict' })
    lock.release()
    await expect(verified(bench.path('.'))).rejects.toMatchObject({ code: 'invalid' })
  })

  it('says what is in a backup beside it', async () => {
    const bench = await openFilled()
    await bench.backUp('one')
    await writeFile(bench.path('one/notes.txt'), '')
    const { isWhole, checks } = await verified(bench.path('one'))
    expect(isWhole).toBe(true)
    expect(checks[0].notes).toEqual(['notes.txt is not part of the backup'])
  })
})
