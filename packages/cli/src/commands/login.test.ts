import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  temporaryFolder as serverFolder,
  startServer,
} from '../../../../tests/server.fixture.ts'
import { sondeHere } from '../here.fixture.ts'
import { temporaryFolder } from '../sonde.fixture.ts'

describe('sonde login', () => {
  let server: RunningServer
  let home: string
  beforeAll(async () => {
    server = await startServer(await serverFolder())
  })
  afterAll(() => discardServer(server))
  beforeEach(async () => {
    home = await temporaryFolder()
  })

  const run = (args: string[], input = '', environment: Record<string, string> = {}) =>
    sondeHere(args, { input, environment: { HOME: home, ...environment } })
  const login = (password = ADMIN.password) =>
    run(['login', `${server.url}/`, '--user', 'admin'], `${password}\n`)
  const path = () => join(home, '.config/sonde/login.json')

  it('keeps the address and a key where nobody else can read them', async () => {
    expect(await login()).toMatchObject({ code: 0, out: [`Logged in to ${server.url} as admin`], err: [] })
    const kept = JSON.parse(await readFile(path(), 'utf8'))
    expect(kept).toEqual({ url: server.url, username: 'admin', token: expect.stringMatching(/^.{20,}$/) })
    expect((await stat(path())).mode & 0o777).toBe(0o600)
    expect((await stat(join(path(), '..'))).mode & 0o777).toBe(0o700)
  })

  it('is what the commands after it go by, until the logout', async () => {
    await login()
    expect((await run(['whoami'])).out).toEqual([`admin (admin@localhost), staff, at ${server.url}`])
    const { token } = JSON.parse(await readFile(path(), 'utf8'))
    expect(await run(['logout'])).toMatchObject({ code: 0, out: [`Logged out of ${server.url}`], err: [] })
    expect(
      (await fetch(`${server.url}/api/v1/account/`, { headers: { authorization: `token ${token}` } })).status,
    ).toBe(401)
    expect((await run(['logout'])).err).toEqual(['error: Nobody is logged in; "sonde login" does that'])
  })

  it('gives way to an address of the environment, whose token it lends where they are the same', async () => {
    await login()
    const same = await run(['whoami', '--json'], '', { SONDE_URL: `${server.url}/` })
    expect(JSON.parse(same.text)).toMatchObject({ url: server.url, username: 'admin' })
    expect((await run(['whoami'], '', { SONDE_URL: 'http://127.0.0.1:1' })).err[0]).toMatch(
      /^error: A token is needed for http:\/\/127\.0\.0\.1:1\. Run "sonde login http/,
    )
  })

  it('gives way to a data folder of the environment', async () => {
    await login()
    const folder = await temporaryFolder()
    expect((await run(['whoami'], '', { SONDE_DATA_DIR: folder })).err[0]).toMatch(
      /^error: No Sonde runs here/,
    )
    expect((await run(['whoami'], '', { SONDE_DATA_DIR: server.folder })).code).toBe(0)
  })

  it('keeps an API token', async () => {
    const done = await run(['login', server.url, '--token', ADMIN.token, '--json'])
    expect(JSON.parse(done.text)).toEqual({ url: server.url, username: 'admin', path: path() })
    expect((await run(['token', 'list'])).code).toBe(0)
    expect((await run(['logout'])).err).toEqual([])
    expect((await run(['login', server.url, '--token', ADMIN.token])).code).toBe(0)
  })

  it('ends the session that it takes the place of', async () => {
    await login()
    const { token } = JSON.parse(await readFile(path(), 'utf8'))
    await login()
    const headers = { authorization: `token ${token}` }
    expect((await fetch(`${server.url}/api/v1/account/`, { headers })).status).toBe(401)
    expect((await run(['whoami'])).code).toBe(0)
  })

  it('prefers the folder that XDG_CONFIG_HOME names', async () => {
    const environment = { XDG_CONFIG_HOME: join(home, 'settings') }
    await run(['login', server.url, '--token', ADMIN.token], '', environment)
    expect(JSON.parse(await readFile(join(home, 'settings/sonde/login.json'), 'utf8')).url).toBe(server.url)
  })

  it.each<[string, string[], string, Record<string, string>, RegExp]>([
    ['a wrong password', ['--user', 'admin'], 'wrong\n', {}, /does not accept this user and password/],
    ['no password', ['--user', 'admin'], '', {}, /No password was given\. Type one, or/],
    ['no user', [], 'x\n', {}, /There is no terminal to ask at; give --user/],
    ['a wrong token', ['--token', 'x'], '', {}, /does not accept the token|not recognized/],
    ['no home', ['--token', ADMIN.token], '', { HOME: '' }, /no place to keep the login: set HOME/],
  ])('refuses %s', async (_, args, input, environment, reason) => {
    const { code, err } = await run(['login', server.url, ...args], input, environment)
    expect([code, err.length]).toEqual([1, 1])
    expect(err[0]).toMatch(reason)
  })

  it('refuses a password in the address, without repeating it', async () => {
    const { err } = await run(['login', 'http://ana:secret@127.0.0.1:1'])
    expect(err).toEqual(['error: Leave user and password out of the address; "sonde login" asks for them'])
  })

  it('says that a login is over, and what to do', async () => {
    await login()
    const kept = JSON.parse(await readFile(path(), 'utf8'))
    await writeFile(path(), JSON.stringify({ ...kept, token: 'ended' }))
    expect((await run(['token', 'list'])).err[0]).toMatch(
      /does not accept the login: .* Log in again with "sonde login"$/,
    )
    expect((await run(['logout'])).err[0]).toMatch(/did not end the session/)
  })

  it('says what is wrong with its file', async () => {
    await mkdir(join(path(), '..'), { recursive: true })
    await writeFile(path(), '{"url": 1}')
    expect((await run(['whoami'])).err[0]).toMatch(
      /login\.json is not what "sonde login" writes\. Run that again/,
    )
  })
})
