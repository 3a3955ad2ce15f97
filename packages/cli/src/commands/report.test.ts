import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  temporaryFolder as serverFolder,
  startServer,
} from '../../../../tests/server.fixture.ts'
import { sondeHere } from '../here.fixture.ts'
import { temporaryFolder } from '../sonde.fixture.ts'

describe('sonde report', () => {
  let server: RunningServer
  let device: string
  let stream: string
  const run = (args: string[], input = '') =>
    sondeHere(args, { input, environment: { SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token } })
  const make = async (...args: string[]) => JSON.parse((await run([...args, '--json'])).text).slug
  beforeAll(async () => {
    server = await startServer(await serverFolder())
    const project = await make('project', 'create', 'Water', '--org', 'home')
    device = await make('device', 'create', 'pump', '--project', project)
    const variable = await make('variable', 'create', 'flow', '--project', project)
    const unit = JSON.stringify({ slug: 'l', unit_full: 'litres', unit_short: 'l', m: 1, d: 1, o: 0 })
    stream = await make(
      'stream',
      'create',
      '--device',
      device,
      '--variable',
      variable,
      '--set',
      `output_unit=${unit}`,
    )
    const lines = [3, 4, 5].map((value, day) =>
      JSON.stringify({ device: 'pump', variable: 'flow', value, time: `2026-01-0${day + 1}T12:00:00Z` }),
    )
    expect((await run(['write', '--project', 'Water'], lines.join('\n'))).code).toBe(0)
  })
  afterAll(() => discardServer(server))

  const RANGE = ['--start', '2026-01-01', '--end', '2026-01-03']

  it('prints sums, and their total', async () => {
    const { code, out, err } = await run(['report', device, 'd--ffff', ...RANGE])
    expect(out.map((line) => line.replace(/ +/g, ' '))).toEqual([
      'stream sum units',
      expect.stringMatching(/^─+ ─+ ─+$/),
      `${stream} 7 l`,
      'total 7',
    ])
    expect(err).toEqual(['d--ffff is left out: it is not there, or nothing that counts'])
    expect(code).toBe(0)
  })

  it('prints the sum of each period', async () => {
    const { out } = await run(['report', stream, ...RANGE, '--every', '1d'])
    expect(out.slice(-2).map((line) => line.replace(/ +/g, ' '))).toEqual([
      '2026-01-01T00:00:00Z 2026-01-02T00:00:00Z 3',
      '2026-01-02T00:00:00Z 2026-01-03T00:00:00Z 4',
    ])
  })

  it('prints and writes what programs and printers read', async () => {
    expect(JSON.parse((await run(['report', stream, ...RANGE, '--json'])).text)).toEqual({
      streams: { [stream]: { sum: 7, units: 'l' } },
      total: 7,
    })
    expect((await run(['report', stream, ...RANGE, '--format', 'csv'])).out[0]).toMatch(/^stream,.*,sum$/)
    const path = join(await temporaryFolder(), 'water.html')
    expect((await run(['report', stream, ...RANGE, '--output', path])).err).toEqual([`Wrote ${path}`])
    expect(await readFile(path, 'utf8')).toMatch(/^<!doctype html>/i)
  })

  it.each<[string[], number, RegExp]>([
    [['d--ffff', ...RANGE], 1, /^error: No streams were found for these GIDs$/],
    [['d--1'], 2, /^error: required option '--start <time>' not specified/],
    [['d--1', '--start', 'sometime'], 1, /^error: start: /],
    [
      ['d--1', '--start', '-1d', '--output', 'report.pdf'],
      2,
      /^error: a file takes --format json, csv or html/,
    ],
  ])('refuses %j', async (args, code, reason) => {
    const ended = await run(['report', ...args])
    expect(ended.err[0]).toMatch(reason)
    expect(ended.code).toBe(code)
  })
})
