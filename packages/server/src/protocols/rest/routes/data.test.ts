import { beforeEach, describe, expect, it } from 'vitest'
import { openRestBench, type RestBench } from '../rest.fixture.ts'

const TIME = '2026-01-31T12:00:00Z'

describe('data/', () => {
  let bench: RestBench
  let stream: string
  let device: string

  beforeEach(async () => {
    bench = await openRestBench()
    const project = await create('project/', { name: 'Garden', org: 'home' })
    const variable = await create('variable/', { project: project.id, name: 'flow', lid: 0x5001 })
    device = (await create('device/', { label: 'pump', project: project.id })).slug
    const gallons = { slug: 'gallons', m: 378541, d: 100000, o: 0 }
    const factors = { mdo_type: 'S', multiplication_factor: 100, division_factor: 1 }
    const record = { variable: variable.slug, device, input_unit: gallons, ...factors }
    stream = (await create('stream/', record)).slug
  })

  async function create(path: string, body: object): Promise<any> {
    const reply = await bench.ask(path, { method: 'POST', body })
    expect([path, reply.status, reply.text]).toEqual([path, 201, reply.text])
    return reply.body
  }

  const post = (body: unknown, token?: string) =>
    bench.ask('data/', { method: 'POST', body, ...(token ? { token } : {}) })
  const stored = async (filter = stream) => (await bench.ask(`data/?filter=${filter}`)).body.results as any[]

  it('takes a raw value through the units of its stream', async () => {
    const { status, body } = await post({ stream, timestamp: TIME, int_value: 5 })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      stream,
      device,
      timestamp: TIME,
      type: 'ITR',
      int_value: 5,
      value: 1892.705,
    })
    expect(await stored()).toEqual([body])
  })

  it('takes an internal value as it is, and a text', async () => {
    await post({ stream, timestamp: TIME, type: 'ITR', value: 12.5 })
    await post({ stream, timestamp: '2026-01-31T13:00:00Z', value: 'valve open' })
    expect((await stored()).map((point) => point.value)).toEqual([12.5, 'valve open'])
    const { results } = (await bench.ask(`stream/${stream}/data/`)).body
    expect(results[1]).toMatchObject({ int_value: null, output_value: null, display_value: 'valve open' })
  })

  it('takes a list and says how many', async () => {
    const points = [1, 2, 3, 4, 5].map((n) => ({
      stream,
      timestamp: `2026-01-31T12:00:0${n}Z`,
      int_value: n,
    }))
    expect(await post(points)).toMatchObject({ status: 201, body: { count: 5 } })
    expect((await stored()).length).toBe(5)
    expect(await post([])).toMatchObject({ status: 201, body: { count: 0 } })
  })

  it('finds the stream by a slug without leading zeros', async () => {
    const [, project, , variable] = stream.split('--')
    const short = `s--${project.slice(-4)}--${device.slice(-4)}--${variable}`
    expect((await post({ stream: short, timestamp: TIME, int_value: 1 })).body.stream).toBe(stream)
  })

  it('takes points of a number that has no record yet, as they are', async () => {
    const bare = stream.replace(/5001$/, '5c00')
    expect((await post({ stream: bare, timestamp: TIME, int_value: 7 })).body).toMatchObject({
      type: 'Num',
      value: 7,
    })
    expect((await bench.ask(`stream/${bare}/`)).status).toBe(404)
    expect((await bench.ask('stream/')).body.count).toBe(1)
  })

  it.each<[name: string, change: object, body: unknown]>([
    ['both values', { value: 1 }, ['Give either int_value or value.']],
    ['no value', { int_value: undefined }, ['Give either int_value or value.']],
    ['no stream', { stream: undefined }, { stream: ['This field is required.'] }],
    ['a bad slug', { stream: 'pump' }, { stream: ['This is no stream slug.'] }],
    ['no time', { timestamp: undefined }, { timestamp: ['This field is required.'] }],
    ['a fraction as raw value', { int_value: 1.5 }, { int_value: ['A valid integer is required.'] }],
    ['the wrong type', { type: 'ITR' }, { type: ['int_value goes with type Num.'] }],
  ])('refuses %s', async (_, change, body) => {
    const reply = await post({ stream, timestamp: TIME, int_value: 5, ...change })
    expect([reply.status, reply.body]).toEqual([400, body])
    expect(await stored()).toEqual([])
  })

  it('refuses what is no time, and says how to write one', async () => {
    const reply = await post({ stream, timestamp: 'noon', int_value: 5 })
    expect([reply.status, reply.body.timestamp[0]]).toEqual([400, expect.stringContaining('ISO 8601')])
  })

  it('stores the good ones of a list and names the bad ones', async () => {
    const reply = await post([
      { stream, timestamp: TIME, int_value: 1 },
      { stream: 'x', timestamp: TIME, int_value: 1 },
      { stream, timestamp: '2026-01-31T12:00:01Z', value: 2 },
    ])
    expect(reply.status).toBe(400)
    expect(reply.body).toEqual({
      count: 2,
      rejected_count: 1,
      rejected: [{ row: 1, reason: 'stream: This is no stream slug.' }],
    })
    expect((await stored()).length).toBe(2)
  })

  it('refuses points of a disabled stream', async () => {
    await bench.ask(`stream/${stream}/`, { method: 'PATCH', body: { enabled: false } })
    const reply = await post({ stream, timestamp: TIME, int_value: 1 })
    expect([reply.status, Object.keys(reply.body)]).toEqual([400, ['stream']])
  })

  it('refuses points of a device that is not in the project, and of a project that is not there', async () => {
    expect(
      (
        await post({
          stream: stream.replace(device.slice(3), '0000-0000-0000-0fff').replace('5001', '5005'),
          timestamp: TIME,
          int_value: 1,
        })
      ).status,
    ).toBe(400)
    expect((await post({ stream: 's--0999--0001--5001', timestamp: TIME, int_value: 1 })).status).toBe(400)
  })

  it('lets every role write, all but the operator read, and nobody else do either', async () => {
    for (const role of ['a0', 'a1', 'm1', 'r1', 'd1', 's0'] as const) {
      const token = await bench.user(`user-${role}`, role)
      expect([role, (await post({ stream, timestamp: TIME, int_value: 1 }, token)).status]).toEqual([
        role,
        201,
      ])
      const { status, body } = await bench.ask(`data/?filter=${stream}`, { token })
      expect([role, status, body.count]).toEqual([role, 200, role === 'r1' ? 0 : 1])
      expect([role, (await bench.ask(`stream/${stream}/data/`, { token })).status]).toEqual([
        role,
        role === 'r1' ? 403 : 200,
      ])
    }
    const stranger = await bench.user('stranger')
    expect((await post({ stream, timestamp: TIME, int_value: 1 }, stranger)).status).toBe(403)
    expect((await bench.ask('data/', { token: null })).status).toBe(401)
  })

  it('refuses a list over the limit whole', async () => {
    const small = await openRestBench({ limits: { batchRowsMax: 2 } })
    const reply = await small.ask('data/', { method: 'POST', body: [{}, {}, {}] })
    expect(reply.status).toBe(413)
  })

  it('deletes a range, tells how many points it had, and leaves a trace', async () => {
    await post([1, 2, 3].map((n) => ({ stream, timestamp: `2026-01-31T12:00:0${n}Z`, int_value: n })))
    const path = `stream/${stream}/data/?start=2026-01-31T12:00:02Z`
    const member = await bench.user('member', 'm1')
    expect((await bench.ask(path, { method: 'DELETE', token: member })).status).toBe(403)
    expect(await bench.ask(path, { method: 'DELETE' })).toMatchObject({ status: 200, body: { count: 2 } })
    expect((await stored()).map((point) => point.int_value)).toEqual([1])
    const trace = await bench.services.catalog.selectFrom('audit').selectAll().executeTakeFirstOrThrow()
    expect(trace).toMatchObject({
      action: 'delete',
      target: stream,
      detail: expect.stringContaining('2 points'),
    })
  })
})

describe('devices, variables and streams', () => {
  it('keeps to the rights of each role', async () => {
    const bench = await openRestBench()
    const project = (await bench.ask('project/', { method: 'POST', body: { name: 'Garden', org: 'home' } }))
      .body
    const variable = (
      await bench.ask('variable/', { method: 'POST', body: { project: project.id, name: 'flow' } })
    ).body
    const device = (await bench.ask('device/', { method: 'POST', body: { project: project.id } })).body
    const expected = {
      a0: { variable: 201, stream: 403, device: 200, delete: 403, create: 403 },
      a1: { variable: 201, stream: 403, device: 200, delete: 403, create: 403 },
      m1: { variable: 403, stream: 403, device: 200, delete: 403, create: 403 },
      r1: { variable: 403, stream: 403, device: 403, delete: 403, create: 403 },
      d1: { variable: 201, stream: 201, device: 200, delete: 403, create: 403 },
      s0: { variable: 403, stream: 409, device: 200, delete: 403, create: 403 },
    } as const
    for (const [role, wanted] of Object.entries(expected)) {
      const token = await bench.user(`role-${role}`, role as keyof typeof expected)
      const status = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, body: object = {}) =>
        (await bench.ask(path, { method, body, token })).status
      expect([
        role,
        {
          variable: await status('POST', 'variable/', { project: project.id, name: `of ${role}` }),
          stream: await status('POST', 'stream/', { variable: variable.slug, device: device.slug }),
          device: await status('PATCH', `device/${device.slug}/`, { label: `by ${role}` }),
          delete: await status('DELETE', `device/${device.slug}/`),
          create: await status('POST', 'device/', { label: 'x' }),
        },
      ]).toEqual([role, wanted])
      expect(await status('DELETE', `variable/${variable.slug}/`)).toBe(400)
    }
  })

  it('deletes a stream with its points, for staff', async () => {
    const bench = await openRestBench()
    const project = (await bench.ask('project/', { method: 'POST', body: { name: 'Garden', org: 'home' } }))
      .body
    const variable = (
      await bench.ask('variable/', { method: 'POST', body: { project: project.id, name: 'flow' } })
    ).body
    const { slug } = (await bench.ask('stream/', { method: 'POST', body: { variable: variable.slug } })).body
    await bench.ask('data/', { method: 'POST', body: { stream: slug, timestamp: TIME, int_value: 1 } })
    expect((await bench.store.stats()).pointCount).toBe(1)
    expect((await bench.ask(`stream/${slug}/`, { method: 'DELETE' })).status).toBe(204)
    expect((await bench.store.stats()).pointCount).toBe(0)
    expect((await bench.ask(`stream/${slug}/`)).status).toBe(404)
    expect((await bench.ask(`variable/${variable.slug}/`, { method: 'DELETE' })).status).toBe(204)
  })

  it('refuses factors of zero and units without sense', async () => {
    const bench = await openRestBench()
    const project = (await bench.ask('project/', { method: 'POST', body: { name: 'Garden', org: 'home' } }))
      .body
    const make = async (more: object) =>
      bench.ask('variable/', { method: 'POST', body: { project: project.id, name: 'flow', ...more } })
    expect((await make({ division_factor: 0 })).body).toEqual({
      division_factor: ['A factor is a whole number other than zero.'],
    })
    expect((await make({ input_unit: { m: 1, d: 0 } })).status).toBe(400)
    expect((await make({ name: undefined })).body).toEqual({ name: ['This field is required.'] })
    expect((await make({ lid: 70_000 })).status).toBe(400)
  })
})

describe('other methods', () => {
  it.each<['GET' | 'POST' | 'PUT' | 'DELETE', string, string]>([
    ['PUT', 'device/', 'GET, HEAD, POST'],
    ['DELETE', 'auth/login/', 'POST'],
    ['PUT', 'account/', 'POST, GET, HEAD'],
    ['POST', 'query/', 'GET, HEAD'],
  ])('are refused: %s %s', async (method, path, allow) => {
    const bench = await openRestBench()
    const { status, body, headers } = await bench.ask(path, { method })
    expect([status, body]).toEqual([405, { detail: `Method "${method}" not allowed.` }])
    expect(String(headers.allow).split(', ').sort()).toEqual(allow.split(', ').sort())
  })

  it('does not confuse them with addresses that are not there', async () => {
    const bench = await openRestBench()
    expect((await bench.ask('nothing/')).status).toBe(404)
  })
})
