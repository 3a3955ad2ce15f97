import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../../../../tests/server.fixture.ts'
import { sondeHere } from '../here.fixture.ts'

describe('sonde', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(await temporaryFolder())
  })
  afterAll(() => discardServer(server))

  const run = (args: string[], input = '') =>
    sondeHere(args, { input, environment: { SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token } })
  const json = async (...args: string[]) => {
    const { code, text, err } = await run([...args, '--json'])
    expect({ code, err }).toEqual({ code: 0, err: [] })
    return JSON.parse(text)
  }

  it('makes, lists, shows, changes and deletes what measures', async () => {
    const org = await json('org', 'create', 'Green Farm', '--about', 'two houses')
    expect(org).toMatchObject({ slug: 'green-farm', about: 'two houses' })
    const project = await json('project', 'create', 'House', '--org', 'green-farm')
    const device = await json('device', 'create', 'bed', '--project', project.slug, '--external-id', 'x7')
    expect(device).toMatchObject({ label: 'bed', external_id: 'x7', project: project.id })
    const variable = await json(
      ...['variable', 'create', 'temp', '--project', project.slug, '--units', '°C', '--number', '7'],
      ...['--set', 'multiplication_factor=10'],
    )
    expect(variable).toMatchObject({ name: 'temp', lid: 7, units: '°C', multiplication_factor: 10 })
    const stream = await json('stream', 'create', '--device', device.slug, '--variable', variable.slug)

    const { out } = await run(['variable', 'list', '--project', project.slug])
    expect(out[0]).toMatch(/^slug +name +number +units +about$/)
    expect(out[2]).toMatch(new RegExp(`^${variable.slug} +temp +7 +°C$`))
    expect(await json('device', 'list', '--external-id', 'x7')).toEqual([device])
    expect(await json('device', 'list', '--external-id', 'x8')).toEqual([])
    expect((await run(['stream', 'get', stream.slug])).out).toContainEqual(
      expect.stringMatching(/^enabled +true$/),
    )

    await json('stream', 'update', stream.slug, '--set', 'enabled=false', '--label', 'north')
    expect(await json('stream', 'get', stream.slug)).toMatchObject({ enabled: false, data_label: 'north' })
    expect(await json('org', 'update', 'green-farm', '--name', 'Farm')).toMatchObject({ name: 'Farm' })

    const refused = await run(['device', 'delete', device.slug, '--yes'])
    expect([refused.code, refused.err.length]).toEqual([1, 1])
    for (const [kind, id] of [
      ['stream', stream.slug],
      ['variable', variable.slug],
      ['device', device.slug],
      ['project', project.slug],
      ['org', 'green-farm'],
    ]) {
      expect(await run([kind, 'delete', id, '--yes'])).toMatchObject({ code: 0, out: [`Deleted ${id}`] })
    }
    expect((await json('org', 'list', '--search', 'farm')).length).toBe(0)
  })

  it.each<[string, string[], number, RegExp]>([
    [
      'what is not there',
      ['device', 'get', 'd--ffff'],
      1,
      /^error: There is no device "d--ffff" that you may see; "sonde device list"/,
    ],
    [
      'a change of what is not there',
      ['org', 'update', 'x', '--name', 'y'],
      1,
      /^error: There is no organization "x"/,
    ],
    [
      'a field that is none',
      ['device', 'update', 'd--1', '--set', 'labl=x'],
      1,
      /^error: "labl" is no field to set; these are: active, /,
    ],
    [
      'a field without a value',
      ['device', 'update', 'd--1', '--set', 'label'],
      1,
      /^error: --set label has no value/,
    ],
    [
      'a number that is none',
      ['variable', 'create', 'x', '--project', 'p--1', '--number', 'one'],
      1,
      /"one" is no whole number/,
    ],
    ['no change', ['device', 'update', 'd--1'], 2, /^error: say what to change/],
    [
      'no project',
      ['variable', 'create', 'x'],
      2,
      /^error: required option '--project <slug>' not specified/,
    ],
    [
      'a delete that nobody confirms',
      ['org', 'delete', 'home'],
      1,
      /^error: There is no terminal to ask at; give --yes/,
    ],
    ["the server's own reasons", ['project', 'create', 'x', '--org', 'nowhere'], 1, /^error: .*org/],
  ])('refuses %s', async (_, args, code, reason) => {
    const ended = await run(args)
    expect(ended.err[0]).toMatch(reason)
    expect(ended.code).toBe(code)
  })

  it('makes users, who log in while they are active', async () => {
    const login = async (password: string) => {
      const body = JSON.stringify({ email: 'ana', password })
      return (await server.request('auth/login/', { method: 'POST', body })).status
    }
    const add = ['user', 'add', 'ana', '--email', 'ana@example.org', '--org', 'home', '--role', 'developer']
    expect(await run(add, 'first secret\n')).toMatchObject({ code: 0, out: ['Added ana, developer of home'] })
    const members = (await (await server.request('org/home/members/')).json()).results
    expect(members).toContainEqual(expect.objectContaining({ username: 'ana', role: 'd1' }))
    expect((await run(['user', 'list'])).out.at(-1)).toMatch(/^ana +ana@example\.org +true +false +20/)
    expect(await run(['user', 'set-password', 'ANA@example.org'], 'second secret')).toMatchObject({ code: 0 })
    expect([await login('first secret'), await login('second secret')]).toEqual([401, 200])
    expect((await json('user', 'deactivate', 'ana')).is_active).toBe(false)
    expect(await login('second secret')).toBe(401)
    expect((await run(['user', 'activate', 'ana'])).out).toEqual(['ana may log in'])
    expect(await login('second secret')).toBe(200)
  })

  it.each<[string[], string, RegExp]>([
    [['user', 'activate', 'nobody'], '', /^error: There is no user "nobody"/],
    [
      ['user', 'add', 'bob', '--email', 'bob@example.org', '--org', 'nowhere'],
      'x',
      /^error: There is no organization "nowhere"/,
    ],
    [['user', 'add', 'bob', '--email', 'bob@example.org'], '', /^error: No password was given/],
    [['user', 'add', 'admin', '--email', 'bob@example.org'], 'long enough', /^error: username: /],
  ])('refuses %j', async (args, input, reason) => {
    const { code, err } = await run(args, input)
    expect([code, err.length]).toEqual([1, 1])
    expect(err[0]).toMatch(reason)
  })
})
