import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { discardServer, type RunningServer, startServer } from '../../../../tests/server.fixture.ts'
import { sondeHere } from '../here.fixture.ts'
import { sonde, temporaryFolder } from '../sonde.fixture.ts'

describe('sonde import csv', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(await mkdtemp(join(tmpdir(), 'sonde-cli-')))
    return () => discardServer(server)
  })
  let folder: string
  beforeEach(async () => {
    folder = await temporaryFolder()
  })

  async function file(...lines: string[]): Promise<string> {
    const path = join(folder, 'file.csv')
    await writeFile(path, `${lines.join('\n')}\n`)
    return path
  }
  const run = (args: string[], input = '') =>
    sondeHere(args, { environment: { SONDE_DATA_DIR: server.folder }, input })
  /** Without the slugs of their streams. */
  const points = async (project: string, inFolder = server.folder) => {
    const args = ['query', '--project', project, '--format', 'csv']
    const { out } = inFolder === server.folder ? await run(args) : await sonde(args, { folder: inFolder })
    return out.slice(1).map((line) => line.replace(/,s--[^,]*/, ''))
  }

  it('makes project, device and variables, and stores the points, also without a server that runs', async () => {
    const path = await file('time,temp,state', '2024-05-01T10:00:00Z,20.5,on', '2024-05-01T10:01:00Z,,off')
    const args = ['import', 'csv', path, '--project', 'Home', '--device', 'boiler']
    const data = join(folder, 'data')
    for (const where of [server.folder, data]) {
      const { code, out } = await sonde(args, { folder: where })
      expect(out).toEqual(['Imported 3 points from 3 lines, 0 rejected'])
      expect(code).toBe(0)
      expect(await points('Home', where)).toEqual([
        '2024-05-01T10:00:00Z,boiler,temp,20.5',
        '2024-05-01T10:00:00Z,boiler,state,on',
        '2024-05-01T10:01:00Z,boiler,state,off',
      ])
    }
  })

  it('reads standard input, and every option goes to the server', async () => {
    const options = {
      project: 'Options',
      'device-column': 'sensor',
      'time-column': 'when',
      'time-format': 'D MMM YYYY HH:mm',
      tz: 'Europe/Madrid',
      columns: '"a, b"',
      delimiter: ';',
      decimal: 'comma',
    }
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
    const text = 'sensor;when;a, b;c\nx;1 Aug 2019 00:15;1,5;2\ny;1 Aug 2019 00:30;2,5;3\n'
    const { code, out } = await run(['import', 'csv', '-', ...args, '--json'], text)
    expect(JSON.parse(out.join(''))).toEqual({ lines: 3, points: 2, rejected: 0, rejections: [] })
    expect(code).toBe(0)
    expect(await points('Options')).toEqual([
      '2019-07-31T22:15:00Z,x,"a, b",1.5',
      '2019-07-31T22:30:00Z,y,"a, b",2.5',
    ])
  })

  it('lists what was rejected, stores the rest and exits with 1', async () => {
    const rows = Array.from({ length: 105 }, () => 'never,1')
    const path = await file('time,x', '2024-05-01,1', ...rows)
    const { code, out, err } = await run(['import', 'csv', path, '--project', 'Bad', '--device', 'd'])
    expect(out).toEqual(['Imported 1 points from 107 lines, 105 rejected'])
    const lines = err.filter((line) => line.startsWith('line '))
    expect(lines[0]).toBe('line 3: "never" is no time of the format iso')
    expect(lines).toHaveLength(100)
    expect(err).toContain('… and 5 more')
    expect(code).toBe(1)
    expect(await points('Bad')).toEqual(['2024-05-01T00:00:00Z,d,x,1'])
  })

  it.each<[what: string, args: string[], error: string]>([
    [
      'time column',
      ['--device', 'd', '--time-column', 'when'],
      'error: time_column: the header has no "when", only: "time, x"',
    ],
    [
      'device column',
      ['--device-column', 'sensor'],
      'error: device_column: the header has no "sensor", only: "time, x"',
    ],
    [
      'zone',
      ['--device', 'd', '--tz', 'Mars'],
      'error: tz: give the IANA name of a time zone, such as Europe/Madrid or UTC',
    ],
    [
      'delimiter',
      ['--device', 'd', '--delimiter', 'ab'],
      'error: delimiter: give one character that is no letter, digit or quotation mark, or tab',
    ],
  ])('tells in one line that the %s is wrong', async (_, args, error) => {
    const { code, err } = await run([
      'import',
      'csv',
      await file('time,x', '2024-05-01,1'),
      '--project',
      'Home',
      ...args,
    ])
    expect(err).toContain(error)
    expect(code).toBe(1)
  })

  it.each<[args: string[], complaint: string]>([
    [
      ['x.csv', '--project', 'Home'],
      "error: give the rows' device with --device, or its column with --device-column",
    ],
    [['x.csv', '--device', 'd'], "error: required option '--project <name>' not specified"],
    [['--project', 'Home', '--device', 'd'], "error: missing required argument 'file'"],
  ])('explains its usage when it is called with %j', async (args, complaint) => {
    const { code, err } = await run(['import', 'csv', ...args])
    expect(err[0]).toBe(complaint)
    expect(err.join('\n')).toContain('Usage: sonde import csv [options] <file>')
    expect(code).toBe(2)
  })

  it('misses a file without looking for a server', async () => {
    const ended = await run(['import', 'csv', 'x.csv', '--project', 'Home', '--device', 'd'])
    expect(ended).toMatchObject({ code: 1, out: [], err: ["error: 'x.csv' file does not exist"] })
  })
})
