import { afterAll, describe, expect, it } from 'vitest'
import { ROLES } from '../../../catalog/members.ts'
import { ADMIN, openRestBench } from '../rest.fixture.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const bench = await openRestBench({}, afterAll)
const stranger = await bench.user('stranger')

const send = (method: Method, path: string, body?: object, token: string = ADMIN.token) =>
  bench.ask(path, { method, token, ...(body === undefined ? {} : { body }) })
const names = (list: { results: { name: string }[] }) => list.results.map(({ name }) => name)

describe('org/', () => {
  it('is made, changed and read', async () => {
    const token = await bench.user('summer')
    const made = await send('POST', 'org/', { name: 'My new Org' }, token)
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      id: expect.any(String),
      name: 'My new Org',
      slug: 'my-new-org',
      ot: null,
      about: '',
      created_on: '2026-01-01T00:00:00Z',
      created_by: 'summer',
      avatar: { tiny: null, thumbnail: null },
      domain_names: [],
    })
    const put = await send('PUT', 'org/my-new-org/', { about: 'x' }, token)
    expect([put.status, put.body]).toEqual([200, { ...made.body, about: 'x' }])
    const patch = { name: 'Renamed', ot: 'club', slug: 'other', id: 'other', created_by: 1, nonsense: {} }
    const patched = await send('PATCH', 'org/my-new-org/', patch, token)
    expect([patched.status, patched.body]).toEqual([200, { ...put.body, name: 'Renamed', ot: 'club' }])
    const read = await send('GET', 'org/MY-new-org', undefined, token)
    expect([read.status, read.body]).toEqual([200, patched.body])
  })

  it('takes no name twice', async () => {
    await send('POST', 'org/', { name: 'Bird People' })
    const again = await send('POST', 'org/', { name: 'bird  PEOPLE' }, stranger)
    const reason = 'Organization with this Name produces duplicate slug.'
    expect([again.status, again.body]).toEqual([400, [reason]])
  })

  it.each<[what: string, body: object | undefined, reply: object]>([
    ['no name', {}, { name: ['This field is required.'] }],
    ['an empty name', { name: '' }, { name: ['This value must NOT have fewer than 1 characters.'] }],
    ['a name without letters', { name: '--' }, { name: ['Organization name needs a letter or a digit.'] }],
    ['a number as its name', { name: 7 }, { name: ['This value must be string.'] }],
    ['no body', undefined, { non_field_errors: ['This value must be object.'] }],
  ])('refuses %s', async (_, body, reply) => {
    const refused = await send('POST', 'org/', body)
    expect([refused.status, refused.body]).toEqual([400, reply])
  })

  it('is listed for its members, and for staff who ask', async () => {
    const bench = await openRestBench()
    const morty = await bench.user('morty')
    await bench.ask('org/', { method: 'POST', body: { name: 'Council' }, token: morty })
    const list = async (query: string, token: string = ADMIN.token) =>
      names((await bench.ask(`org/${query}`, { token })).body)
    expect(await list('', morty)).toEqual(['Council'])
    expect(await list('?staff=1', morty)).toEqual(['Council'])
    expect(await list('')).toEqual(['Home'])
    expect(await list('?staff=1')).toEqual(['Council', 'Home', 'rick org'])
    expect(await list('?staff=1&search=COUN')).toEqual(['Council'])
    expect(await list('?search=COUN')).toEqual([])
    expect((await bench.ask('org/council/')).status).toBe(200)
  })

  it.each(['GET', 'PATCH', 'DELETE'] as const)('hides from strangers who %s it', async (method) => {
    const body = method === 'PATCH' ? { about: 'x' } : undefined
    for (const slug of ['home', 'nowhere']) {
      const reply = await send(method, `org/${slug}/`, body, stranger)
      expect([reply.status, reply.body]).toEqual([404, { detail: 'Not found.' }])
    }
    for (const below of ['projects', 'devices', 'extra', 'members', 'membership']) {
      expect((await send('GET', `org/home/${below}/`, undefined, stranger)).status).toBe(404)
    }
  })

  it.each(ROLES)('is seen by a member with the role %s, and changed by those in charge', async (role) => {
    const token = await bench.user(`member-${role}`, role)
    for (const below of ['', 'projects/', 'devices/', 'extra/', 'members/', 'membership/']) {
      expect((await send('GET', `org/home/${below}`, undefined, token)).status).toBe(200)
    }
    const isInCharge = ['a0', 'a1', 'd1'].includes(role)
    const reply = await send('PATCH', 'org/home/', { about: 'x' }, token)
    expect([reply.status, reply.body.detail]).toEqual(
      isInCharge ? [200, undefined] : [403, 'You do not have permission to perform this action.'],
    )
  })

  it('is deleted by staff only, and only when it is empty', async () => {
    const token = await bench.user('jerry')
    await send('POST', 'org/', { name: 'Jerryboree' }, token)
    const refused = await send('DELETE', 'org/jerryboree/', undefined, token)
    expect([refused.status, refused.body]).toEqual([403, { error: 'Restricted Access. Contact Arch' }])
    const { slug } = (await send('POST', 'project/', { name: 'x', org: 'jerryboree' }, token)).body
    const full = await send('DELETE', 'org/jerryboree/')
    const detail = 'The organization still has projects or devices.'
    expect([full.status, full.body]).toEqual([409, { detail }])
    await send('DELETE', `project/${slug}/`)
    const gone = await send('DELETE', 'org/jerryboree/')
    expect([gone.status, gone.text]).toEqual([204, ''])
    expect((await send('GET', 'org/jerryboree/')).status).toBe(404)
  })
})

describe('org/<slug>/…', () => {
  it('lists its projects by name, in pages', async () => {
    await send('POST', 'org/', { name: 'Pages' })
    for (const name of ['Orchard', 'Cellar', 'Garden']) await send('POST', 'project/', { name, org: 'pages' })
    const url = 'http://sonde.test/api/v1/org/pages/projects/?page_size=2'
    const first = (await send('GET', 'org/pages/projects/?page_size=2')).body
    expect(first).toMatchObject({ count: 3, next: `${url}&page=2`, previous: null })
    expect(names(first)).toEqual(['Cellar', 'Garden'])
    const second = (await send('GET', 'org/pages/projects/?page_size=2&page=2')).body
    expect(second).toMatchObject({ count: 3, next: null, previous: url })
    expect(names(second)).toEqual(['Orchard'])
    const beyond = await send('GET', 'org/pages/projects/?page_size=2&page=3')
    expect([beyond.status, beyond.body]).toEqual([404, { detail: 'Invalid page.' }])
  })

  it('lists its devices, inactive ones when asked for', async () => {
    await send('POST', 'org/', { name: 'Devices' })
    const { id: project } = (await send('POST', 'project/', { name: 'Garden', org: 'devices' })).body
    for (const label of ['pump', 'valve']) await send('POST', 'device/', { label, project })
    await send('POST', 'device/', { label: 'spare' })
    await send('POST', 'device/', { label: 'old', project, active: false })
    const labels = async (query: string) => {
      const { results } = (await send('GET', `org/devices/devices/${query}`)).body
      return results.map(({ label }: { label: string }) => label)
    }
    expect(await labels('')).toEqual(['pump', 'valve'])
    expect(await labels('?all=1')).toEqual(['pump', 'valve', 'old'])
  })

  it('counts what is in it and says as what the caller belongs to it', async () => {
    const token = await bench.user('beth')
    const org = (await send('POST', 'org/', { name: 'Counts' }, token)).body
    await send('POST', 'org/counts/register/', { user: 'stranger', role: 'r1' })
    const { id: project } = (await send('POST', 'project/', { name: 'Garden', org: 'counts' })).body
    for (const label of ['pump', 'valve']) await send('POST', 'device/', { label, project })
    for (const is_network of [true, false, false]) {
      await send('POST', 'fleet/', { name: 'f', org: 'counts', is_network })
    }
    await send('POST', 'report/generated/', { label: 'May', org: 'counts' }, token)
    const { status, body } = await send('GET', 'org/counts/extra/', undefined, stranger)
    expect([status, body]).toEqual([
      200,
      {
        ...org,
        counts: { projects: 1, datablocks: 0, members: 2, devices: 2, fleets: 2, networks: 1, reports: 1 },
        current_member: { user: 'stranger', username: 'stranger', role: 'r1', is_active: true },
      },
    ])
  })

  it('shows staff who are no members as such', async () => {
    const extra = await send('GET', 'org/rick-org/extra/')
    expect([extra.status, extra.body.current_member, extra.body.counts.projects]).toEqual([200, null, 1])
    expect((await send('GET', 'org/rick-org/membership/')).status).toBe(404)
    expect((await send('GET', 'org/rick-org/projects/')).body.count).toBe(1)
  })
})
