import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { US_PER_DAY, US_PER_MIN, US_PER_S } from '../../../model/time.ts'
import { ADMIN, openRestBench } from '../rest.fixture.ts'

const JSON_TYPE = 'application/json; charset=utf-8'
const { email, password } = ADMIN

const bench = await openRestBench({}, afterAll)
// What another test guessed wrong is forgotten by then.
beforeEach(() => bench.clock.advance(15 * US_PER_MIN))

const post = (path: string, body?: unknown) =>
  bench.ask(path, { method: 'POST', token: null, ...(body === undefined ? {} : { body }) })
const login = async () => (await post('auth/login/', { email, password })).body
const withHeader = (authorization: string, path = 'account/', method: 'GET' | 'POST' = 'GET') =>
  bench.ask(path, { method, token: null, headers: { authorization } })

describe('auth/login/', () => {
  it.each([email, 'ADMIN@localhost', ADMIN.username])('opens a session for %s', async (name) => {
    const { status, body } = await post('auth/login/', { email: name, password })
    expect(status).toBe(200)
    expect(body).toMatchObject({ username: 'admin', email, slug: 'admin', is_staff: true, is_active: true })
    for (const authorization of [`jwt ${body.jwt}`, `Token ${body.token}`]) {
      expect((await withHeader(authorization)).status).toBe(200)
    }
  })

  it.each([
    ['a wrong password', { email, password: 'nope' }],
    ['an unknown address', { email: 'nobody@localhost', password }],
    ['no password at all', { email, password: '' }],
  ])('answers %s with one and the same JSON text', async (_, credentials) => {
    const { status, headers, text } = await post('auth/login/', credentials)
    expect(status).toBe(401)
    expect(headers['content-type']).toBe(JSON_TYPE)
    expect(text).toBe('"Username/password combination invalid."')
  })

  it('says that an account is not active to who knows its password', async () => {
    await bench.user('morty')
    await bench.ask('account/morty/', { method: 'PATCH', body: { is_active: false } })
    const credentials = { email: 'morty@example.org', password: 'secret' }
    const { status, body } = await post('auth/login/', credentials)
    expect([status, body]).toEqual([401, 'This account is not Active.'])
  })

  it.each<[what: string, body: unknown, reply: object]>([
    ['password', { email }, { password: ['This field is required.'] }],
    ['e-mail address', { password }, { email: ['This field is required.'] }],
    ['text', { email, password: 5 }, { password: ['This value must be string.'] }],
    ['body', undefined, { non_field_errors: ['This value must be object.'] }],
  ])('asks for a %s', async (_, body, reply) => {
    const refused = await post('auth/login/', body)
    expect([refused.status, refused.body]).toEqual([400, reply])
  })

  it.each(['Token admin-token', 'jwt broken'])('looks at the credentials also under "%s"', async (header) => {
    const ask = (body: object) =>
      bench.ask('auth/login/', { method: 'POST', body, headers: { authorization: header } })
    expect((await ask({ email, password })).status).toBe(200)
    expect((await ask({ email, password: 'nope' })).status).toBe(401)
  })

  it('stops listening to who guesses', async () => {
    for (let i = 0; i < 3; i++) await post('auth/login/', { email, password: `guess ${i}` })
    const { status, headers, body } = await post('auth/login/', { email, password })
    expect([status, headers['retry-after']]).toEqual([429, '900'])
    expect(body.detail).toMatch(/^Too many failed attempts/)
  })
})

describe('auth/logout/', () => {
  it('ends the JWT and the key of its session, and no other', async () => {
    const [one, other] = [await login(), await login()]
    const reply = await withHeader(`jwt ${one.jwt}`, 'auth/logout/', 'POST')
    expect([reply.status, reply.text]).toEqual([204, ''])
    for (const authorization of [`jwt ${one.jwt}`, `token ${one.token}`]) {
      expect((await withHeader(authorization)).status).toBe(401)
    }
    expect((await withHeader(`jwt ${other.jwt}`)).status).toBe(200)
    expect((await post('auth/api-jwt-refresh/', { token: one.jwt })).status).toBe(400)
  })

  it('needs somebody to log out', async () => {
    expect((await post('auth/logout/')).status).toBe(401)
  })
})

describe('auth/api-jwt-…/', () => {
  it('hands out, checks and renews a JWT', async () => {
    const { token: first } = (await post('auth/api-jwt-auth/', { email, password })).body
    const verified = await post('auth/api-jwt-verify/', { token: first })
    expect([verified.status, verified.body]).toEqual([200, { token: first }])
    const { status, body } = await post('auth/api-jwt-refresh/', { token: first })
    expect([status, Object.keys(body)]).toEqual([200, ['token']])
    expect(body.token).not.toBe(first)
    for (const jwt of [first, body.token]) expect((await withHeader(`JWT ${jwt}`)).status).toBe(200)
  })

  it('refuses a wrong password as a fault of the body', async () => {
    const reply = await post('auth/api-jwt-auth/', { email, password: 'nope' })
    const reason = 'Unable to log in with provided credentials.'
    expect([reply.status, reply.body]).toEqual([400, { non_field_errors: [reason] }])
  })

  it.each(['verify', 'refresh'])('says what a token to %s lacks', async (verb) => {
    const { jwt } = await login()
    const ask = async (body: object) => (await post(`auth/api-jwt-${verb}/`, body)).body
    expect(await ask({})).toEqual({ token: ['This field is required.'] })
    expect(await ask({ token: 'garbage' })).toEqual({ non_field_errors: ['Error decoding signature.'] })
    bench.clock.advance(7 * US_PER_DAY + 1)
    expect(await ask({ token: jwt })).toEqual({ non_field_errors: ['Signature has expired.'] })
  })

  it('renews for 180 days after the login', async () => {
    let token: string = (await login()).jwt
    for (let day = 0; day < 174; day += 6) {
      bench.clock.advance(6 * US_PER_DAY)
      token = (await post('auth/api-jwt-refresh/', { token })).body.token
    }
    bench.clock.advance(6 * US_PER_DAY + US_PER_S)
    const { status, body } = await post('auth/api-jwt-refresh/', { token })
    expect([status, body]).toEqual([400, { non_field_errors: ['Refresh has expired.'] }])
  })
})

describe('Authorization', () => {
  it.each(['JWT', 'jwt', 'Bearer', 'bearer'])('takes a JWT after %s', async (scheme) => {
    expect((await withHeader(`${scheme} ${(await login()).jwt}`)).status).toBe(200)
  })

  it.each(['Token', 'token', 'Bearer'])('takes an opaque key after %s', async (scheme) => {
    expect((await withHeader(`${scheme} ${(await login()).token}`)).status).toBe(200)
  })

  it.each([
    ['', 'Authentication credentials were not provided.'],
    ['Basic YTpi', 'Authentication credentials were not provided.'],
    ['jwt', 'Invalid Authorization header. No credentials provided.'],
    ['jwt a b', 'Invalid Authorization header. Credentials string should not contain spaces.'],
    ['jwt garbage', 'Error decoding signature.'],
    ['token garbage', 'Invalid token.'],
  ])('refuses "%s"', async (authorization, detail) => {
    const { status, headers, body } = await withHeader(authorization)
    expect([status, body]).toEqual([401, { detail }])
    expect(headers['www-authenticate']).toBe('JWT realm="api"')
  })

  it('refuses a JWT after its time', async () => {
    const { jwt } = await login()
    bench.clock.advance(7 * US_PER_DAY + 1)
    const { status, body } = await withHeader(`jwt ${jwt}`)
    expect([status, body]).toEqual([401, { detail: 'Signature has expired.' }])
  })
})

describe('auth/token/', () => {
  it('opens another session', async () => {
    const { jwt, token } = await login()
    const { status, body } = await withHeader(`jwt ${jwt}`, 'auth/token/')
    expect([status, Object.keys(body).sort()]).toEqual([200, ['jwt', 'token']])
    expect(body.token).not.toBe(token)
    for (const authorization of [`jwt ${body.jwt}`, `token ${body.token}`]) {
      expect((await withHeader(authorization)).status).toBe(200)
    }
  })

  it('opens none for an API token', async () => {
    const { status, body } = await bench.ask('auth/token/')
    expect([status, body]).toEqual([403, { detail: 'An API token cannot open a session.' }])
  })
})

describe('auth/user-info/', () => {
  it('says who calls, with a JWT of their own', async () => {
    const { jwt, token, ...account } = await login()
    const { status, body } = await withHeader(`token ${token}`, 'auth/user-info/')
    expect([status, body]).toEqual([200, { ...account, jwt: expect.any(String) }])
    expect((await withHeader(`jwt ${body.jwt}`)).status).toBe(200)
  })

  it('leaves the JWT out for an API token', async () => {
    const { status, body } = await bench.ask('auth/user-info/')
    expect([status, body.username, body.jwt]).toEqual([200, 'admin', undefined])
  })

  it('does not know strangers', async () => {
    const { status, headers, text } = await bench.ask('auth/user-info/', { token: null })
    expect([status, headers['content-type'], text]).toEqual([403, JSON_TYPE, '"User not recognized."'])
  })

  it('tells a stranger from credentials that are no good', async () => {
    expect((await withHeader('jwt garbage', 'auth/user-info/')).status).toBe(401)
  })
})
