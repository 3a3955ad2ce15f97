import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../../../../tests/server.fixture.ts'
import { type Here, sondeHere } from '../here.fixture.ts'
import { sonde } from '../sonde.fixture.ts'

describe('sonde rollout', () => {
  let server: RunningServer
  let project: string
  beforeAll(async () => {
    server = await startServer(await temporaryFolder())
    project = (await create('project/', { name: 'Boards', org: 'home' })).id
    for (const tag of ['1.0', '2.0']) {
      const form = new FormData()
      form.set('json', new Blob(['{}']), '{}')
      form.set('file', new Blob([`program ${tag}`]), `blinker-${tag}.bin`)
      const headers = { authorization: `Token ${ADMIN.token}` }
      const url = `${server.url}/api/v1/packages/blinker/${tag}`
      expect((await fetch(url, { method: 'POST', headers, body: form })).status).toBe(200)
    }
  })
  afterAll(() => discardServer(server))

  const create = async (path: string, body: object) => {
    const reply = await server.request(path, { method: 'POST', body: JSON.stringify(body) })
    expect(reply.status).toBe(201)
    return reply.json()
  }
  const run = (args: string[], more: Here = {}) =>
    sondeHere(['rollout', ...args], {
      environment: { SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token },
      ...more,
    })
  const json = async (...args: string[]) => JSON.parse((await run([...args, '--json'])).text)

  /** A fleet of new devices. */
  async function fleetOf(count: number): Promise<{ fleet: string; slugs: string[] }> {
    const fleet = (await create('fleet/', { name: 'f', org: 'home' })).slug
    const slugs: string[] = []
    for (let i = 0; i < count; i++) {
      const device = (await create('device/', { label: `${fleet} ${i}`, project })).slug
      await create(`fleet/${fleet}/register/`, { device })
      slugs.push(device)
    }
    return { fleet, slugs }
  }

  /** A board asks for an update as the version that it runs. */
  async function ask(slug: string, version: string): Promise<number> {
    const headers = {
      authorization: `Token ${ADMIN.token}`,
      'user-agent': 'ESP8266-http-Update',
      'x-ESP8266-mode': 'sketch',
      'x-ESP8266-version': version,
    }
    const reply = await fetch(`${server.url}/firmware/${slug}`, { headers })
    await reply.arrayBuffer()
    return reply.status
  }

  it('brings a tag to a fleet, stage by stage, and is watched on the way', async () => {
    const { fleet, slugs } = await fleetOf(2)
    const ring = (await create('fleet/', { name: 'ring', org: 'home' })).slug
    await create(`fleet/${ring}/register/`, { device: slugs[0] })
    const made = await run([
      'create',
      'blinker',
      '2.0',
      '--org',
      'home',
      '--fleet',
      fleet,
      '--stages',
      `${ring},100`,
    ])
    expect(made).toMatchObject({ code: 0, err: [] })
    const id = made.out[0].replace('Made the rollout ', '')
    expect(made.out.slice(1)).toEqual([
      `blinker 2.0 for ${fleet}: draft`,
      expect.stringMatching(/^stage 1, g--\S+ +\[ +\] not started$/),
      expect.stringMatching(/^stage 2, 100 % +\[ +\] not started$/),
      expect.stringMatching(/^all +\[ +\] no devices$/),
      `Next: sonde rollout start ${id}`,
    ])
    expect((await run(['start', id])).out[1]).toMatch(/\[·+\] 1 pending$/)

    const watch = ['watch', id, '--interval', '0.1']
    const drawn = Promise.withResolvers<string>()
    const watched = run(watch, { columns: 70, onOutput: drawn.resolve })
    const told = Promise.withResolvers<string>()
    const lines = run(watch, { onOutput: told.resolve })
    expect(await drawn.promise).toMatch(/: running\n/)
    expect(await told.promise).toBe('running, stage 1 of 2: 2 pending\n')
    for (const slug of slugs) expect([await ask(slug, '1.0'), await ask(slug, '2.0')]).toEqual([200, 304])
    const { code, text } = await watched
    expect(code).toBe(0)
    // The last picture is drawn over the one before.
    expect(text).toContain('\u001b[4A\u001b[J')
    expect(text.split('\u001b[J').at(-1)).toMatch(
      /^blinker 2\.0 for \S+: completed\n(.*\n){2}all.*\] 2 succeeded\n$/,
    )
    expect((await lines).out.at(-1)).toBe('completed, stage 2 of 2: 2 succeeded')
    expect((await run(['list', '--fleet', fleet])).out[2]).toMatch(
      new RegExp(`^ *${id} +blinker +2\\.0 +${fleet} +completed +2 succeeded$`),
    )
    expect(await json('get', id)).toMatchObject({ state: 'completed', devices: { succeeded: 2 } })
  })

  it('pauses, goes on, and takes devices back', async () => {
    const { fleet, slugs } = await fleetOf(2)
    const limits = ['--timeout', '2h', '--soak', '1d', '--attempts-max', '4', '--on-failure', 'rollback']
    const more = [...limits, '--failure-percent-max', '50', '--advance-percent', '80', '--attempts-min', '2']
    const { id, ...made } = await json(
      ...['create', 'blinker', '2.0', '--org', 'home', '--fleet', fleet, '--name', 'night', '--start'],
      ...['--rollback-tag', '1.0', '--version-variable', 'program', ...more],
    )
    expect(made).toMatchObject({
      ...{ name: 'night', state: 'running', rollback_tag: '1.0', version_variable: 'program' },
      ...{ timeout_s: 7_200, soak_s: 86_400, attempts_max: 4, attempts_min: 2, on_failure: 'rollback' },
      ...{ failure_percent_max: 50, advance_percent: 80, stages: [{ percent: 100 }] },
    })
    expect((await json('pause', `${id}`)).state).toBe('paused')
    expect(await ask(slugs[0], '1.0')).toBe(304)
    expect((await json('resume', `${id}`)).state).toBe('running')
    expect([await ask(slugs[0], '1.0'), await ask(slugs[0], '2.0')]).toEqual([200, 304])

    const asked = await run(['rollback', `${id}`])
    expect([asked.code, asked.err]).toEqual([1, ['error: There is no terminal to ask at; give --yes']])
    expect((await json('rollback', `${id}`, '--yes')).state).toBe('rolling_back')
    expect([await ask(slugs[0], '2.0'), await ask(slugs[0], '1.0')]).toEqual([200, 304])
    const ended = await run(['watch', `${id}`, '--json'])
    expect(ended.code).toBe(1)
    expect(JSON.parse(ended.out.at(-1) ?? '').state).toBe('rolled_back')
  })

  it('goes on when the watching is interrupted', async () => {
    const { fleet } = await fleetOf(1)
    const { id } = await json('create', 'blinker', '2.0', '--org', 'home', '--fleet', fleet, '--start')
    const { code, err } = await sonde(['rollout', 'watch', `${id}`], {
      environment: { SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token },
      onOutput: (child) => child.kill('SIGINT'),
    })
    expect({ code, err }).toEqual({ code: 130, err: ['Watching ends here; the rollout goes on'] })
    expect((await json('get', `${id}`)).state).toBe('running')
  })

  it('is ended for good', async () => {
    const { fleet } = await fleetOf(1)
    const { id } = await json('create', 'blinker', '2.0', '--org', 'home', '--fleet', fleet, '--start')
    expect((await run(['abort', `${id}`, '--yes'])).out[0]).toBe(`blinker 2.0 for ${fleet}: aborted`)
    expect((await run(['resume', `${id}`])).err).toEqual([expect.stringMatching(/^error: .*aborted/)])
    const states = await json('list', '--state', 'aborted')
    expect(states.map((one: { id: number }) => one.id)).toEqual([id])
  })

  const START = ['create', 'blinker', '2.0', '--org', 'home']
  it.each<[string, string[], number, RegExp]>([
    [
      'an id that is none',
      ['watch', 'seven'],
      1,
      /^error: "seven" is no id of a rollout; "sonde rollout list"/,
    ],
    ['a rollout that is none', ['watch', '999'], 1, /^error: Not found/],
    [
      'a stage that is none',
      [...START, '--stages', '10,many'],
      1,
      /^error: "many" is no stage; write a percentage/,
    ],
    ['stages that shrink', [...START, '--stages', '50,10'], 1, /^error: stages: Each percent is more than/],
    [
      'a duration that is none',
      [...START, '--soak', 'a day'],
      1,
      /^error: --soak takes a duration such as 90s/,
    ],
    [
      'a number that is none',
      [...START, '--attempts-max', 'x'],
      1,
      /^error: --attempts-max takes a whole number/,
    ],
    [
      'a tag that is none',
      ['create', 'blinker', '9', '--org', 'home'],
      1,
      /^error: tag: The package has no such/,
    ],
    ['no organization', ['create', 'blinker', '2.0'], 2, /^error: required option '--org <slug>'/],
    [
      'an interval that is none',
      ['watch', '1', '--interval', '0'],
      2,
      /^error: --interval takes 0\.1 to 3600/,
    ],
  ])('refuses %s', async (_, args, code, reason) => {
    const ended = await run(args)
    expect(ended.err[0]).toMatch(reason)
    expect(ended.code).toBe(code)
  })

  it('tells of a rollout that was made and cannot be started', async () => {
    const fleet = (await create('fleet/', { name: 'empty', org: 'home' })).slug
    const { code, err } = await run([...START, '--fleet', fleet, '--start'])
    expect(err).toEqual([expect.stringMatching(/^error: .* The rollout \d+ was made, and not started$/)])
    expect(code).toBe(1)
  })
})
