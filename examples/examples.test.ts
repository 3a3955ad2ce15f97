/** The examples run as they stand, against a server of their own. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../tests/server.fixture.ts'

describe('examples', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(await temporaryFolder())
  })
  afterAll(() => discardServer(server))

  it('simulate-devices fills a project that charts could be drawn from', async () => {
    const env = { PATH: process.env.PATH, SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token }
    const script = join(import.meta.dirname, 'simulate-devices.ts')
    await promisify(execFile)(process.execPath, [script, '--count', '3', '--pause', '20'], { env })
    const reply = await server.request(
      'query/?project=Greenhouse&variable=temperature&agg=count,min,max&by=device',
    )
    const { results } = await reply.json()
    expect(results.map((series: any) => series.device)).toEqual(['bed north', 'bed middle', 'bed south'])
    for (const { values } of results) {
      expect(values.count).toEqual([3])
      expect(values.min[0]).toBeGreaterThan(10)
      expect(values.max[0]).toBeLessThan(30)
    }
  })

  it('fleet-of-boards stops in its second stage, and brings everybody back', async () => {
    const env = { PATH: process.env.PATH, SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token }
    const script = join(import.meta.dirname, 'fleet-of-boards.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--count', '20'], { env })
    expect(stdout.split('\n')).toEqual([
      'forged signatures are refused',
      expect.stringMatching(/^paused: Stage 2: (\d+) of \1 attempts failed, more than 10 %\.$/),
      '2 boards run 2.0, 18 run 1.0',
      'rolled back: 8 boards; 12 never heard of it',
      '20 of 20 boards run 1.0',
      '',
    ])
  })
})
