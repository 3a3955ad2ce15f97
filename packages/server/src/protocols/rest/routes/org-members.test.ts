import { afterAll, describe, expect, it } from 'vitest'
import { ROLES } from '../../../catalog/members.ts'
import { ADMIN, openRestBench } from '../rest.fixture.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const isInCharge = (role: string) => ['a0', 'a1', 'd1'].includes(role)

const bench = await openRestBench({}, afterAll)

describe('members of an organization', () => {
  const send = (method: Method, path: string, body?: object, token: string = ADMIN.token) =>
    bench.ask(`org/home/${path}`, { method, token, ...(body === undefined ? {} : { body }) })
  const register = (body: object, token?: string) => send('POST', 'register/', body, token)

  it('are listed by user name, in pages', async () => {
    const bench = await openRestBench()
    await bench.user('zoe', 's0')
    const { status, body } = await bench.ask('org/home/members/')
    expect([status, body]).toEqual([
      200,
      {
        count: 2,
        next: null,
        previous: null,
        results: [
          { user: 'admin', username: 'admin', role: 'a0', is_active: true },
          { user: 'zoe', username: 'zoe', role: 's0', is_active: true },
        ],
      },
    ])
    expect((await bench.ask('org/home/members/?page_size=1')).body).toMatchObject({
      count: 2,
      next: 'http://sonde.test/api/v1/org/home/members/?page_size=1&page=2',
      results: [{ user: 'admin' }],
    })
  })

  it('see as what they belong to it', async () => {
    const { status, body } = await send('GET', 'membership/', undefined, await bench.user('amy', 'm1'))
    expect([status, body]).toEqual([200, { user: 'amy', username: 'amy', role: 'm1', is_active: true }])
  })

  it('are invited by the address of their account', async () => {
    await bench.user('ida')
    const invite = (body: object, token?: string) => send('POST', 'invite/', body, token)
    const engineer = await bench.user('ivan', 'd1')
    expect((await invite({ email: 'ida@example.org', role: 'a0' }, engineer)).status).toBe(403)
    expect((await invite({ email: 'ida@example.org' }, await bench.user('iris', 'm1'))).status).toBe(403)
    const { status, body } = await invite({ email: 'Ida@example.org' }, engineer)
    expect([status, body]).toEqual([201, { user: 'ida', username: 'ida', role: 'm1', is_active: true }])
    expect((await invite({ email: 'ida@example.org' })).status).toBe(400)
    expect(await invite({ email: 'nobody@example.org' })).toMatchObject({
      status: 400,
      body: { email: ['No account has this e-mail address. Let staff make one, then invite again.'] },
    })
  })

  it.each([
    ['ben', 'ben'],
    ['carl', 'Carl@example.org'],
    ['dora', 'DORA'],
  ])('are registered: %s as "%s"', async (username, user) => {
    const token = await bench.user(username)
    expect((await send('GET', '', undefined, token)).status).toBe(404)
    const { status, body } = await register({ user, role: 'm1' })
    expect([status, body]).toEqual([201, { user: username, username, role: 'm1', is_active: true }])
    expect((await send('GET', '', undefined, token)).status).toBe(200)
  })

  it.each<[what: string, body: object, reply: object]>([
    ['nobody', { user: 'nobody', role: 'm1' }, { user: ['There is no such user.'] }],
    ['a member', { user: 'admin', role: 'm1' }, { user: ['This user is a member already.'] }],
    ['no user', { role: 'm1' }, { user: ['This field is required.'] }],
    ['no role', { user: 'zoe' }, { role: ['This field is required.'] }],
    [
      'an unknown role',
      { user: 'zoe', role: 'king' },
      { role: ['This value must be equal to one of the allowed values.'] },
    ],
  ])('are not made of %s', async (_, body, reply) => {
    const refused = await register(body)
    expect([refused.status, refused.body]).toEqual([400, reply])
  })

  it.each(ROLES)('are managed by those in charge: %s', async (role) => {
    const token = await bench.user(`manager-${role}`, role)
    const [outsider, member] = [`outsider-${role}`, `member-${role}`]
    await bench.user(outsider)
    await bench.user(member, 'm1')
    const statuses = [
      (await register({ user: outsider, role: 'r1' }, token)).status,
      (await send('PATCH', `members/${member}/`, { role: 's0' }, token)).status,
      (await send('DELETE', `members/${member}/`, undefined, token)).status,
    ]
    expect(statuses).toEqual(isInCharge(role) ? [201, 200, 204] : [403, 403, 403])
    expect((await send('DELETE', `members/${outsider}/`)).status).toBe(isInCharge(role) ? 204 : 404)
    expect((await send('DELETE', `members/${member}/`)).status).toBe(isInCharge(role) ? 404 : 204)
  })

  it('are managed by staff who are no members', async () => {
    await bench.user('eve')
    const body = { user: 'eve', role: 'a0' }
    const { status } = await bench.ask('org/rick-org/register/', { method: 'POST', body })
    expect(status).toBe(201)
  })

  it.each(['PUT', 'PATCH'] as const)('get another role, which holds at once: %s', async (method) => {
    const user = `riser-${method.toLowerCase()}`
    const token = await bench.user(user, 'm1')
    const rename = () => send('PATCH', '', { about: 'new' }, token)
    expect((await rename()).status).toBe(403)
    const { status, body } = await send(method, `members/${user}/`, { role: 'a1', user: 'x', nonsense: 1 })
    expect([status, body]).toEqual([200, { user, username: user, role: 'a1', is_active: true }])
    expect((await rename()).status).toBe(200)
  })

  it('are kept out while they are not active', async () => {
    const token = await bench.user('finn', 'm1')
    expect((await send('PATCH', 'members/finn/', { is_active: false })).body.is_active).toBe(false)
    expect((await send('GET', '', undefined, token)).status).toBe(404)
    await send('PATCH', 'members/finn/', { is_active: true })
    expect((await send('GET', '', undefined, token)).status).toBe(200)
  })

  it('lose everything with their membership', async () => {
    const token = await bench.user('gwen', 'a1')
    const { status, text } = await send('DELETE', 'members/gwen/')
    expect([status, text]).toEqual([204, ''])
    expect((await send('GET', '', undefined, token)).status).toBe(404)
    expect((await send('DELETE', 'members/gwen/')).status).toBe(404)
    expect((await send('PATCH', 'members/gwen/', { role: 'm1' })).status).toBe(404)
  })

  it('become and stop being owners by owners only', async () => {
    const manager = await bench.user('hank', 'a1')
    const owner = await bench.user('ivy', 'a0')
    await bench.user('jack')
    const refused = [
      await register({ user: 'jack', role: 'a0' }, manager),
      await send('PATCH', 'members/hank/', { role: 'a0' }, manager),
      await send('PATCH', 'members/ivy/', { role: 'm1' }, manager),
      await send('DELETE', 'members/ivy/', undefined, manager),
    ]
    const detail = 'Only an owner may make, change or remove an owner.'
    for (const { status, body } of refused) expect([status, body]).toEqual([403, { detail }])
    expect((await send('PATCH', 'members/hank/', { role: 'a0' }, owner)).body.role).toBe('a0')
    expect((await send('PATCH', 'members/hank/', { role: 'm1' }, owner)).body.role).toBe('m1')
    expect((await send('DELETE', 'members/ivy/', undefined, owner)).status).toBe(204)
  })

  it('always have an owner among them', async () => {
    const token = await bench.user('kate')
    await bench.ask('org/', { method: 'POST', body: { name: 'Kates' }, token })
    const member = (method: Method, body?: object) =>
      bench.ask('org/kates/members/kate/', { method, token, ...(body === undefined ? {} : { body }) })
    const refused = [
      await member('PATCH', { role: 'm1' }),
      await member('PATCH', { is_active: false }),
      await member('DELETE'),
    ]
    for (const { status, body } of refused) {
      expect([status, body]).toEqual([400, { role: ['An organisation needs an owner.'] }])
    }
  })
})
