import { spawn } from 'node:child_process'
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { ADMIN, discardServer, type RunningServer, startServer } from '../../../../tests/server.fixture.ts'
import { sonde, temporaryFolder } from '../sonde.fixture.ts'

const WRITERS = 4
const BATCH = 50

/** Writes line protocol to a server until it is told to stop; counts what was acknowledged. */
function writing({ url }: RunningServer) {
  const counts = new Array<number>(WRITERS).fill(0)
  let isOver = false
  const write = async (writer: number) => {
    while (!isOver) {
      const lines = Array.from({ length: BATCH }, (_, i) => {
        return `m,device=d${writer} count=${counts[writer] + i} ${counts[writer] + i + 1}`
      })
      const response = await fetch(`${url}/write?db=load&precision=s`, {
        method: 'POST',
        headers: { authorization: `Token ${ADMIN.token}`, connection: 'close' },
        body: lines.join('\n'),
      })
      expect(response.status).toBe(204)
      counts[writer] += BATCH
    }
  }
  const writers = counts.map((_, writer) => write(writer))
  return {
    counts: () => [...counts],
    async stop() {
      isOver = true
      await Promise.all(writers)
    },
  }
}

async function countsIn(folder: string): Promise<number[]> {
  const { out } = await sonde(['query', '--project', 'load', '--agg', 'count', '--every', '1y', '--json'], {
    folder,
  })
  const { results } = JSON.parse(out.join(''))
  return results.map(({ values }: { values: number[] }) => values.reduce((sum, count) => sum + count))
}

describe('sonde backup, verify and restore', () => {
  let folder: string
  beforeEach(async () => {
    folder = await temporaryFolder()
  })

  it('make a server anew while it takes points', async () => {
    const server = await startServer(join(folder, 'data'))
    onTestFinished(() => discardServer(server))
    const load = writing(server)
    while (Math.min(...load.counts()) < 500) await setTimeout(10)
    const before = load.counts()
    const backup = await sonde(['backup', join(folder, 'one')], { folder: server.folder })
    await load.stop()
    expect(backup.out).toEqual([expect.stringMatching(/^Backed up \d+ points \(\d+ bytes\) into \/.*\/one$/)])
    expect(backup.code).toBe(0)

    const verified = await sonde(['verify', join(folder, 'one')])
    expect(verified.out.at(-1)).toBe(`The backup ${folder}/one is whole`)
    expect(verified.code).toBe(0)

    const restored = await sonde(['restore', join(folder, 'one'), '--into', join(folder, 'new')])
    expect(restored.out[0]).toMatch(/^Restored \d+ points, as of .*Z, into .*\/new. Start Sonde on it$/)
    const counts = await countsIn(join(folder, 'new'))
    for (const [writer, count] of counts.entries()) {
      expect(count).toBeGreaterThanOrEqual(before[writer])
      expect(count).toBeLessThanOrEqual(load.counts()[writer])
    }
    expect(counts).toHaveLength(WRITERS)
    expect(await sonde(['verify', join(folder, 'new')])).toMatchObject({ code: 0 })
    expect(await sonde(['verify'], { folder: server.folder })).toMatchObject({
      code: 2,
      err: [`error: A Sonde runs on ${server.folder}. Stop it, or make a backup and verify that`],
    })
  })

  describe('without a server', () => {
    let data: string
    beforeEach(async () => {
      data = join(folder, 'data')
      const rows = Array.from({ length: 100 }, (_, i) => `${i},${Math.sin(i)}`)
      await writeFile(join(folder, 'x.csv'), `time,x\n${rows.join('\n')}\n`)
      const args = ['import', 'csv', join(folder, 'x.csv'), '--project', 'P', '--device', 'd']
      await sonde([...args, '--time-format', 's'], { folder: data })
    })

    it('work as well, and print JSON when asked', async () => {
      const path = join(folder, 'one')
      const backup = await sonde(['backup', path, '--json'], { folder: data })
      expect(JSON.parse(backup.out.join(''))).toMatchObject({ path, points: 100 })
      const verify = await sonde(['verify', path, '--json'])
      expect(JSON.parse(verify.out.join(''))).toMatchObject({ path, kind: 'backup', whole: true })
      const restore = await sonde(['restore', path, '--json'], { folder: join(folder, 'new') })
      expect(JSON.parse(restore.out.join(''))).toMatchObject({ path: join(folder, 'new'), points: 100 })
      expect([backup.code, verify.code, restore.code]).toEqual([0, 0, 0])
    })

    it('say what does not go', async () => {
      await mkdir(join(folder, 'full/of'), { recursive: true })
      const full = await sonde(['backup', join(folder, 'full')], { folder: data })
      expect(full).toMatchObject({ code: 1, err: [expect.stringMatching(/full is not empty\. Give each/)] })
      const within = await sonde(['backup', join(data, 'b')], { folder: data })
      expect(within).toMatchObject({ code: 1, err: [expect.stringMatching(/cannot be kept in the data/)] })
      expect(await sonde(['restore', join(folder, 'full')], { folder: join(folder, 'new') })).toMatchObject({
        code: 1,
        err: [expect.stringMatching(/full is no whole backup: it has no backup.json/)],
      })
      await sonde(['backup', join(folder, 'one')], { folder: data })
      expect(await sonde(['restore', join(folder, 'one')], { folder: data })).toMatchObject({
        code: 1,
        err: [expect.stringMatching(/data is not empty\. Restore into a new folder, or move/)],
      })
      await copyFile(join(folder, 'x.csv'), join(folder, 'one/catalog.db'))
      const verify = await sonde(['verify', join(folder, 'one')])
      expect(verify.out).toContainEqual(expect.stringMatching(/^ {8}catalog.db has \d+ bytes, and should/))
      expect(verify).toMatchObject({ code: 1 })
      expect(await sonde(['verify', folder])).toMatchObject({ code: 2 })
    })

    it('leave nothing of a backup for which there is no room', async () => {
      // Of each file no more than 64 KiB may be written, which the catalog has more of.
      const script = 'ulimit -f 128; exec "$0" "$@"'
      const main = join(import.meta.dirname, '../main.ts')
      const args = ['-c', script, process.execPath, main, 'backup', join(folder, 'one')]
      const child = spawn('sh', args, {
        env: { PATH: process.env.PATH, SONDE_DATA_DIR: data },
        stdio: 'pipe',
      })
      let err = ''
      child.stderr.on('data', (text) => {
        err += text
      })
      expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1)
      expect(err).toMatch(/^error: The backup could not be written: /)
      expect((await readdir(folder)).sort()).toEqual(['data', 'x.csv'])
      expect(await sonde(['verify', data])).toMatchObject({ code: 0 })
    })
  })
})
