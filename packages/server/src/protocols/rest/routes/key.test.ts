import { afterAll, describe, expect, it } from 'vitest'
import { unclaimDevice } from '../../../catalog/devices.ts'
import { sweepTokens } from '../../../catalog/tokens.ts'
import { US_PER_DAY } from '../../../model/time.ts'
import { ADMIN, openRestBench } from '../rest.fixture.ts'

const bench = await openRestBench({}, afterAll)
const garden = await create('project/', { name: 'Garden', org: 'home' })
const pump = await create('device/', { label: 'pump', project: garden.id })
const tap = await create('device/', { label: 'tap', project: garden.id })
await create('variable/', { project: garden.id, lid: 1, name: 'flow' })
const flow = await create('stream/', { variable: `v--${garden.gid}--0001`, device: pump.slug })
const flowOfTap = await create('stream/', { variable: `v--${garden.gid}--0001`, device: tap.slug })
const owner = await bench.user('beth', 'a0')
const developer = await bench.user('summer', 'd1')
const operator = await bench.user('jerry', 'r1')

async function create(path: string, body: object, token: string = ADMIN.token) {
  return (await bench.ask(path, { method: 'POST', body, token })).body
}
/** Asks with a header of its own. */
const as = (authorization: string, path: string, body?: unknown) =>
  bench.ask(path, {
    token: null,
    headers: { authorization },
    ...(body === undefined ? {} : { method: 'POST', body }),
  })
const keyOf = async (slug: string, token = owner) => (await create(`device/${slug}/key/`, {}, token)).key
const point = (stream: { slug: string }, value = 1) => ({
  stream: stream.slug,
  timestamp: '2026-01-01T00:00:00Z',
  value,
})

describe('the key of a device', () => {
  it('is shown once, and listed without its text', async () => {
    const body = { name: 'in the field', expires_on: '2027-01-01T00:00:00Z' }
    const { key, ...shown } = await create(`device/${tap.slug}/key/`, body, owner)
    expect(key).toMatch(/^sonde_/)
    expect(shown).toEqual({
      id: expect.any(String),
      name: 'in the field',
      created_on: '2026-01-01T00:00:00Z',
      expires_on: '2027-01-01T00:00:00Z',
      last_used_on: null,
    })
    const listed = await bench.ask(`device/${tap.slug}/key/`, { token: owner })
    expect(listed.body.results).toEqual([shown])
    expect(listed.text).not.toContain(key)
  })

  it('reads its device and its data, and writes its data', async () => {
    const key = `a-jwt ${await keyOf(pump.slug)}`
    expect((await as(key, 'data/', point(flow, 7))).status).toBe(201)
    expect((await as(key, `device/${pump.slug}/`)).body.label).toBe('pump')
    expect((await as(key, `stream/${flow.slug}/data/`)).body.results).toMatchObject([{ value: 7 }])
    expect((await as(key, `data/?filter=${garden.slug}`)).body.count).toBe(1)
    expect((await as(key, 'device/')).body.results).toMatchObject([{ slug: pump.slug }])
    expect((await as(key, 'stream/')).body.results).toMatchObject([{ slug: flow.slug }])
    expect((await as(key, `query/?filter=${garden.slug}&agg=last`)).body.results).toHaveLength(1)
  })

  it('polls and acknowledges its commands, and reports its values, but neither commands nor desires', async () => {
    const headers = { authorization: `a-jwt ${await keyOf(pump.slug)}` }
    const shadow = `device/${pump.slug}/shadow/`
    const patch = (body: object, path = shadow) =>
      bench.ask(path, { method: 'PATCH', body, token: null, headers })
    await bench.ask(shadow, { method: 'PATCH', body: { desired: { rate: 2 } } })
    const given = await create(`device/${pump.slug}/command/`, { name: 'open' })
    const { authorization } = headers
    expect((await as(authorization, `${shadow}delta/`)).body.delta).toEqual({ rate: 2 })
    expect((await bench.ask(shadow)).body.delivered_on).not.toBeNull()
    expect((await patch({ reported: { rate: 2 } })).body.delta).toEqual({})
    expect((await as(authorization, `device/${pump.slug}/command/next/`)).body.id).toBe(given.id)
    const acknowledge = `device/${pump.slug}/command/${given.id}/ack/`
    expect((await as(authorization, acknowledge, {})).body.state).toBe('acknowledged')

    expect((await patch({ desired: { rate: 3 } })).status).toBe(403)
    expect((await patch({ reported: { rate: 3 } }, `device/${tap.slug}/shadow/`)).status).toBe(404)
    expect((await as(authorization, `device/${pump.slug}/command/`, { name: 'open' })).status).toBe(403)
    expect((await as(authorization, `device/${tap.slug}/command/1/ack/`, {})).status).toBe(404)
    expect((await as(authorization, `device/${tap.slug}/command/next/`)).status).toBe(404)
  })

  it.each([
    [404, 'another device', () => `device/${tap.slug}/`],
    [404, 'data of another device', () => `stream/${flowOfTap.slug}/data/`],
    [403, 'its own keys', () => `device/${pump.slug}/key/`],
    [403, 'projects', () => `project/${garden.slug}/`],
    [403, 'variables', () => 'variable/'],
    [403, 'the organization', () => 'org/home/'],
    [403, 'who made it', () => 'account/'],
    [403, 'tokens', () => 'token/'],
    [403, 'a session', () => 'auth/token/'],
  ])('is answered %i for %s', async (status, _what, path) => {
    expect((await as(`A-JWT ${await keyOf(pump.slug)}`, path())).status).toBe(status)
  })

  it('changes nothing and writes nowhere else', async () => {
    const key = `a-jwt ${await keyOf(pump.slug, ADMIN.token)}`
    expect((await as(key, 'data/', point(flowOfTap))).status).toBe(403)
    expect((await as(key, 'device/', { label: 'mine' })).status).toBe(403)
    const patched = await bench.ask(`device/${pump.slug}/`, {
      method: 'PATCH',
      body: { label: 'mine' },
      token: null,
      headers: { authorization: key },
    })
    expect(patched.status).toBe(403)
  })

  it('is no token, JWT or key of an organization', async () => {
    const key = await keyOf(pump.slug)
    const path = `device/${pump.slug}/`
    for (const scheme of ['Token', 'Bearer', 'jwt', 'Api-Key']) {
      expect((await as(`${scheme} ${key}`, path)).status).toBe(401)
    }
    expect((await as(`a-jwt ${ADMIN.token}`, path)).body).toEqual({ detail: 'Invalid token.' })
  })

  it('ends when it is revoked, at once', async () => {
    const { key, id } = await create(`device/${pump.slug}/key/`, {}, developer)
    const path = `device/${pump.slug}/`
    expect((await as(`a-jwt ${key}`, path)).status).toBe(200)
    const revoke = () => bench.ask(`${path}key/${id}/`, { method: 'DELETE', token: owner })
    expect((await revoke()).status).toBe(204)
    expect((await as(`a-jwt ${key}`, path)).status).toBe(401)
    expect((await revoke()).status).toBe(404)
  })

  it('goes on when who made it has left', async () => {
    const member = await bench.user('morty', 'm1')
    const key = await keyOf(pump.slug, member)
    await bench.ask('org/home/members/morty/', { method: 'DELETE' })
    expect((await as(`a-jwt ${key}`, `device/${pump.slug}/`)).status).toBe(200)
  })

  it('ends when the device is given away, and at its time', async () => {
    const { clock, services } = bench
    const device = await create('device/', { label: 'sold', project: garden.id })
    const key = await keyOf(device.slug)
    const brief = await create(
      `device/${pump.slug}/key/`,
      { expires_on: new Date(clock.nowUs() / 1_000 + 60_000).toISOString() },
      owner,
    )
    await unclaimDevice(services.catalog, device.id)
    clock.advance(US_PER_DAY)
    expect((await as(`a-jwt ${key}`, `device/${device.slug}/`)).status).toBe(401)
    expect((await as(`a-jwt ${brief.key}`, `device/${pump.slug}/`)).status).toBe(401)
    await sweepTokens(services.catalog, clock.nowUs())
  })

  it('needs neither a name nor a body', async () => {
    const made = await bench.ask(`device/${pump.slug}/key/`, { method: 'POST', token: owner })
    expect([made.status, made.body.name]).toEqual([201, ''])
  })

  it('is made by those who may modify the device', async () => {
    const asked = (token: string, slug = pump.slug) =>
      bench.ask(`device/${slug}/key/`, { method: 'POST', body: {}, token })
    expect((await asked(operator)).status).toBe(403)
    const { token } = await create('token/', { name: 'x', scopes: ['read', 'admin'] }, owner)
    expect((await asked(token)).body).toEqual({ detail: 'This token lacks the scope "write".' })
    const loose = await create('device/', { label: 'loose' })
    expect((await asked(ADMIN.token, loose.slug)).body).toEqual([
      'Nobody has claimed this device. Claim it first.',
    ])
  })

  it('is one of a hundred at most', async () => {
    const device = await create('device/', { label: 'much handled', project: garden.id })
    for (let made = 0; made < 100; made++) await keyOf(device.slug)
    const more = await bench.ask(`device/${device.slug}/key/`, { method: 'POST', body: {}, token: owner })
    expect([more.status, more.body]).toEqual([400, ['There are 100 keys already. Revoke one first.']])
  })
})

describe('the key of an organization', () => {
  it('is made, listed and revoked by its managers', async () => {
    const { key, id } = await create('org/home/key/', { name: 'catalogue' }, developer)
    expect((await bench.ask('org/home/key/', { token: owner })).body.results).toMatchObject([{ id }])
    expect((await bench.ask('org/home/key/', { token: operator })).status).toBe(403)
    expect((await bench.ask(`org/home/key/${id}/`, { method: 'DELETE', token: owner })).status).toBe(204)
    expect((await as(`Api-Key ${key}`, 'project/')).status).toBe(401)
  })

  it.each(['org/home/', 'project/', 'device/', 'stream/', 'data/', 'account/', 'auth/token/'])(
    'does not open %s',
    async (path) => {
      const { key } = await create('org/home/key/', {}, owner)
      expect((await as(`Api-Key ${key}`, path)).body).toEqual({
        detail: 'The key of an organization reads sg, dt and vartype.',
      })
    },
  )
})
