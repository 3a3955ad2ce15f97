/** The scripts run as they stand, as processes, against a server that is filled through the API. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Api } from '@sonde/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../../tests/server.fixture.ts'

const DEVICE = 'd--0000-0000-0000-0001'
const START = Date.parse('2026-05-01T00:00:00Z')
const at = (hour: number) => new Date(START + hour * 3_600_000).toISOString()

describe('scripts', () => {
  let server: RunningServer
  let api: Api
  let trip: string
  beforeAll(async () => {
    server = await startServer(await temporaryFolder())
    api = new Api({ domain: server.url, token: ADMIN.token, tokenType: 'token' })
    const project = await api.project.post({ name: 'Trips', org: 'home' })
    await api.device.post({ label: 'logger', project: project.slug, slug: DEVICE })
    const unit = { slug: 'c', unit_full: 'Celsius', unit_short: '°C', m: 1, d: 100, o: 0 }
    const streams: Record<string, string> = {}
    for (const lid of [0x0e00, 0x0e01, 0x5020, 0x5022, 0x5023]) {
      const variable = await api.variable.post({ name: `v${lid.toString(16)}`, project: project.slug, lid })
      const output = lid === 0x5023 ? { output_unit: unit } : {}
      const stream = await api.stream.post({ variable: variable.slug, device: DEVICE, ...output })
      streams[lid.toString(16).padStart(4, '0')] = stream.slug
    }
    const temperatures = Array.from({ length: 24 }, (_, hour) => ({
      stream: streams['5023'],
      timestamp: at(hour),
      value: 400 + 10 * hour,
    }))
    await api.data.post([
      { stream: streams['0e00'], timestamp: at(0), value: 1 },
      { stream: streams['0e01'], timestamp: at(23), value: 1 },
      ...temperatures,
    ])
    await api.event.post({ stream: streams['5020'], timestamp: at(7), extra_data: { peak: 3.2 } })
    await api.device(DEVICE).new_property.post({ name: 'cargo', str_value: 'pears' })
    trip = (await api.datablock.post({ device: DEVICE, title: 'Trip to Ghent' })).slug
    await api.data.post(
      [5, 6].map((value, hour) => ({ stream: streams['5022'], timestamp: at(100 + hour), value })),
    )
  })
  afterAll(() => discardServer(server))

  async function run(name: string, ...args: string[]) {
    const child = spawn(process.execPath, [join(import.meta.dirname, name), ...args], {
      env: { PATH: process.env.PATH, SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token },
    })
    child.stdin.end(`${ADMIN.password}\n`)
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ])
    return { out: out.trimEnd().split('\n'), err, code: code as number | null }
  }

  it('basic.ts shows what there is', async () => {
    expect((await run('basic.ts', '--user', 'admin')).out.slice(0, 4)).toEqual([
      'Home (home)',
      expect.stringMatching(/^ {2}Trips \(p--/),
      `    logger (${DEVICE})`,
      `      v5022: 6, ${at(101)}`,
    ])
  })

  it('trip-data.ts sums up an archive', async () => {
    const { out, code } = await run('trip-data.ts', '--user', 'admin', '--trip', trip)
    const { temperature, ...rest } = JSON.parse(out.join('\n'))
    expect(rest).toEqual({
      trip,
      properties: { cargo: 'pears' },
      start: '2026-05-01T00:00:00Z',
      end: '2026-05-01T23:00:00Z',
      pressure: null,
      humidity: null,
      shocks: [{ time: '2026-05-01T07:00:00Z', peak: 3.2 }],
    })
    expect(temperature).toEqual({ count: 24, min: 4, mean: expect.closeTo(5.15, 9), max: 6.3 })
    expect(code).toBe(0)
  })

  it('trip-data.ts refuses what is no trip', async () => {
    const { err, code } = await run('trip-data.ts', '--user', 'admin', '--trip', 'p--0001')
    expect(err).toContain('--trip takes the slug of an archive')
    expect(code).toBe(1)
  })

  it('accumulation-report.ts adds up', async () => {
    const range = ['--start', '2026-05-01', '--end', '2026-06-01']
    const { out, err } = await run(
      'accumulation-report.ts',
      '--user',
      'admin',
      '--source',
      DEVICE,
      '--source',
      'x--1',
      ...range,
    )
    expect(out).toEqual([expect.stringMatching(/^s--.*--5022 {2}11\.00$/), 'Total: 11.00'])
    expect(err).toContain('x--1 is left out')
  })

  it('collect-machine.ts writes what this machine does', async () => {
    expect((await run('collect-machine.ts', '--count', '2', '--pause', '20')).out).toEqual(['Wrote 8 points'])
    const series = await api.query({ project: 'Machines', agg: ['count', 'min', 'max'] })
    expect(series.map(({ variable }) => variable).sort()).toEqual([
      'load',
      'memory used',
      'processor used',
      'uptime',
    ])
    for (const { device, variable, values } of series) {
      expect([device, values.count]).toEqual([hostname(), [2]])
      expect(values.min[0]).toBeGreaterThanOrEqual(0)
      if (variable?.endsWith('used')) expect(values.max[0]).toBeLessThanOrEqual(100)
    }
  })
})
