import { existsSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ADMIN, discardServer, type RunningServer, startServer } from '../../../../tests/server.fixture.ts'
import { sonde, temporaryFolder } from '../sonde.fixture.ts'

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
const row = (time: string) => `1 Aug 2019 ${time}:00,1.211,,,,,,,`

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

  describe('without a server that runs', () => {
    const run = (...args: string[]) => {
      return sonde(['import', 'electricity', ...args], { folder: join(folder, 'data') })
    }

    it('opens the data folder, prints its steps and shows the first credentials', async () => {
      const path = await file(HEADER, row('00:00'), row('00:15'))
      const { code, out, err } = await run(path, '--user', 'rick:morty')
      expect(out).toEqual([...STEPS, imported(2)])
      expect(err.join('\n')).toContain('This is the first start')
      expect(code).toBe(0)

      expect(await run(path)).toEqual({
        code: 1,
        out: [...STEPS, 'ERROR - elecprod.consumpdata already contains 2 rows'],
        err: [],
      })
    })

    it.skipIf(METER_FILE_MISSING)("imports the meter's real file", async () => {
      const { code, out } = await run(METER_FILE, '--user', 'rick:morty')
      expect(out).toEqual([...STEPS, imported(11_716)])
      expect(code).toBe(0)
    })

    it('needs a user the first time', async () => {
      const { code, out } = await run(await file(HEADER, row('00:00')))
      expect(out.at(-1)).toBe(
        'ERROR - Nobody may log in to the electricity API yet; give a user as name:password',
      )
      expect(code).toBe(1)
    })

    it('needs no data folder to miss a file', async () => {
      expect(await run('x.csv', '--user', 'rick:morty')).toEqual({
        code: 1,
        out: ["ERROR - 'x.csv' file does not exist"],
        err: [],
      })
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
  })

  describe('beside a server that runs', () => {
    let server: RunningServer
    beforeAll(async () => {
      server = await startServer(await mkdtemp(join(tmpdir(), 'sonde-cli-')))
      return () => discardServer(server)
    })
    const run = (...args: string[]) => sonde(['import', 'electricity', ...args], { folder: server.folder })

    beforeEach(async () => {
      const path = await file(HEADER, row('00:00'), row('00:15'))
      expect(await run(path, '--user', 'rick:morty', '--replace')).toMatchObject({ code: 0 })
    })

    /** What the electricity API answers now. */
    async function rowCount(): Promise<number> {
      const authorization = `Basic ${btoa('rick:morty')}`
      const login = await fetch(`${server.url}/login`, { headers: { authorization } })
      const { value_token: session } = (await login.json()) as { value_token: string }
      const data = await fetch(`${server.url}/apielec/getData`, { headers: { session } })
      return ((await data.json()) as { values: { numrecs: number } }).values.numrecs
    }

    it('refuses to double the rows', async () => {
      const { code, out } = await run(await file(HEADER, row('00:30')))
      expect(out.at(-1)).toBe('ERROR - elecprod.consumpdata already contains 2 rows')
      expect(code).toBe(1)
      expect(await rowCount()).toBe(2)
    })

    it('adds or replaces when told to, and the API answers the new rows at once', async () => {
      const path = await file(HEADER, row('00:30'))
      expect(await rowCount()).toBe(2)
      expect(await run(path, '--append')).toEqual({ code: 0, out: [...STEPS, imported(1)], err: [] })
      expect(await rowCount()).toBe(3)
      expect(await run(path, '--replace')).toEqual({ code: 0, out: [...STEPS, imported(1)], err: [] })
      expect(await rowCount()).toBe(1)
    })

    it.each<[what: string, lines: string[], error: string]>([
      [
        'of eight columns',
        ['Date,a,b,c,d,e,f,g', row('00:30')],
        'row 1: The csv format does not match with the expected one',
      ],
      ['that is empty', [], 'row 1: The csv format does not match with the expected one'],
      [
        'with a bad date',
        [HEADER, row('00:30'), '1 Agu 2019 00:45:00,1,,,,,,,'],
        'row 3: "1 Agu 2019 00:45:00" is not a date such as 1 Aug 2019 00:00:00',
      ],
      [
        'with a short row',
        [HEADER, row('00:30'), '1 Aug 2019 00:45:00,1'],
        'row 3: it has 2 columns; there must be 9',
      ],
    ])('stores nothing of a file %s', async (_, lines, error) => {
      expect(await run(await file(...lines), '--append')).toEqual({
        code: 1,
        out: [...STEPS, `ERROR - Could not insert the values of ${error}`],
        err: [],
      })
      expect(await rowCount()).toBe(2)
    })

    it.each<[args: string[], line: string]>([
      [['--user', 'rick'], 'ERROR - Give the user as name:password'],
      [
        ['--tz', 'Mars/Olympus'],
        'ERROR - tz: give the IANA name of a time zone, such as Europe/Madrid or UTC',
      ],
    ])('says what is wrong with %j', async (args, line) => {
      expect(await run(await file(HEADER, row('00:30')), '--append', ...args)).toEqual({
        code: 1,
        out: [line],
        err: [],
      })
    })

    it('stops at Ctrl-C and leaves nothing', async () => {
      const days = Array.from({ length: 30_000 }, (_, i) => `${(i % 28) + 1} Sep 2019 00:00:00,1,,,,,,,`)
      const path = await file(HEADER, ...days)
      let isTold = false
      const { code, out } = await sonde(['import', 'electricity', path, '--append'], {
        folder: server.folder,
        onOutput: (child, text) => {
          if (isTold || !text.includes("'blue' user")) return
          isTold = true
          child.kill('SIGINT')
        },
      })
      expect(out).toEqual([...STEPS, 'Program stopped'])
      expect(code).toBe(130)
      expect(await rowCount()).toBe(2)
    })

    it('finds it by SONDE_URL and SONDE_TOKEN as well', async () => {
      const environment = { SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token }
      const args = ['import', 'electricity', await file(HEADER, row('00:30')), '--append']
      expect((await sonde(args, { environment })).out.at(-1)).toBe(imported(1))
      expect(await rowCount()).toBe(3)
    })
  })
})
