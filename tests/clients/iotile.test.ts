/** The REST API as programs of the older cloud use it. Needs Debian's `python3-requests`. */
import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN, discardServer, type RunningServer, startServer, temporaryFolder } from '../server.fixture.ts'

const PYTHON = '/usr/bin/python3'

describe('REST API with requests', () => {
  let server: RunningServer
  beforeAll(async () => {
    if (spawnSync(PYTHON, ['-c', 'import requests']).status !== 0) {
      throw new Error(`${PYTHON} has no requests; install Debian's package python3-requests`)
    }
    server = await startServer(await temporaryFolder())
  })
  afterAll(() => server && discardServer(server))

  it('is what programs of the older cloud expect', async () => {
    const script = join(import.meta.dirname, 'iotile-script.py')
    const { stdout } = await promisify(execFile)(PYTHON, [script, server.url, ADMIN.email, ADMIN.password])
    expect(JSON.parse(stdout)).toEqual({
      anonymous: [401, expect.stringContaining('"detail"')],
      wrong: false,
      login: [true, ADMIN.username],
      refreshed: [true, true, 1],
      org: { slug: 'my-new-org', put: 'x', patched: 'y', got: 'y', again: 400 },
      resources: {
        projects: ['Irrigation'],
        project: true,
        device: 'x7',
        missing: [404, '{"detail":"Not found."}'],
        deleted: [false, false],
      },
      written: [{ count: 12 }, 0.5],
      stream_data: [
        [5, 10, 20, 30, 40],
        [50, 60, 70, 80, 90],
        [100, 110],
      ],
      raw_data: [
        [0.5, 1, 2, 3, 4, 5],
        [6, 7, 8, 9, 10, 11],
      ],
      csv: [
        'bytes',
        ['row,int_value,stream_slug', '2017-04-11T20:37:10Z,10,S1', '2017-04-11T20:37:11Z,11,S1'],
      ],
      sums: { s: 555, d: 555, p: 555 },
      units: true,
      report: [201, { count: 100 }],
      streamer: [100, 0xabcd],
      readings: 101,
      event: [201, { peak: 3 }, { test: 1 }, [true]],
      event_deleted: [true, 0],
      key: 1,
      logout: [true, null],
      after: [401, expect.stringContaining('"detail"')],
      refused: [false, null],
    })
    expect(server.printed()).not.toContain(ADMIN.password)
  })
})
