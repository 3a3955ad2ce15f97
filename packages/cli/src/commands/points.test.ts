import { readdir, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  temporaryFolder as serverFolder,
  startServer,
} from '../../../../tests/server.fixture.ts'
import { sondeHere } from '../here.fixture.ts'
import { sonde, temporaryFolder } from '../sonde.fixture.ts'

describe('points', () => {
  let server: RunningServer
  let environment: Record<string, string>
  beforeAll(async () => {
    server = await startServer(await serverFolder())
    environment = { SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token }
    const lines = [20, 22, 25.5].map((value, i) =>
      JSON.stringify({ device: 'boiler', variable: 'temp', value, time: `2024-05-01T1${i}:00:00Z` }),
    )
    const written = await run(['write', '--project', 'Home'], lines.join('\n'))
    expect(written).toMatchObject({ code: 0, out: ['Wrote 3 points, 0 rejected'], err: [] })
  })
  afterAll(() => discardServer(server))

  const run = (args: string[], input = '') => sondeHere(args, { input, environment })
  const values = async (...args: string[]) => {
    const { out } = await run(['export', ...args, '--format', 'ndjson'])
    return out.map((line) => JSON.parse(line).value)
  }

  describe('sonde write', () => {
    const OF = ['--project', 'Forms', '--device', 'd']

    it.each<[string, string[], (number | string)[]]>([
      ['21.5', [], [21.5]],
      ['-1e3', [], [-1_000]],
      ['true', [], [1]],
      ['on', [], ['on']],
      ['1', ['--text'], ['1']],
      ['0x10', [], ['0x10']],
    ])('stores %s %j', async (value, args, stored) => {
      const variable = `of ${value} ${args}`
      expect((await run(['write', ...OF, '--variable', variable, ...args, '--', value])).code).toBe(0)
      expect(await values('--project', 'Forms', '--variable', variable)).toEqual(stored)
    })

    it('stores what lines say, and lists those that say nothing', async () => {
      const lines = [
        '{"variable": "a", "value": 1, "time": "2024-05-01T10:00:00Z"}',
        '',
        '{"variable": "a", "value": null}',
        '{"variable": ',
        '2',
        '{"device": "other", "variable": "a", "value": 3, "time": 1714557600000}',
      ]
      const { code, out, err } = await run(['write', '--project', 'Lines', '--device', 'd'], lines.join('\n'))
      expect(out).toEqual(['Wrote 2 points, 3 rejected'])
      expect(err).toEqual([
        expect.stringMatching(/^line 3: value is null; give a finite number/),
        'line 4: this is no JSON object, though it begins as one',
        'line 5: a value alone needs --device and --variable; else write a JSON object',
      ])
      expect(code).toBe(1)
      expect(await values('--project', 'Lines')).toEqual([1, 3])
    })

    it('tells lines that the server rejects by their numbers', async () => {
      const bad = JSON.stringify({ device: 'x'.repeat(300), variable: 'v', value: 1 })
      const { text, code } = await run(['write', ...OF, '--json'], `{"variable": "v", "value": 1}\n${bad}`)
      expect(JSON.parse(text)).toEqual({
        written: 1,
        rejected: 1,
        rejections: [{ line: 2, reason: expect.any(String) }],
      })
      expect(code).toBe(1)
    })

    it('wants to know what a value is of', async () => {
      const { code, err } = await run(['write', '1', '--project', 'Home'])
      expect([code, err[0]]).toEqual([2, 'error: say what the value is of, with --device and --variable'])
    })

    it('refuses a line without an end', async () => {
      const { err } = await run(['write', ...OF], 'x'.repeat(1024 * 1024 + 1))
      expect(err[0]).toMatch(/^error: Line 1 has more than 1048576 characters/)
    })
  })

  describe('sonde export', () => {
    const CSV = [
      'time,device,variable,value',
      '2024-05-01T10:00:00Z,boiler,temp,20',
      '2024-05-01T11:00:00Z,boiler,temp,22',
      '2024-05-01T12:00:00Z,boiler,temp,25.5',
    ]
    const withoutStream = (lines: readonly string[]) =>
      lines.map((line) => line.replace(/,(s--[^,]*|stream)(?=,)/, ''))

    it('writes CSV to standard output', async () => {
      const { code, out, err } = await run(['export', '--project', 'Home'])
      expect({ code, err }).toEqual({ code: 0, err: [] })
      expect(withoutStream(out)).toEqual(CSV)
    })

    it('writes files in the format of their names, packed where those say so', async () => {
      const folder = await temporaryFolder()
      const to = (name: string) => run(['export', '--project', 'Home', '--output', join(folder, name)])
      expect((await to('a.csv')).err).toEqual([`Wrote 3 rows into ${join(folder, 'a.csv')}`])
      expect((await to('a.ndjson.gz')).err[0]).toMatch(/^Wrote 3 rows/)
      expect((await to('a.json')).err[0]).toMatch(/^Wrote \d+ bytes/)
      const read = (name: string) => readFile(join(folder, name))
      expect(
        withoutStream(
          String(await read('a.csv'))
            .trimEnd()
            .split(/\r?\n/),
        ),
      ).toEqual(CSV)
      const lines = gunzipSync(await read('a.ndjson.gz'))
        .toString()
        .trimEnd()
        .split('\n')
      expect(lines.map((line) => JSON.parse(line).value)).toEqual([20, 22, 25.5])
      expect(JSON.parse(String(await read('a.json'))).results[0].values).toEqual([20, 22, 25.5])
      expect((await readdir(folder)).sort()).toEqual(['a.csv', 'a.json', 'a.ndjson.gz'])
    })

    it('writes aggregates and parts', async () => {
      const { text } = await run(['export', '--project', 'Home', '--every', '1d', '--agg', 'max', '--json'])
      expect(JSON.parse(text).results[0].values).toEqual([25.5])
      expect(
        await values('--project', 'Home', '--start', '2024-05-01T11:00', '--end', '2024-05-01T12:00'),
      ).toEqual([22])
    })

    it('writes to a device as it is', async () => {
      const { code } = await run(['export', '--project', 'Home', '--output', '/dev/null'])
      expect([code, (await stat('/dev/null')).isFile()]).toEqual([0, false])
    })

    it.each<[string[], number, RegExp]>([
      [[], 2, /^error: say what to read/],
      [
        ['--project', 'Home', '--output', tmpdir()],
        1,
        /^error: .* is a folder; give the name of a file in it/,
      ],
      [['--project', 'Home', '--every', 'often'], 1, /^error: every: /],
      [
        ['--project', 'Home', '--output', '/nowhere/a.csv'],
        1,
        /^error: \/nowhere\/a\.csv cannot be written: ENOENT/,
      ],
    ])('refuses %j', async (args, code, reason) => {
      const ended = await run(['export', ...args])
      expect(ended.err[0]).toMatch(reason)
      expect(ended.code).toBe(code)
    })
  })

  describe('sonde tail', () => {
    it('shows points from a moment on, and ends after so many', async () => {
      const { out, code } = await run([
        'tail',
        '--project',
        'Home',
        '--start',
        '2024-05-01T11:00:00Z',
        '--count',
        '2',
      ])
      expect(out.map((line) => line.replace(/ +/g, ' '))).toEqual([
        '2024-05-01T11:00:00Z boiler temp 22',
        '2024-05-01T12:00:00Z boiler temp 25.5',
      ])
      expect(code).toBe(0)
    })

    it('shows new points of old and new streams, each once', async () => {
      const tail = run(['tail', '--project', 'Live', '--json', '--count', '4', '--interval', '0.1'])
      const write = (variable: string, ...rest: string[]) =>
        run(['write', ...rest, '--project', 'Live', '--device', 'd', '--variable', variable])
      await write('a', '1')
      await write('a', '2')
      await write('b', '3', '--time', '2024-05-01T10:00:00Z')
      await write('b', '4', '--time', '2024-05-01T10:00:00.000001Z')
      const points = (await tail).out.map((line) => JSON.parse(line))
      expect(points.map(({ value }) => value).sort()).toEqual([1, 2, 3, 4])
      expect(points.every(({ stream }) => stream.startsWith('s--'))).toBe(true)
    })

    it('shows no points that were there before, and ends with Ctrl-C', async () => {
      const args = ['tail', '--project', 'Home', '--format', 'csv', '--interval', '0.1']
      let isTold = false
      const ended = await sonde(args, {
        environment,
        onOutput: (child, text) => {
          if (text.includes(',99')) child.kill('SIGINT')
          if (isTold) return
          isTold = true
          // The head of the table says that the first look is over.
          void run(['write', '99', '--project', 'Home', '--device', 'd', '--variable', 'v'])
        },
      })
      expect(ended.out[0]).toBe('time,device,variable,stream,value')
      expect(ended.out[1]).toMatch(/Z,d,v,s--[0-9a-f-]+,99$/)
      expect({ length: ended.out.length, code: ended.code, err: ended.err }).toEqual({
        length: 2,
        code: 0,
        err: [],
      })
    })

    it.each([
      [['--count', '0'], /--count takes a number from 1 on/],
      [['--interval', '0'], /--interval takes 0\.1 to 3600 seconds/],
    ])('refuses %j', async (args, reason) => {
      const { code, err } = await run(['tail', '--project', 'Home', ...args])
      expect(err[0]).toMatch(reason)
      expect(code).toBe(2)
    })
  })
})
