import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { US_PER_HOUR, US_PER_MIN } from '../../../model/time.ts'
import { ADMIN, openRestBench, type RestBench } from '../rest.fixture.ts'

const NEW = { username: 'Summer.Smith', email: 'Summer@Example.org', password: 'wubba lubba' }

const bench = await openRestBench({}, afterAll)
const openBench = await openRestBench({ registration: 'open' }, afterAll)
const beth = await bench.user('beth')
// What another test guessed wrong is forgotten by then.
beforeEach(() => bench.clock.advance(15 * US_PER_MIN))

const register = (
  body: object,
  { on = bench, token = null }: { on?: RestBench; token?: string | null } = {},
) => on.ask('account/', { method: 'POST', body, token })
const login = (email: string, password: string, on = bench) =>
  on.ask('auth/login/', { method: 'POST', body: { email, password }, token: null })
const patch = (slug: string, body: object, token: string = ADMIN.token) =>
  bench.ask(`account/${slug}/`, { method: 'PATCH', body, token })

describe('GET account/', () => {
  it('shows the caller alone', async () => {
    const bench = await openRestBench()
    const { status, body } = await bench.ask('account/', { token: await bench.user('morty') })
    expect(status).toBe(200)
    expect(body).toMatchObject({ count: 1, next: null, previous: null })
    expect(body.results).toEqual([
      {
        id: expect.any(Number),
        email: 'morty@example.org',
        username: 'morty',
        created_at: '2026-01-01T00:00:00Z',
        updated_at: '2026-01-01T00:00:00Z',
        name: '',
        tagline: '',
        avatar: { tiny: null, thumbnail: null, medium: null },
        slug: 'morty',
        is_staff: false,
        is_active: true,
      },
    ])
  })

  it('shows all to staff who ask', async () => {
    const bench = await openRestBench()
    const morty = await bench.user('morty')
    const list = async (query: string, token: string = ADMIN.token) => {
      const { results } = (await bench.ask(`account/${query}`, { token })).body
      return results.map(({ username }: { username: string }) => username)
    }
    expect(await list('?staff=1', morty)).toEqual(['morty'])
    expect(await list('')).toEqual(['admin'])
    expect(await list('?staff=1')).toEqual(['rick', 'admin', 'morty'])
    expect(await list('?staff=1&page_size=2&page=2')).toEqual(['morty'])
  })

  it('needs credentials', async () => {
    const { status, body } = await bench.ask('account/', { token: null })
    expect([status, body]).toEqual([401, { detail: 'Authentication credentials were not provided.' }])
  })
})

describe('GET account/<slug>/', () => {
  it.each([
    ['beth', 'beth', 200],
    ['beth', 'BETH', 200],
    ['beth', 'admin', 404],
    ['beth', 'nobody', 404],
    ['admin', 'beth', 200],
  ])('answers %s who asks for %s with %i', async (who, slug, status) => {
    expect((await bench.ask(`account/${slug}/`, who === 'beth' ? { token: beth } : {})).status).toBe(status)
  })
})

describe('PATCH account/<slug>/', () => {
  it.each(['PUT', 'PATCH'] as const)('%s changes what is given and leaves the rest', async (method) => {
    const slug = `morty-${method.toLowerCase()}`
    const token = await bench.user(slug)
    const before = (await bench.ask(`account/${slug}/`, { token })).body
    bench.clock.advance(US_PER_MIN)
    const changes = { name: 'Morty Smith', tagline: 'aw jeez' }
    const fixed = { id: 99, slug: 'x', password_hash: 'x', nonsense: 1 }
    const reply = await bench.ask(`account/${slug}/`, { method, body: { ...changes, ...fixed }, token })
    const updated_at = expect.not.stringMatching(before.updated_at)
    expect([reply.status, reply.body]).toEqual([200, { ...before, ...changes, updated_at }])
    expect((await login(slug, 'secret')).status).toBe(200)
  })

  it('takes an account back as it was read', async () => {
    const { body } = await bench.ask('account/beth/', { token: beth })
    const { status, body: after } = await bench.ask('account/beth/', { method: 'PUT', body, token: beth })
    expect([status, { ...after, updated_at: body.updated_at }]).toEqual([200, body])
  })

  it.each([
    ['staff of oneself', { is_staff: true }, 403],
    ['oneself inactive', { is_active: false }, 403],
    ['a user name with a blank', { username: 'be th' }, 400],
    ['a user name that is taken', { username: 'Admin' }, 400],
    ['an address that is taken', { email: ADMIN.email }, 400],
    ['an address that is none', { email: 'beth' }, 400],
  ])('refuses to make %s', async (_, body, status) => {
    const before = (await bench.ask('account/beth/', { token: beth })).body
    expect((await patch('beth', body, beth)).status).toBe(status)
    expect((await bench.ask('account/beth/', { token: beth })).body).toEqual(before)
  })

  it.each(['is_staff', 'is_active'])('keeps staff from taking %s from themselves', async (flag) => {
    const { status, body } = await patch('admin', { [flag]: false })
    expect([status, body]).toEqual([400, { [flag]: ['Somebody else must change this.'] }])
  })

  it('lets staff change others, seen at once', async () => {
    const token = await bench.user('jerry')
    expect((await bench.ask('account/', { token })).status).toBe(200)
    expect((await patch('jerry', { is_staff: true })).body.is_staff).toBe(true)
    expect((await bench.ask('account/admin/', { token })).status).toBe(200)
    expect((await patch('jerry', { is_active: false })).body.is_active).toBe(false)
    expect((await bench.ask('account/', { token })).status).toBe(401)
  })

  it('is not for a token that lacks the scope', async () => {
    const body = { name: 'r', scopes: ['read', 'write'] }
    const { token } = (await bench.ask('token/', { method: 'POST', body })).body
    const refused = await patch('admin', { name: 'x' }, token)
    expect([refused.status, refused.body]).toEqual([403, { detail: 'This token lacks the scope "admin".' }])
  })
})

describe('POST account/', () => {
  it('tells everybody but staff that registration is closed', async () => {
    const detail = 'Registration is closed; ask the staff of this server for an account.'
    for (const token of [null, beth]) {
      const { status, body } = await register({ ...NEW, email: 'late@example.org' }, { token })
      expect([status, body]).toEqual([403, { detail }])
    }
    expect((await login('late@example.org', NEW.password)).status).toBe(401)
  })

  it('makes an account that may log in when staff ask', async () => {
    const filled = { ...NEW, confirm_password: NEW.password }
    const { status, body } = await register(filled, { token: ADMIN.token })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      username: 'Summer.Smith',
      slug: 'summersmith',
      email: 'summer@example.org',
      is_staff: false,
      is_active: true,
    })
    expect(Object.keys(body).filter((key) => key.includes('password'))).toEqual([])
    expect((await login(NEW.email, NEW.password)).status).toBe(200)
  })

  it('lets anybody register where that is open, to wait for staff', async () => {
    const on = openBench
    const { status, body } = await register({ ...NEW, is_active: true, is_staff: true }, { on })
    expect([status, body.is_active, body.is_staff]).toEqual([201, false, false])
    const waiting = await login(NEW.email, NEW.password, on)
    expect([waiting.status, waiting.body]).toEqual([401, 'This account is not Active.'])
    await on.ask('account/summersmith/', { method: 'PATCH', body: { is_active: true } })
    expect((await login(NEW.email, NEW.password, on)).status).toBe(200)
  })

  it.each<[what: string, change: object, reply: unknown]>([
    ['a blank in the user name', { username: 'sum mer' }, { username: ['Username cannot have spaces'] }],
    ['another password', { confirm_password: 'other' }, ['Passwords did not match']],
    ['no password', { password: undefined }, { password: ['This field is required.'] }],
    ['an empty password', { password: '' }, { password: ['This field may not be blank.'] }],
    ['no address', { email: undefined }, { email: ['This field is required.'] }],
    ['a bad address', { email: 'summer' }, { email: ['Enter a valid email address.'] }],
    ['a taken user name', { username: 'ADMIN' }, { username: ['A user with that username already exists.'] }],
    [
      'a taken address',
      { email: ADMIN.email },
      { email: ['A user with that email address already exists.'] },
    ],
  ])('refuses %s', async (_, change, reply) => {
    const other = { ...NEW, username: 'tammy', email: 'tammy@example.org' }
    const { status, body } = await register({ ...other, ...change }, { on: openBench })
    expect([status, body]).toEqual([400, reply])
  })

  it('takes twenty attempts of an address in an hour, good or bad', async () => {
    const on = await openRestBench({ registration: 'open' })
    const attempt = (number: number) =>
      register({ ...NEW, username: `m${number}`, email: number === 0 ? 'm@x' : 'm@x ' }, { on })
    const statuses = []
    for (let number = 0; number < 21; number++) statuses.push((await attempt(number)).status)
    expect(statuses).toEqual([201, ...Array(19).fill(400), 429])
    expect((await register(NEW, { on, token: ADMIN.token })).status).toBe(201)
    on.clock.advance(US_PER_HOUR)
    expect((await register({ ...NEW, username: 'x', email: 'x@y' }, { on })).status).toBe(201)
  })

  it('does not take bad credentials for none', async () => {
    expect((await register(NEW, { on: openBench, token: 'garbage' })).status).toBe(401)
  })
})

describe('account/<slug>/set_password/', () => {
  const setPassword = (slug: string, password: string, token: string = ADMIN.token) =>
    bench.ask(`account/${slug}/set_password/`, { method: 'POST', body: { password }, token })

  it('changes the password and ends all sessions', async () => {
    const token = await bench.user('squanchy')
    const { status, body } = await setPassword('squanchy', 'new one', token)
    expect([status, body]).toEqual([201, { status: 'password set' }])
    expect((await bench.ask('account/', { token })).status).toBe(401)
    expect((await login('squanchy', 'secret')).status).toBe(401)
    expect((await login('squanchy', 'new one')).status).toBe(200)
  })

  it('is for oneself and for staff', async () => {
    const token = await bench.user('birdperson')
    expect((await setPassword('admin', 'mine', token)).status).toBe(404)
    expect((await setPassword('birdperson', 'reset')).status).toBe(201)
    expect((await login('birdperson', 'reset')).status).toBe(200)
  })

  it('takes no empty password', async () => {
    const { status, body } = await setPassword('admin', '')
    expect([status, body]).toEqual([400, { password: ['This field may not be blank.'] }])
  })
})
