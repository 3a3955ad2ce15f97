import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../../../../tests/server.fixture.ts'
import { planDemo } from '../demo/plan-demo.ts'
import { sondeHere } from '../here.fixture.ts'
import { sonde } from '../sonde.fixture.ts'

const DAY_MS = 86_400_000

describe('planDemo', () => {
  const nowMs = Date.UTC(2026, 4, 1, 12, 34, 56)
  it.each<[number, number, number, number]>([
    [365, 2_000_000, 10, 1_524_240],
    [1, 2_000_000, 1, 41_760],
    [365, 29, 1_440, 29],
    [0, 1_000, 1, 0],
  ])(
    '%d days with %d points at most have one every %d minutes, %d in all',
    (days, pointsMax, minutes, pointCount) => {
      const plan = planDemo({ nowMs, days, pointsMax })
      expect(plan).toMatchObject({ stepMs: minutes * 60_000, pointCount })
      expect(plan.fromMs % plan.stepMs).toBe(0)
      expect(nowMs - plan.toMs).toBeLessThan(plan.stepMs)
      expect(plan.toMs - plan.fromMs).toBeLessThanOrEqual(days * DAY_MS)
    },
  )
})

describe('sonde demo', () => {
  let server: RunningServer
  let environment: Record<string, string>
  beforeAll(async () => {
    server = await startServer(await temporaryFolder())
    environment = { SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token }
  })
  afterAll(() => discardServer(server))

  const run = (...args: string[]) => sondeHere(args, { environment })
  it('writes history that charts could be drawn from, and says where to look', async () => {
    const { code, out, err } = await run('demo', '--once', '--days', '3', '--points-max', '5000')
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(out[0]).toMatch(
      /^Wrote 4176 points of 12 devices into the project Demo House, one every 30 minutes since 20/,
    )
    expect(out[1]).toBe(`Look at it: ${server.url}/`)
    const reply = await server.request('query/?project=Demo%20House&agg=count')
    const { results } = await reply.json()
    expect(results).toHaveLength(29)
    expect(new Set(results.map((series: any) => series.device)).size).toBe(12)
    expect(results.every((series: any) => series.values[0] === 144)).toBe(true)
    const plot = await run('plot', '--project', 'Demo House', '--variable', 'sunlight')
    expect(plot.out[0]).toMatch(/^━━ weather station sunlight {2}min 0 /)
  })

  it('writes the same again over the first', async () => {
    const args = ['demo', '--once', '--days', '1', '--points-max', '700', '--project', 'Again', '--json']
    const first = JSON.parse((await run(...args)).text)
    expect(first).toMatchObject({ project: 'Again', devices: 12, streams: 29, points: 696, step_s: 3_600 })
    const end = new Date(Date.parse(first.from) + DAY_MS / 2).toISOString()
    const read = async () => (await server.request(`query/?project=Again&end=${end}`)).text()
    const before = await read()
    await run(...args)
    expect(await read()).toBe(before)
  })

  it('measures on until Ctrl-C', async () => {
    const args = ['demo', '--days', '0', '--interval', '0.1', '--project', 'Live']
    let isWatched = false
    const ended = await sonde(args, {
      environment,
      onOutput: (child, text) => {
        if (isWatched || !text.includes('until Ctrl-C')) return
        isWatched = true
        const watch = ['tail', '--project', 'Live', '--count', '29', '--start', '-1m', '--interval', '0.1']
        void run(...watch).then(() => child.kill('SIGINT'))
      },
    })
    expect(ended).toMatchObject({ code: 0, err: [] })
    expect(ended.out.at(-1)).toBe('Each device measures every 0.1 s, until Ctrl-C')
  })

  it.each([
    [['--days', '-1'], /--days takes 0 to 3650/],
    [['--points-max', '5'], /--points-max takes 29 to 100000000/],
    [['--interval', '0'], /--interval takes 0\.1 to 3600 seconds/],
  ])('refuses %j', async (args, reason) => {
    const { code, err } = await run('demo', ...args)
    expect(err[0]).toMatch(reason)
    expect(code).toBe(2)
  })
})
