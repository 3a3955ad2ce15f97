import { afterAll, describe, expect, it } from 'vitest'
import { US_PER_DAY } from '../../../model/time.ts'
import { ADMIN, openRestBench } from '../rest.fixture.ts'

const bench = await openRestBench({}, afterAll)
const garden = await create('project/', { name: 'Garden', org: 'home' })
const cellar = await create('project/', { name: 'Cellar', org: 'home' })
const pump = await create('device/', { label: 'pump', project: garden.id })
const owner = await bench.user('beth', 'a0')

async function create(path: string, body: object) {
  return (await bench.ask(path, { method: 'POST', body })).body
}
const make = (body: object, token: string = ADMIN.token) =>
  bench.ask('token/', { method: 'POST', body, token })
const remove = (id: string, token: string = ADMIN.token) =>
  bench.ask(`token/${id}/`, { method: 'DELETE', token })

describe('POST token/', () => {
  it('shows a token once', async () => {
    const body = { name: 'dashboard', scopes: ['write', 'read'], expires_on: '2026-02-01T00:00:00+01:00' }
    const made = await make(body)
    expect(made.status).toBe(201)
    const { token, ...shown } = made.body
    expect(token).toMatch(/^sonde_/)
    expect(shown).toEqual({
      id: expect.any(String),
      name: 'dashboard',
      scopes: ['read', 'write'],
      org: null,
      project: null,
      device: null,
      created_on: '2026-01-01T00:00:00Z',
      expires_on: '2026-01-31T23:00:00Z',
      last_used_on: null,
    })
    const one = await bench.ask(`token/${shown.id}/`)
    const all = await bench.ask('token/')
    expect([one.status, one.body, all.body.results]).toEqual([200, shown, expect.arrayContaining([shown])])
    expect(one.text + all.text).not.toContain(token)
  })

  it('makes one that can do what its scopes say', async () => {
    const { token } = (await make({ name: 'reader', scopes: ['read'] })).body
    expect((await bench.ask('org/', { token })).body.count).toBe(1)
    const refused = await bench.ask('org/home/', { method: 'PATCH', body: { about: 'x' }, token })
    expect([refused.status, refused.body]).toEqual([403, { detail: 'This token lacks the scope "admin".' }])
  })

  it('makes one for an organization, a project or a device', async () => {
    const scopes = ['read']
    const limited = async (limit: object) => (await make({ name: 'limited', scopes, ...limit })).body
    const count = async (path: string, token: string) => (await bench.ask(path, { token })).body.count

    const ofOrg = await limited({ org: 'home' })
    expect(ofOrg).toMatchObject({ org: 'home', project: null, device: null })
    expect(await count('project/', ofOrg.token)).toBe(2)
    const ofProject = await limited({ project: garden.id, org: null })
    expect(ofProject).toMatchObject({ org: null, project: garden.slug, device: null })
    expect(await count('project/', ofProject.token)).toBe(1)
    expect((await bench.ask(`project/${cellar.slug}/`, { token: ofProject.token })).status).toBe(403)
    const ofDevice = await limited({ device: pump.slug })
    expect(ofDevice).toMatchObject({ org: null, project: null, device: pump.slug })
    expect((await bench.ask('account/rick/', { token: ofDevice.token })).status).toBe(404)
    expect((await bench.ask('org/home/members/', { token: ofDevice.token })).status).toBe(403)
    expect((await bench.ask('org/home/extra/', { token: ofDevice.token })).body.counts).toMatchObject({
      projects: 1,
      members: 2,
      devices: 1,
    })
  })

  it.each<[what: string, body: object, reply: object]>([
    ['no name', { name: undefined }, { name: ['This field is required.'] }],
    ['no scopes', { scopes: undefined }, { scopes: ['This field is required.'] }],
    ['an unknown organization', { org: 'nowhere' }, { org: ['There is no such org.'] }],
    ['the organization of others', { org: 'rick-org' }, { org: ['There is no such org.'] }],
    ['an empty organization', { org: '' }, { org: ['There is no such org.'] }],
    ['an unknown project', { project: 'p--0999' }, { project: ['There is no such project.'] }],
    ['an unknown device', { device: 'd--0999' }, { device: ['There is no such device.'] }],
    ['no device', { device: 'pump' }, { device: ['There is no such device.'] }],
    [
      'two limits',
      { org: 'home', device: 'd--0001' },
      { org: ['A token is limited to one organization, project or device.'] },
    ],
    ['no time', { expires_on: 'tomorrow' }, { expires_on: ['Enter a valid date/time.'] }],
    [
      'a time that has passed',
      { expires_on: '2025-12-31' },
      { expires_on: ['A token must expire in the future.'] },
    ],
  ])('refuses %s', async (_, change, reply) => {
    const { status, body } = await make({ name: 'n', scopes: ['read'], ...change }, owner)
    expect([status, body]).toEqual([400, reply])
    expect((await bench.ask('token/', { token: owner })).body.count).toBe(0)
  })

  it.each([[[]], [['read', 'root']]])('refuses the scopes %j', async (scopes) => {
    const { status, body } = await make({ name: 'n', scopes })
    expect([status, Object.keys(body)]).toEqual([400, ['scopes']])
  })

  it('gives a token no more than its maker has', async () => {
    const forGarden = { name: 'garden', scopes: ['read', 'admin'], project: garden.slug }
    const { token } = (await make(forGarden)).body
    expect((await make({ ...forGarden, scopes: ['read'] }, token)).status).toBe(201)
    expect((await make({ ...forGarden, scopes: ['write'] }, token)).status).toBe(403)
    expect((await make({ ...forGarden, scopes: ['read'], project: null }, token)).status).toBe(403)
    const other = await make({ ...forGarden, scopes: ['read'], project: cellar.slug }, token)
    expect([other.status, other.body]).toEqual([400, { project: ['There is no such project.'] }])
    expect((await bench.ask('token/', { token })).status).toBe(403)
  })

  it('makes one that ends with its time', async () => {
    const { token } = (await make({ name: 'n', scopes: ['read'], expires_on: '2026-02-01' })).body
    expect((await bench.ask('org/', { token })).status).toBe(200)
    bench.clock.advance(31 * US_PER_DAY)
    expect((await bench.ask('org/', { token })).status).toBe(401)
  })
})

describe('DELETE token/<id>/', () => {
  it('ends a token at once', async () => {
    const { id, token } = (await make({ name: 'n', scopes: ['read'] })).body
    expect((await bench.ask('org/', { token })).status).toBe(200)
    const reply = await remove(id)
    expect([reply.status, reply.text]).toEqual([204, ''])
    expect((await bench.ask('org/', { token })).status).toBe(401)
    expect((await remove(id)).status).toBe(404)
    expect((await bench.ask(`token/${id}/`)).status).toBe(404)
  })

  it('reaches only tokens of the caller, and no login', async () => {
    const morty = await bench.user('morty')
    const { id } = (await make({ name: 'n', scopes: ['read'] })).body
    expect((await remove(id, morty)).status).toBe(404)
    expect((await bench.ask('token/', { token: morty })).body.count).toBe(0)
    expect((await bench.ask(`token/${id}/`)).status).toBe(200)
  })
})
