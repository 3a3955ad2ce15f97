import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALL_SCOPES, parseScopes } from '../../access/caller.ts'
import { issueToken } from '../../access/tokens.ts'
import { findAccountByUsername, updateAccount } from '../../catalog/accounts.ts'
import { loadConfig } from '../../config.ts'
import { openPackagesBench, type PackagesBench, upload } from './packages.fixture.ts'

let bench: PackagesBench
let token: string
const cleanups: (() => Promise<void>)[] = []

beforeAll(async () => {
  bench = await openPackagesBench((cleanup) => cleanups.push(cleanup), {
    hasNative: true,
    fileTypes: ['bin', 'xfd'],
  })
  token = await bench.user('morty')
  for (const name of ['device', 'sensor', 'query']) {
    await bench.form(`/packages/${name}/1`, upload({}, 'a.bin', name), { token })
  }
})
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

const idOf = async (username: string) => (await findAccountByUsername(bench.catalog, username))!.id
const messageOf = ({ text }: { text: string }) => JSON.parse(text).message

describe('addresses', () => {
  it.each([
    ['PUT', '/packages', 'GET, HEAD, POST'],
    ['PATCH', '/packages/sensor', 'DELETE, GET, HEAD, POST'],
    ['PATCH', '/packages/sensor/1', 'DELETE, GET, HEAD, POST, PUT'],
    ['POST', '/packages/sensor/1/a.bin', 'GET, HEAD, PUT'],
    ['GET', '/user/add', 'POST'],
    ['DELETE', '/user/get_token', 'POST'],
    ['OPTIONS', '/user/invalidate_token', 'POST'],
    ['POST', '/admin/user_list', 'GET, HEAD'],
  ] as const)('do not know %s of %s', async (method, path, allow) => {
    const reply = await bench.ask(path, { method, token })
    expect([reply.status, reply.headers.allow]).toEqual([405, allow])
    expect(reply.text).toBe('{\n  "message": "The method is not allowed for the requested URL."\n}')
  })

  it.each(['/packages/', '/packages/sensor/', '/packages/sensor/1/', '/user/add/', '/admin/user_list/'])(
    'are others with a slash at the end: %s',
    async (path) => {
      expect(await bench.ask(path, { token })).toMatchObject({
        status: 404,
        text: expect.stringContaining('message'),
      })
    },
  )

  it('take JSON of some KiB', async () => {
    const reply = await bench.post('/user/add', { username: 'x'.repeat(70_000), password: 'x' })
    expect(reply.status).toBe(413)
  })

  it.each([
    ['{', 'body is not valid JSON'],
    ['[]', 'body is not valid JSON'],
    ['', 'username is required'],
  ])('take objects only: %s', async (json, message) => {
    expect(messageOf(await bench.post('/user/add', json))).toBe(message)
  })

  it('take a search in the query string', async () => {
    const reply = await bench.ask('/packages?search=ENS', { token })
    expect(JSON.parse(reply.text)).toEqual([{ id: 2, title: 'sensor' }])
  })
})

describe('the short form', () => {
  it.each([
    ['a package', '/sensor', 200, '"tag": "1"'],
    ['a tag', '/sensor/1', 200, 'sensor'],
    ['no package', '/nothing', 404, 'could not locate package'],
    ['a slash at the end', '/sensor/', 404, '{"detail":"Not found."}'],
    ['a name of the native API', '/device/1', 401, '"detail"'],
    ['a route of the native API', '/query', 401, '"detail"'],
    ['a name kept for it', '/widget/1', 404, '{"detail":"Not found."}'],
    ['a part that only has deeper routes', '/import/1', 404, '{"detail":"Not found."}'],
  ])('of %s', async (_, path, status, text) => {
    const reply = await bench.ask(path, { token })
    expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(text)])
  })

  it('is nothing without a token header', async () => {
    expect(await bench.ask('/sensor/1')).toMatchObject({ status: 404, text: '{"detail":"Not found."}' })
  })

  it('leaves the whole form to names of the native API', async () => {
    expect(await bench.ask('/packages/device/1', { token })).toMatchObject({ status: 200, text: 'device' })
  })
})

describe('users', () => {
  it('that registered here may do nothing else', async () => {
    const login = { email: 'morty', password: 'password' }
    const reply = await bench.post('/auth/login/', login)
    expect([reply.status, reply.text]).toEqual([401, expect.stringContaining('not Active')])
    for (const scheme of ['Token', 'Bearer', 'jwt']) {
      const headers = { authorization: `${scheme} ${token}` }
      expect(await bench.ask('/account/', { headers })).toMatchObject({ status: 401 })
    }
  })

  it('use packages with the account that they have', async () => {
    const own = await bench.getToken('rick', 'portal gun')
    expect(await bench.ask('/packages', { token: own })).toMatchObject({ status: 200 })
  })

  it.each([
    ['in another case', 'Morty', 409],
    ['with dots', 'mor.ty', 409],
    ['with a blank', 'a b', 400],
    ['of nothing', '', 400],
    ["like somebody's address", 'rick@example.org', 400],
  ])('have no names %s', async (_, username, status) => {
    expect(await bench.post('/user/add', { username, password: 'p' })).toMatchObject({ status })
  })

  it('have dashes in their names without being somebody else', async () => {
    const other = await bench.user('evil-morty')
    expect(other).not.toContain('morty')
    expect(await bench.ask('/packages', { token: 'aValidToken-morty' })).toMatchObject({ status: 401 })
  })

  it('lose their tokens when the password changes, and with the account', async () => {
    const first = await bench.user('jerry')
    const id = await idOf('jerry')
    const password = 'another'
    await bench.authenticator.changePassword(
      {
        accountId: id,
        username: 'jerry',
        isStaff: false,
        scopes: ALL_SCOPES,
        credential: { kind: 'password' },
      },
      { accountId: id, password },
    )
    expect(messageOf(await bench.ask('/packages', { token: first }))).toBe('Invalid Token')
    bench.clock.advance(1_000)
    const second = await bench.getToken('jerry', password)
    const nowUs = bench.clock.nowUs()
    await updateAccount(bench.catalog, { id, nowUs }, { is_active: 1 })
    expect(await bench.ask('/packages', { token: second })).toMatchObject({ status: 200 })
    await updateAccount(bench.catalog, { id, nowUs }, { is_active: 0 })
    expect(messageOf(await bench.ask('/packages', { token: second }))).toBe('Invalid Token')
    const refused = await bench.post('/user/get_token', { username: 'jerry', password })
    expect([refused.status, messageOf(refused)]).toEqual([403, 'account is not active'])
  })

  it('who are no staff see no list', async () => {
    const reply = await bench.ask('/admin/user_list', { token })
    expect([reply.status, messageOf(reply)]).toEqual([403, 'administrator only'])
  })

  it('register so many from one address', async () => {
    let status = 200
    for (let count = 0; count < 30 && status === 200; count++) {
      status = (await bench.post('/user/add', { username: `flood${count}`, password: 'p' })).status
    }
    expect(status).toBe(429)
  })
})

describe('credentials of the native API', () => {
  const authorization = async (scopes: string, limit = {}) => {
    const accountId = await idOf('rick')
    const nowUs = bench.clock.nowUs()
    const { text } = await issueToken(bench.catalog, {
      ...{ accountId, kind: 'api', name: 'x', scopes: parseScopes(scopes), nowUs, ...limit },
    })
    return { authorization: `Token ${text}` }
  }

  it.each([
    ['read', 200, 403],
    ['write', 403, 200],
    ['read write', 200, 200],
    ['admin', 403, 403],
  ])('with the scopes %s', async (scopes, reading, writing) => {
    const headers = await authorization(scopes)
    expect(await bench.ask('/packages/sensor/1', { headers })).toMatchObject({ status: reading })
    const path = `/packages/${scopes.replace(' ', '-')}/1`
    expect(await bench.form(path, upload({}, 'a.bin'), { headers })).toMatchObject({ status: writing })
  })

  it('with a limit open no packages', async () => {
    const { id: orgId } = await bench.catalog.selectFrom('orgs').select('id').executeTakeFirstOrThrow()
    const headers = await authorization('read', { limit: { orgId } })
    expect(await bench.ask('/packages', { headers })).toMatchObject({ status: 403 })
  })
})

it('settings decide which files are taken, and whether anybody may register', async () => {
  const { packages } = loadConfig({ SONDE_PACKAGES_REGISTRATION: 'closed' })
  const closed = await openPackagesBench((cleanup) => cleanups.push(cleanup), packages)
  expect(await closed.post('/user/add', { username: 'x', password: 'p' })).toMatchObject({ status: 403 })
  expect(await bench.form('/packages/x/1', upload({}, 'a.xfd'), { token })).toMatchObject({ status: 200 })
  const refused = await bench.form('/packages/x/2', upload({}, 'a.txt'), { token })
  expect(messageOf(refused)).toBe('file is not of type: bin, xfd')
})
