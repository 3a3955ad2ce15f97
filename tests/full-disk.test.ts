/** A server whose data folder is on a disk that fills up: a small one in memory, which takes root to mount. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Reply, type RunningServer, startServer } from './server.fixture.ts'

const PROJECT = 'full'
const DEVICES = 8
const BODY_POINTS = 10_000
const BODIES_MAX = 500
/** Three starts and half a million points; seconds, unless the machine is busy. */
const TEST_MS_MAX = 120_000
const START_MS = Date.UTC(2026, 0, 1)
const STEP_MS = 1_000

/** Where nobody may mount a disk the test is skipped, except where CI is set. */
const CANNOT_MOUNT = !canMount() && process.env.CI !== 'true'

describe.skipIf(CANNOT_MOUNT)(
  CANNOT_MOUNT ? 'full disk (skipped: mounting a small disk takes root)' : 'full disk',
  () => {
    it(
      'refuses points when the log has no room, answers reads, and keeps what it acknowledged',
      async () => {
        const disk = mountDisk('5m')
        // Heads are so large that nothing is moved out of the log.
        const server = await start(disk.folder, '512')
        const count = await fill(server)

        await expectRefusals(server)
        expect(await pointCount(server)).toBeGreaterThanOrEqual(count)

        disk.grow()
        // The catalog goes on by itself. The points store has to look at what the disk has kept.
        expect((await makeProject(server)).status).toBe(201)
        expect((await server.request('../../readyz', PLAIN)).status).toBe(503)
        expect((await writePoints(server, count)).status).toBe(503)
        expect(await server.end()).toBe(0)
        await expectRecovery(disk.folder, '512', count)
      },
      TEST_MS_MAX,
    )

    it(
      'keeps the points that there was no room to move out of the log',
      async () => {
        const disk = mountDisk('14m')
        // A head runs full when most of the disk is the log, so that its chunks have no place.
        const server = await start(disk.folder, '128')
        const count = await fill(server)

        // The head that is moved and the log of the next one race for what room is left.
        await expect
          .poll(server.printed, { timeout: 10_000 })
          .toMatch(/points could not be moved into chunks, merged or dropped|no points are taken any more/)
        await expectRefusals(server)
        expect(await pointCount(server)).toBeGreaterThanOrEqual(count)

        await server.end('SIGKILL')
        await expect(start(disk.folder, '128')).rejects.toThrow(
          /Sonde did not start: .*disk is full\. Make room/,
        )
        disk.grow()
        await expectRecovery(disk.folder, '128', count)
      },
      TEST_MS_MAX,
    )
  },
)

const PLAIN = { headers: { 'content-type': 'text/plain' } }

/** Started again with room on the disk: everything is there, and points and streams are taken. */
async function expectRecovery(folder: string, memoryMaxMb: string, count: number): Promise<void> {
  const server = await start(folder, memoryMaxMb)
  expect((await server.request('../../readyz', PLAIN)).status).toBe(200)
  expect((await writePoints(server, count)).status).toBe(204)
  expect(await missing(server, count + BODY_POINTS)).toEqual([])
  expect((await write(server, 'other,device=new value=1')).status).toBe(204)
  expect(await server.end()).toBe(0)
}

async function expectRefusals(server: RunningServer): Promise<void> {
  const refusal = { status: 503, text: expect.stringMatching(/no space left.*Free the disk, then restart/) }
  expect(await taken(server.request('../../readyz', PLAIN))).toEqual(refusal)
  expect(await taken(writePoints(server, 0))).toEqual(refusal)
  expect((await server.request('../../healthz', PLAIN)).status).toBe(200)

  const catalogRefusal = { status: 503, text: expect.stringMatching(/disk is full\. Free the disk/) }
  expect(await taken(makeProject(server))).toEqual(catalogRefusal)
  expect(await taken(write(server, 'other,device=new value=1'))).toEqual(catalogRefusal)
}

/** Writes until the server refuses to; resolves to the number of points that it has acknowledged. */
async function fill(server: RunningServer): Promise<number> {
  for (let body = 0; body < BODIES_MAX; body++) {
    const { status } = await writePoints(server, body * BODY_POINTS)
    if (status === 204) continue
    expect(status).toBe(503)
    return body * BODY_POINTS
  }
  expect.unreachable('the disk is smaller than what was written')
}

function writePoints(server: RunningServer, first: number): Promise<Reply> {
  const lines = Array.from({ length: BODY_POINTS }, (_, i) => {
    const point = first + i
    return `m,device=d${point % DEVICES} value=${valueAt(point)} ${START_MS + point * STEP_MS}`
  })
  return write(server, lines.join('\n'))
}

/** Digits that do not compress. */
function valueAt(point: number): number {
  return Math.sin(point) * 1_000
}

function write(server: RunningServer, body: string): Promise<Reply> {
  // The door for InfluxDB's clients lies beside the API that the fixture asks.
  return server.request(`../v2/write?bucket=${PROJECT}&precision=ms`, { method: 'POST', body })
}

function makeProject(server: RunningServer): Promise<Reply> {
  const body = JSON.stringify({ name: 'Another', org: 'home' })
  return server.request('project/', { method: 'POST', body })
}

async function taken(reply: Promise<Reply>): Promise<{ status: number; text: string }> {
  const { status } = await reply
  return { status, text: await (await reply).text() }
}

async function pointCount(server: RunningServer): Promise<number> {
  const reply = await server.request(`query/?project=${PROJECT}&variable=m&by=none&agg=count`)
  const { results } = await reply.json()
  return results[0].values[0]
}

/** Points of the first `count` that are not there or have another value; those behind may be there or not. */
async function missing(server: RunningServer, count: number): Promise<number[]> {
  const wrong: number[] = []
  for (let device = 0; device < DEVICES; device++) {
    const reply = await server.request(`query/?project=${PROJECT}&device=d${device}&variable=m`)
    const [{ times, values }] = (await reply.json()).results as { times: number[]; values: number[] }[]
    const found = new Map(times.map((time, i) => [(time - START_MS) / STEP_MS, values[i]]))
    for (let point = device; point < count; point += DEVICES) {
      if (found.get(point) !== valueAt(point)) wrong.push(point)
      found.delete(point)
    }
    for (const [point, value] of found) if (value !== valueAt(point)) wrong.push(point)
  }
  return wrong
}

/** Ended when the test is over, whatever comes of it. */
async function start(folder: string, memoryMaxMb: string): Promise<RunningServer> {
  const server = await startServer(folder, { SONDE_MEMORY_MAX_MB: memoryMaxMb })
  onTestFinished(async () => void (await server.end('SIGKILL')))
  return server
}

interface Disk {
  readonly folder: string
  /** Makes room. */
  grow(): void
}

/** Unmounted when the test is over, after what was started on it has ended. */
function mountDisk(size: string): Disk {
  const folder = mount(size)
  onTestFinished(() => unmount(folder))
  return { folder, grow: () => void execFileSync('mount', ['-o', 'remount,size=200m', folder]) }
}

function canMount(): boolean {
  try {
    unmount(mount('1m'))
    return true
  } catch {
    return false
  }
}

function mount(size: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'sonde-disk', folder], { stdio: 'pipe' })
  } catch (error) {
    rmdirSync(folder)
    throw error
  }
  return folder
}

function unmount(folder: string): void {
  execFileSync('umount', [folder])
  rmdirSync(folder)
}
