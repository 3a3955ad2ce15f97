/** The timeseries API as a program with Python's `requests` uses it. Needs Debian's `python3-requests`. */
import { execFile, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discardServer, type RunningServer, startServer, temporaryFolder } from '../server.fixture.ts'

const PYTHON = '/usr/bin/python3'
const TOKEN = 'a-long-token-of-robin'

describe('timeseries API with requests', () => {
  let server: RunningServer
  beforeAll(async () => {
    if (spawnSync(PYTHON, ['-c', 'import requests']).status !== 0) {
      throw new Error(`${PYTHON} has no requests; install Debian's package python3-requests`)
    }
    const folder = await temporaryFolder()
    const users = join(folder, 'users.json')
    await writeFile(users, JSON.stringify({ [TOKEN]: { name: 'Robin', id: 1 } }))
    server = await startServer(folder, { SONDE_TIMESERIES_USERS: users })
  })
  afterAll(() => server && discardServer(server))

  it.each(['', '/api'])('goes through the life of a series at %s/', async (mount) => {
    const script = join(import.meta.dirname, 'timeseries-script.py')
    const { stdout } = await promisify(execFile)(PYTHON, [script, server.url + mount, TOKEN])
    expect(JSON.parse(stdout)).toEqual({
      created: [201, expect.any(Number)],
      listed: {
        id: expect.any(Number),
        device_id: 'ESP8266',
        device_desc: 'on the balcony',
        desc: 'Outside temperature',
        timestamp: expect.any(String),
        count: 0,
        user: 'Robin',
      },
      parses: true,
      points: [201, 201, 201],
      ids: true,
      fields: [{ temp_C: 13 }, { temp_C: 13.5 }, { temp_C: 14 }],
      first: { temp_C: 13 },
      call: 'cb(3)',
      deleted: [204, null],
      missing: [404, { message: expect.stringMatching(/^Point \d+ doesn't exist$/) }],
      left: 2,
      removed: [204, null],
      gone: true,
      unknown: [404, { message: expect.stringMatching(/^Series \d+ doesn't exist$/) }],
      refused: [400, { message: expect.any(String) }],
    })
    expect(server.printed()).not.toContain(TOKEN)
  })
})
