import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../../../../tests/server.fixture.ts'
import { sondeHere } from '../here.fixture.ts'
import { type BreakingProxy, openBreakingProxy } from '../packages/breaking-proxy.fixture.ts'
import { sonde } from '../sonde.fixture.ts'

const FIRMWARE = randomBytes(300_000)
const SHA256 = createHash('sha256').update(FIRMWARE).digest('hex')

describe('sonde package', () => {
  let server: RunningServer
  let proxy: BreakingProxy
  let folder: string
  beforeAll(async () => {
    server = await startServer(await temporaryFolder(), { SONDE_PACKAGES_FILE_MAX_MB: '1' })
    proxy = await openBreakingProxy(server.url)
    folder = await mkdtemp(join(tmpdir(), 'sonde-cli-'))
    await writeFile(join(folder, 'sensor.bin'), FIRMWARE)
    await writeFile(join(folder, 'notes.txt'), 'what is new')
  })
  afterAll(async () => {
    await proxy.close()
    await discardServer(server)
    await rm(folder, { recursive: true })
  })
  beforeEach(() => {
    Object.assign(proxy, { bytesMax: Number.POSITIVE_INFINITY, spoiltByte: undefined, onStall: undefined })
    proxy.ranges.length = 0
  })

  const run = (args: string[], { url = server.url } = {}) =>
    sondeHere(['package', ...args], { environment: { SONDE_URL: url, SONDE_TOKEN: ADMIN.token } })
  const json = async (...args: string[]) => JSON.parse((await run([...args, '--json'])).text)
  const at = (name: string) => join(folder, name)

  it('pushes files, lists them, and pulls them again', async () => {
    const pushed = await run(['push', 'sensor', '1.0', at('sensor.bin'), at('notes.txt')])
    expect(pushed).toMatchObject({ code: 0, err: [] })
    expect(pushed.out.slice(0, 2)).toEqual(['Pushed sensor 1.0', `${SHA256}  sensor.bin  293 KiB`])
    expect((await run(['list'])).out.slice(2)).toEqual([expect.stringMatching(/^sensor +1$/)])
    expect(await json('list', 'sensor', '--search', '1.')).toEqual([{ id: 1, tag: '1.0' }])
    expect((await run(['list', 'sensor', '1.0'])).out[2]).toMatch(
      new RegExp(`^sensor\\.bin +300000 +${SHA256}$`),
    )

    const output = at('pulled')
    expect((await run(['pull', 'sensor', '1.0', '--output', output])).out).toEqual([
      `${SHA256}  ${join(output, 'sensor.bin')}`,
      expect.stringContaining(join(output, 'notes.txt')),
    ])
    expect((await readFile(join(output, 'sensor.bin'))).equals(FIRMWARE)).toBe(true)
    expect((await readdir(output)).sort()).toEqual(['notes.txt', 'sensor.bin'])
    const again = await run(['pull', 'sensor', '1.0', '--output', output])
    expect(again.out[0]).toBe(`${SHA256}  ${join(output, 'sensor.bin')}  (was there)`)
  })

  it('replaces a tag when it is told to, and only then', async () => {
    const push = (...more: string[]) => run(['push', 'clock', 'a b', at('notes.txt'), ...more])
    expect((await push()).code).toBe(0)
    const taken =
      'error: filename exists for package; give the file another one with --name, such as sensor-1.1.bin, or replace the tag with --replace'
    expect(await push()).toMatchObject({ code: 1, err: [taken] })
    expect((await push('--name', 'other.txt')).err).toEqual([
      'error: tag is already in use for package; replace its files with --replace, or choose another tag',
    ])
    expect((await push('--replace')).out[0]).toBe('Replaced clock a b')
    const one = ['pull', 'clock', 'a b', '--output', at('one.txt')]
    expect((await run(one)).code).toBe(0)
    expect(await readFile(at('one.txt'), 'utf8')).toBe('what is new')
  })

  it('goes on with a download that broke off, as often as it takes', async () => {
    await run(['push', 'long', '1', at('sensor.bin')])
    proxy.bytesMax = 130_000
    const { code, err } = await run(['pull', 'long', '1', '--output', at('long.bin')], { url: proxy.url })
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect((await readFile(at('long.bin'))).equals(FIRMWARE)).toBe(true)
    expect(proxy.ranges.length).toBeGreaterThan(2)
    expect(proxy.ranges.slice(1).every((range) => /^bytes=\d+-$/.test(range ?? ''))).toBe(true)
  })

  it('goes on where an earlier command ended', async () => {
    await run(['push', 'early', '1', at('sensor.bin')])
    await writeFile(at(`early.bin.${SHA256.slice(0, 8)}.part`), FIRMWARE.subarray(0, 1_000))
    await run(['pull', 'early', '1', '--output', at('early.bin')], { url: proxy.url })
    expect(proxy.ranges).toEqual(['bytes=1000-'])
    expect((await readFile(at('early.bin'))).equals(FIRMWARE)).toBe(true)
  })

  it('leaves no file under its name after Ctrl-C', async () => {
    await run(['push', 'left', '1', at('sensor.bin'), '--name', 'left-1.bin'])
    const stalled = Promise.withResolvers<void>()
    Object.assign(proxy, { bytesMax: 1_000, onStall: stalled.resolve })
    const output = at('left')
    const { code, err } = await sonde(['package', 'pull', 'left', '1', '--output', `${output}/`], {
      environment: { SONDE_URL: proxy.url, SONDE_TOKEN: ADMIN.token },
      onStart: (child) => void stalled.promise.then(() => child.kill('SIGINT')),
    })
    expect(err).toEqual(['Program stopped; what came by then is kept, and another pull goes on there'])
    expect(code).toBe(130)
    expect(await readdir(output)).toEqual([`left-1.bin.${SHA256.slice(0, 8)}.part`])
  })

  it('lets no file appear whose SHA-256 is wrong', async () => {
    await run(['push', 'spoilt', '1', at('sensor.bin')])
    proxy.spoiltByte = 7
    const pulled = await run(['pull', 'spoilt', '1', '--output', at('spoilt.bin')], { url: proxy.url })
    expect(pulled).toMatchObject({ code: 1, err: [expect.stringMatching(/sensor\.bin has not the SHA-256/)] })
    expect((await readdir(folder)).filter((name) => name.startsWith('spoilt'))).toEqual([])
  })

  it.each<[string, string[], RegExp]>([
    ['a file that is none', ['push', 'x', '1', 'nothing.bin'], /^error: There is no file nothing\.bin$/],
    ['a folder', ['push', 'x', '1', '/tmp'], /^error: \/tmp is no file$/],
    ['a name that leads elsewhere', ['list', '..'], /^error: "\.\." cannot be a name/],
    ['a package that is none', ['pull', 'nowhere', '1'], /^error: could not locate package/],
    [
      'a file that the tag lacks',
      ['pull', 'sensor', '1.0', '--file', 'x.bin'],
      /^error: sensor 1\.0 has no file "x\.bin"; it has sensor\.bin, notes\.txt$/,
    ],
  ])('refuses %s', async (_, args, reason) => {
    const { code, err } = await run(args)
    expect(err).toEqual([expect.stringMatching(reason)])
    expect(code).toBe(1)
  })

  it('says why the server takes no more, in the middle of a file', async () => {
    await writeFile(at('large.bin'), Buffer.alloc(3 * 1024 * 1024))
    const { code, err } = await run(['push', 'large', '1', at('large.bin')])
    expect(err).toEqual(['error: file is too large; the limit is 1048576 bytes'])
    expect(code).toBe(1)
    expect((await run(['list', 'large'])).code).toBe(1)
  })
})
