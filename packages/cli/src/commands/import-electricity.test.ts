import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { discardServer, type RunningServer, startServer } from '../../../../tests/server.fixture.ts'
import { type Ended, sonde, temporaryFolder } from '../sonde.fixture.ts'

/** The meter's file lies beside the repository. Without it tests are skipped, except where CI is set. */
const METER_FILE = fileURLToPath(new URL('../../../../../shared/data/Monitoring_report.csv', import.meta.url))
const METER_FILE_MISSING = !existsSync(METER_FILE) && process.env.CI !== 'true'

const STEPS = [
  'OK - Database connection',
  "OK - 'elecprod' database",
  "OK - 'elecprod.consumpdata' table",
  "OK - 'elecprod.users' table",
  'OK - Trigger',
  'OK - User',
  'OK - Database connection',
  "OK - 'blue' user",
]
const HEADER = 'Date,a,b,c,d,e,f,g,h'
const imported = (rows: number) => `OK - CSV (${rows} lines) successfully imported to elecprod.consumpdata`

/** A row of the meter at a quarter hour of 1 August 2019. */
const row = (time: string, energy = '1.211') => `1 Aug 2019 ${time}:00,${energy},,,,,,,`

describe('sonde import electricity', () => {
  let folder: string
  beforeEach(async () => {
    folder = await temporaryFolder()
  })

  async function file(...lines: string[]): Promise<string> {
    const path = join(folder, 'meter.csv')
    await writeFile(path, `${lines.join('\n')}\n`)
    return path
  }
  const run = (...args: string[]) =>
    sonde(['import', 'electricity', ...args], { folder: join(folder, 'data') })

  it('imports without a server that runs, prints its steps, and shows the first credentials', async () => {
    const { code, out, err } = await run(
      await file(HEADER, row('00:00'), row('00:15')),
      '--user',
      'rick:morty',
    )
    expect(out).toEqual([...STEPS, imported(2)])
    expect(err.join('\n')).toContain('This is the first start')
    expect(code).toBe(0)
  })

  it.skipIf(METER_FILE_MISSING)("imports the meter's real file", async () => {
    const { code, out } = await run(METER_FILE, '--user', 'rick:morty')
    expect(out).toEqual([...STEPS, imported(11_716)])
    expect(code).toBe(0)
  })

  describe('into a table that has rows', () => {
    beforeEach(async () => {
      expect(await run(await file(HEADER, row('00:00'), row('00:15')), '--user', 'rick:morty')).toMatchObject(
        {
          code: 0,
        },
      )
    })

    it('refuses', async () => {
      const { code, out } = await run(join(folder, 'meter.csv'))
      expect(out.at(-1)).toBe('ERROR - elecprod.consumpdata already contains 2 rows')
      expect(code).toBe(1)
    })

    it('adds or replaces when told to, without a user', async () => {
      const path = await file(HEADER, row('00:30'))
      expect((await run(path, '--append')).out.at(-1)).toBe(imported(1))
      expect((await run(path)).out.at(-1)).toBe('ERROR - elecprod.consumpdata already contains 3 rows')
      expect((await run(path, '--replace')).out.at(-1)).toBe(imported(1))
      expect((await run(path)).out.at(-1)).toBe('ERROR - elecprod.consumpdata already contains 1 rows')
    })
  })

  it.each<[what: string, lines: string[], error: RegExp]>([
    [
      'of eight columns',
      ['Date,a,b,c,d,e,f,g', row('00:00')],
      /row 1: The csv format does not match with the exp/,
    ],
    ['that is empty', [], /row 1: The csv format does not match with the expected one$/],
    [
      'with a bad date',
      [HEADER, row('00:00'), '1 Agu 2019 00:15:00,1,,,,,,,'],
      /row 3: "1 Agu 2019 00:15:00" is no/,
    ],
    ['with a bad number', [HEADER, row('00:00', '1e3')], /row 2: energy is "1e3"/],
    ['with a short row', [HEADER, row('00:00'), '1 Aug 2019 00:15:00,1'], /row 3: it has 2 columns/],
  ])('stores nothing of a file %s', async (_, lines, error) => {
    const { code, out } = await run(await file(...lines), '--user', 'rick:morty')
    expect(out.slice(0, -1)).toEqual(STEPS)
    expect(out.at(-1)).toMatch(/^ERROR - Could not insert the values of row /)
    expect(out.at(-1)).toMatch(error)
    expect(code).toBe(1)
    expect((await run(await file(HEADER, row('00:00')), '--user', 'rick:morty')).out.at(-1)).toBe(imported(1))
  })

  it.each<[args: string[], line: string]>([
    [[], 'ERROR - Nobody may log in to the electricity API yet; give a user as name:password'],
    [['--user', 'rick'], 'ERROR - Give the user as name:password'],
    [
      ['--user', 'rick:morty', '--tz', 'Mars/Olympus'],
      'ERROR - tz: give the IANA name of a time zone, such as Europe/Madrid or UTC',
    ],
  ])('says what is wrong with the options %j', async (args, line) => {
    const { code, out } = await run(await file(HEADER, row('00:00')), ...args)
    expect(out.at(-1)).toBe(line)
    expect(code).toBe(1)
  })

  it('needs no server to miss a file', async () => {
    const ended = await sonde(['import', 'electricity', 'x.csv', '--user', 'rick:morty'], { folder })
    expect(ended).toEqual({ code: 1, out: ["ERROR - 'x.csv' file does not exist"], err: [] })
  })

  it.each<[args: string[], complaint: string]>([
    [[], "error: missing required argument 'csv'"],
    [['x.csv', '--append', '--replace'], "error: option '--append' cannot be used with option '--replace'"],
    [['x.csv', '--appendix'], "error: unknown option '--appendix'"],
  ])('explains its usage when it is called with %j', async (args, complaint) => {
    const { code, err } = await run(...args)
    expect(err[0]).toBe(complaint)
    expect(err.join('\n')).toContain('Usage: sonde import electricity [options] <csv>')
    expect(code).toBe(2)
  })

  describe('beside a server that runs', () => {
    let server: RunningServer
    beforeEach(async () => {
      server = await startServer(join(folder, 'data'))
      return () => discardServer(server)
    })

    const rowsOfApi = async () => {
      const login = await fetch(`${server.url}/login`, {
        headers: { authorization: `Basic ${btoa('rick:morty')}` },
      })
      if (login.status !== 200) return undefined
      const { value_token: token } = (await login.json()) as { value_token: string }
      const data = await fetch(`${server.url}/apielec/getData`, { headers: { session: token } })
      return ((await data.json()) as { values: { numrecs: number } }).values.numrecs
    }

    it('imports through it, so that its API answers the new rows at once', async () => {
      const path = await file(HEADER, row('00:00'), row('00:15'))
      expect((await run(path, '--user', 'rick:morty')).out.at(-1)).toBe(imported(2))
      expect(await rowsOfApi()).toBe(2)
      expect((await run(path, '--append')).out.at(-1)).toBe(imported(2))
      expect(await rowsOfApi()).toBe(4)
    })

    it('stops at Ctrl-C and leaves nothing', async () => {
      const days = Array.from({ length: 31 * 96 * 12 }, (_, i) => {
        const minute = String((i % 4) * 15).padStart(2, '0')
        const hour = String(Math.floor(i / 4) % 24).padStart(2, '0')
        return `${(Math.floor(i / 96) % 31) + 1} Aug 2019 ${hour}:${minute}:00,1,,,,,,,`
      })
      const path = await file(HEADER, ...days)
      let isTold = false
      const ended: Ended = await sonde(['import', 'electricity', path, '--user', 'rick:morty'], {
        folder: join(folder, 'data'),
        onOutput: (child, text) => {
          if (isTold || !text.includes("'blue' user")) return
          isTold = true
          child.kill('SIGINT')
        },
      })
      expect(ended.out).toEqual([...STEPS, 'Program stopped'])
      expect(ended.code).toBe(130)
      expect(await rowsOfApi()).toBeUndefined()
      expect((await run(await file(HEADER, row('00:00')), '--user', 'rick:morty')).out.at(-1)).toBe(
        imported(1),
      )
    })
  })

  it('is told by SONDE_URL and SONDE_TOKEN which server to use', async () => {
    const server = await startServer(join(folder, 'data'))
    try {
      const environment = { SONDE_URL: server.url, SONDE_TOKEN: 'test-token' }
      const args = ['import', 'electricity', await file(HEADER, row('00:00')), '--user', 'rick:morty']
      expect((await sonde(args, { environment })).out.at(-1)).toBe(imported(1))
      expect(await readFile(join(folder, 'data', 'operator.json'), 'utf8')).toContain(server.url)
    } finally {
      await discardServer(server)
    }
  })
})
