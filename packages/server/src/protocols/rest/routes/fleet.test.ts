/** Fleets: who may see and change them, and which devices may be in them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRestBench, type RestBench } from '../rest.fixture.ts'

let bench: RestBench
const tokens: Record<string, string> = {}
const cleanups: (() => Promise<void>)[] = []
beforeAll(async () => {
  bench = await openRestBench({}, (cleanup) => cleanups.unshift(cleanup))
  for (const [name, role] of [
    ['engineer', 'd1'],
    ['owner', 'a0'],
    ['stranger', undefined],
  ] as const) {
    tokens[name] = await bench.user(name, role)
  }
  await post('org/', { name: 'Elsewhere' })
  await post('project/', { name: 'Field', org: 'home', slug: 'p--11' })
  await post('project/', { name: 'Other', org: 'elsewhere', slug: 'p--12' })
  for (const project of ['p--11', 'p--11', 'p--11', 'p--12']) await post('device/', { project })
  await post('fleet/', { name: 'North', org: 'home', description: 'three meters' })
  await post('fleet/', { name: 'Empty', org: 'home', is_network: true })
  await post('fleet/', { name: 'Foreign', org: 'elsewhere' })
  for (const device of ['d--1', 'd--2', 'd--3']) await post('fleet/g--1/register/', { device })
})
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

function post(path: string, body: object, token?: string) {
  return bench.ask(path, { method: 'POST', body, ...(token ? { token } : {}) })
}
const slugs = (reply: { body: any }) => reply.body.results.map((fleet: any) => fleet.slug.slice(-4))

describe('fleet/', () => {
  it('has a number, an organisation and a maker', async () => {
    expect((await bench.ask('fleet/g--1/')).body).toEqual({
      id: 1,
      name: 'North',
      slug: 'g--0000-0000-0001',
      org: 'home',
      description: 'three meters',
      created_on: expect.stringMatching(/Z$/),
      created_by: 'admin',
      is_network: false,
    })
  })

  it.each<[string, string[]]>([
    ['', ['0001', '0002', '0003']],
    ['?org=home', ['0001', '0002']],
    ['?org=elsewhere', ['0003']],
    ['?org=nowhere', []],
    ['?device=d--0002', ['0001']],
    ['?device=d--0000-0000-0000-0004', []],
    ['?is_network=1', ['0002']],
    ['?is_network=false&org=home', ['0001']],
    ['?page_size=1&page=2', ['0002']],
  ])('lists %s', async (query, expected) => {
    expect(slugs(await bench.ask(`fleet/${query}`))).toEqual(expected)
  })

  it('is listed to members, and to staff who ask', async () => {
    expect(slugs(await bench.ask('fleet/', { token: tokens.engineer }))).toEqual(['0001', '0002'])
    expect(slugs(await bench.ask('fleet/?staff=1', { token: tokens.stranger }))).toEqual([])
    expect((await bench.ask('fleet/?device=meter')).status).toBe(400)
  })

  it.each([
    ['GET', 'fleet/g--3/', 404],
    ['GET', 'fleet/g--3/devices/', 404],
    ['GET', 'fleet/g--9/', 404],
    ['GET', 'fleet/north/', 404],
    ['PATCH', 'fleet/g--3/', 404],
    ['DELETE', 'fleet/g--3/', 404],
    ['GET', 'fleet/g--1/', 200],
    ['PATCH', 'fleet/g--1/', 200],
  ] as const)('answers an engineer of another organisation %s %s with %d', async (method, path, status) => {
    const body = method === 'PATCH' ? {} : undefined
    expect((await bench.ask(path, { method, body, token: tokens.engineer })).status).toBe(status)
  })

  it('is for engineers to make and change', async () => {
    const fleet = { name: 'South', org: 'home' }
    expect((await post('fleet/', fleet, tokens.owner)).status).toBe(403)
    expect((await post('fleet/', fleet, tokens.stranger)).body).toEqual({
      org: ['There is no such organization.'],
    })
    expect((await post('fleet/', { ...fleet, slug: 'g--77' }, tokens.engineer)).status).toBe(403)
    const made = await post('fleet/', fleet, tokens.engineer)
    expect([made.status, made.body.created_by]).toEqual([201, 'engineer'])
    const path = `fleet/${made.body.slug}/`
    const change = { method: 'PUT', body: { description: 'new' }, token: tokens.engineer } as const
    expect((await bench.ask(path, change)).body).toMatchObject({ name: 'South', description: 'new' })
    expect((await bench.ask(path, { ...change, token: tokens.owner })).status).toBe(403)
    await post(`${path}register/`, { device: 'd--1' }, tokens.engineer)
    expect((await bench.ask(path, { method: 'DELETE', token: tokens.engineer })).status).toBe(204)
    expect((await bench.ask('device/d--1/')).status).toBe(200)
  })

  it('takes a number that staff choose', async () => {
    const { body } = await post('fleet/', { name: 'Chosen', org: 'home', slug: 'g--ffff-0000-0001' })
    expect(body.slug).toBe('g--ffff-0000-0001')
    expect((await post('fleet/', { name: 'Again', org: 'home', slug: body.slug })).status).toBe(409)
    expect((await bench.ask(`fleet/${body.slug}/`, { method: 'DELETE' })).status).toBe(204)
  })
})

describe('fleet/<slug>/devices/', () => {
  it('pages through what was registered', async () => {
    const { body } = await bench.ask('fleet/g--1/devices/?page_size=2')
    expect([body.count, body.results.length]).toEqual([3, 2])
    expect(body.next).toBe('http://sonde.test/api/v1/fleet/g--1/devices/?page_size=2&page=2')
    expect(body.results[0]).toEqual({
      device: 'd--0000-0000-0000-0001',
      always_on: true,
      is_access_point: false,
    })
  })

  it('registers once, and deregisters once', async () => {
    const body = { device: 'd--0001', always_on: false, is_access_point: true }
    const shown = { ...body, device: 'd--0000-0000-0000-0001' }
    expect(await post('fleet/g--2/register/', body)).toMatchObject({ status: 201, body: shown })
    expect(await post('fleet/g--2/register/', body)).toMatchObject({
      status: 400,
      body: { error: 'Device d--0000-0000-0000-0001 already exists in fleet' },
    })
    expect(await post('fleet/g--2/deregister/', { device: 'd--1' })).toMatchObject({
      status: 202,
      body: shown,
    })
    expect(await post('fleet/g--2/deregister/', { device: 'd--1' })).toMatchObject({
      status: 400,
      body: { error: 'Device d--0000-0000-0000-0001 does not exist in fleet' },
    })
  })

  it.each(['d--4', 'd--99', 'meter'])('refuses %s, which is not of the organisation', async (device) => {
    const { status, body } = await post('fleet/g--1/register/', { device })
    expect([status, Object.keys(body)]).toEqual([400, ['device']])
  })

  it('shows a token of one device no other', async () => {
    const made = await post('token/', { name: 'one', scopes: ['read'], device: 'd--2' })
    const { token } = made.body
    const { body } = await bench.ask('fleet/g--1/devices/', { token })
    expect(body.results.map(({ device }: any) => device)).toEqual(['d--0000-0000-0000-0002'])
    expect(slugs(await bench.ask('fleet/', { token }))).toEqual(['0001'])
  })
})
