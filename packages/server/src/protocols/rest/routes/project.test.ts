import { afterAll, describe, expect, it } from 'vitest'
import { ROLES } from '../../../catalog/members.ts'
import { ADMIN, openRestBench } from '../rest.fixture.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const UUID = '1c07fdd0-3fad-4549-bd56-5af2aca18d5b'
const SLUG = 'p--0000-0077'

const bench = await openRestBench({}, afterAll)
const stranger = await bench.user('stranger')
await make({ id: UUID, slug: SLUG, name: 'Irrigation Project' })

async function send(method: Method, path: string, body?: object, token: string = ADMIN.token) {
  return bench.ask(path, { method, token, ...(body === undefined ? {} : { body }) })
}

async function make(body: object, token?: string) {
  return send('POST', 'project/', { name: 'Garden', org: 'home', ...body }, token)
}

describe('project/', () => {
  it.each([UUID, UUID.toUpperCase(), SLUG, 'p--0077'])('is found as %s', async (text) => {
    const { status, body } = await send('GET', `project/${text}/`)
    expect([status, body]).toEqual([
      200,
      {
        id: UUID,
        name: 'Irrigation Project',
        slug: SLUG,
        gid: '0000-0077',
        org: 'home',
        about: '',
        project_template: null,
        created_on: '2026-01-01T00:00:00Z',
        created_by: 'admin',
      },
    ])
  })

  it.each(['zzz', '119', 'P--0000-0077', 'd--0077', `${UUID}0`])(
    'wants a UUID or a slug: "%s"',
    async (text) => {
      const replies = [
        await send('GET', `project/${text}/`),
        await send('PATCH', `project/${text}/`, { about: 'x' }),
        await send('DELETE', `project/${text}/`),
        await send('GET', `project/${text}/extra/`),
        await send('GET', `project/?slug=${text}`),
      ]
      for (const { status, body } of replies) {
        expect([status, body]).toEqual([400, ['Project ID must be a UUID']])
      }
    },
  )

  it('is not there for strangers', async () => {
    for (const text of [UUID, SLUG, 'p--0998', UUID.replace('1', '3')]) {
      const replies = [
        await send('GET', `project/${text}/`, undefined, stranger),
        await send('GET', `project/${text}/extra/`, undefined, stranger),
        await send('PATCH', `project/${text}/`, { about: 'x' }, stranger),
        await send('DELETE', `project/${text}/`, undefined, stranger),
      ]
      for (const { status, body } of replies) expect([status, body]).toEqual([404, { detail: 'Not found.' }])
    }
  })

  it.each(ROLES)('is seen by a member with the role %s, and managed by those in charge', async (role) => {
    const token = await bench.user(`member-${role}`, role)
    const isInCharge = ['a0', 'a1', 'd1'].includes(role)
    expect((await send('GET', `project/${SLUG}/`, undefined, token)).status).toBe(200)
    expect((await send('GET', `project/?slug=${SLUG}`, undefined, token)).body.count).toBe(1)
    expect((await make({}, token)).status).toBe(isInCharge ? 201 : 403)
    const changed = await send('PATCH', `project/${SLUG}/`, { about: '' }, token)
    expect(changed.status).toBe(isInCharge ? 200 : 403)
    const deleted = await send('DELETE', `project/${SLUG}/`, undefined, token)
    expect([deleted.status, deleted.body]).toEqual([400, { error: 'Restricted Access. Contact Arch' }])
  })

  it('gets the next free number', async () => {
    const numberOf = (gid: string) => Number.parseInt(gid.replace('-', ''), 16)
    const first = (await make({})).body
    const { status, body } = await make({ org: 'HOME', about: 'green', project_template: 'garden-v1' })
    expect(status).toBe(201)
    expect(body).toMatchObject({ org: 'home', about: 'green', project_template: 'garden-v1' })
    expect(numberOf(body.gid)).toBe(numberOf(first.gid) + 1)
  })

  it.each([
    ['id', UUID.replace('1', '2')],
    ['slug', 'p--0000-0999'],
  ])('gets its %s from staff only', async (field, chosen) => {
    const owner = await bench.user(`owner-${field}`, 'a0')
    expect((await make({ [field]: chosen }, owner)).status).toBe(403)
    const { status, body } = await make({ [field]: chosen })
    expect([status, body[field]]).toEqual([201, chosen])
  })

  it.each<[what: string, body: object, status: number, reply: unknown]>([
    ['no name', { name: undefined }, 400, { name: ['This field is required.'] }],
    ['no organization', { org: undefined }, 400, { org: ['This field is required.'] }],
    ['an unknown organization', { org: 'no' }, 400, { org: ['There is no such organization.'] }],
    ['a number that is none', { slug: 'zzz' }, 400, { slug: ['"zzz" is no project slug.'] }],
    ['the number of no project', { slug: 'p--0000' }, 400, { slug: ['"p--0000" is no project slug.'] }],
    ['a UUID that is none', { id: '5' }, 400, { id: ['This value must match format "uuid".'] }],
    ['a taken number', { slug: SLUG }, 409, { detail: `Project ${SLUG} or its UUID exists already.` }],
  ])('refuses %s', async (_, body, status, reply) => {
    const refused = await make(body)
    expect([refused.status, refused.body]).toEqual([status, reply])
  })

  it('is not made in the organization of others, which is as good as none', async () => {
    const { status, body } = await make({ org: 'rick-org' }, stranger)
    expect([status, body]).toEqual([400, { org: ['There is no such organization.'] }])
  })

  it.each(['PUT', 'PATCH'] as const)('%s changes what is given and leaves the rest', async (method) => {
    const before = (await make({ project_template: 't' })).body
    const fixed = { id: 'x', slug: 'p--0001', org: 'rick-org', org_id: 'x', last_lid: 9, nonsense: 1 }
    const { status, body } = await send(method, `project/${before.id}/`, { about: 'wet', ...fixed })
    expect([status, body]).toEqual([200, { ...before, about: 'wet' }])
    const renamed = await send(method, `project/${before.slug}/`, { name: 'Dry', project_template: null })
    expect(renamed.body).toEqual({ ...body, name: 'Dry', project_template: null })
  })

  it('counts what is in it', async () => {
    const project = (await make({})).body
    const { slug: device } = (await send('POST', 'device/', { label: 'pump', project: project.id })).body
    const { slug: variable } = (await send('POST', 'variable/', { name: 'flow', project: project.id })).body
    await send('POST', 'variable/', { name: 'level', project: project.id })
    expect((await send('POST', 'stream/', { device, variable })).status).toBe(201)
    const { status, body } = await send('GET', `project/${project.slug}/extra/`)
    expect([status, body]).toEqual([200, { ...project, counts: { devices: 1, variables: 2, streams: 1 } }])
  })

  it('is deleted by staff when it has no devices and streams', async () => {
    const { id: project } = (await make({})).body
    const { slug: device } = (await send('POST', 'device/', { label: 'pump', project })).body
    const full = await send('DELETE', `project/${project}/`)
    expect([full.status, full.body]).toEqual([409, { detail: 'The project still has devices or streams.' }])
    await send('DELETE', `device/${device}/`)
    const gone = await send('DELETE', `project/${project}/`)
    expect([gone.status, gone.text]).toEqual([204, ''])
    expect((await send('GET', `project/${project}/`)).status).toBe(404)
  })
})

describe('project/ as a list', async () => {
  const bench = await openRestBench({}, afterAll)
  const post = async (path: string, body: object) => (await bench.ask(path, { method: 'POST', body })).body
  await post('project/', { name: 'Irrigation Project', org: 'home', id: UUID, slug: SLUG })
  await post('project/', { name: 'Garden', org: 'home', slug: 'p--0005' })
  const names = async (query: string, token: string = ADMIN.token) => {
    const { results } = (await bench.ask(`project/${query}`, { token })).body
    return results.map(({ name }: { name: string }) => name)
  }

  it.each([
    ['', ['Garden', 'Irrigation Project']],
    ['?staff=1', ['Garden', 'Garden', 'Irrigation Project']],
    ['?name=Garden', ['Garden']],
    ['?name=Gard', []],
    ['?org=home', ['Garden', 'Irrigation Project']],
    ['?org__slug=home', ['Garden', 'Irrigation Project']],
    ['?org=rick-org', []],
    ['?org=rick-org&staff=1', ['Garden']],
    ['?org=nowhere', []],
    [`?slug=${SLUG}`, ['Irrigation Project']],
    [`?slug=${UUID}&org=home`, ['Irrigation Project']],
    ['?slug=p--0999', []],
  ])('shows at "%s" %j', async (query, expected) => {
    expect(await names(query)).toEqual(expected)
  })

  it('takes the UUID of an organization', async () => {
    const { id } = (await bench.ask('org/home/')).body
    expect(await names(`?org=${id}`)).toEqual(['Garden', 'Irrigation Project'])
  })

  it('keeps to the limit of a token, whatever is asked for', async () => {
    const { token } = await post('token/', { name: 'n', scopes: ['read'], project: 'p--0005' })
    expect(await names('', token)).toEqual(['Garden'])
    expect(await names(`?slug=${SLUG}`, token)).toEqual([])
    expect(await names('?slug=p--0005', token)).toEqual(['Garden'])
  })
})
