/** The older service's behaviour, request by request, on one store that fills up as its own suite fills it. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { US_PER_DAY } from '../../model/time.ts'
import { type Answer, jsonPart, openPackagesBench, type PackagesBench, upload } from './packages.fixture.ts'

const NWEAVER = { username: 'nweaver', password: 'password' }
const BINARY = Buffer.from(
  Uint8Array.from({ length: 126_584 }, (_, index) => (index * 31 + (index >> 8)) & 255),
)

let bench: PackagesBench
let admin: string
/** The token of nweaver, from vector 7 on. */
let T: string
const cleanups: (() => Promise<void>)[] = []

beforeAll(async () => {
  bench = await openPackagesBench((cleanup) => cleanups.push(cleanup))
  admin = await bench.getToken('admin', 'correct horse')
})
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

type Send = () => Promise<Answer>

const add =
  (json: unknown): Send =>
  () =>
    bench.post('/user/add', json)
const getToken =
  (json: unknown): Send =>
  () =>
    bench.post('/user/get_token', json)
const invalidate =
  (json: unknown, token?: () => string): Send =>
  () =>
    bench.post('/user/invalidate_token', json, token?.())
const get =
  (path: string, json: unknown = {}): Send =>
  () =>
    bench.ask(path, { json, token: T })
const push =
  (path: string, parameters: unknown, fileName = 'new.txt', content?: string | Buffer): Send =>
  () =>
    bench.form(path, upload(parameters, fileName, content), { token: T })

describe('users', () => {
  it.each<[number, Send, number, string]>([
    [1, () => bench.ask('/admin/user_list'), 401, 'Token not provided'],
    [2, add(NWEAVER), 200, 'null'],
    [3, add(NWEAVER), 409, '"message": "username is already in use"'],
    [4, () => bench.ask('/admin/user_list', { token: admin }), 200, '"username": "nweaver"'],
    [4, () => bench.ask('/admin/user_list', { token: admin }), 200, '"password": "********"'],
    [4, () => bench.ask('/admin/user_list', { token: admin }), 200, '"apikey": "ApiKey"'],
    [5, add({ username: 'x' }), 400, 'password is required'],
    [6, add({ username: 5, password: 'p' }), 400, 'Not a valid string.'],
    [7, getToken(NWEAVER), 200, '"token": "aValidToken'],
    [8, getToken({ ...NWEAVER, password: 'no' }), 401, 'password is incorrect'],
    [9, getToken({ username: 'nobody', password: 'no' }), 404, 'username not found'],
    [10, getToken({ username: 'nweaver' }), 400, 'password is required'],
    [10, getToken({ password: 'password' }), 400, 'username is required'],
    [11, () => bench.ask('/user/get_token', FORM_BODY), 400, 'Request not application/json'],
    [12, invalidate(NWEAVER), 401, 'Token not provided'],
    [13, invalidate(NWEAVER, () => 'anInvalidToken'), 401, 'Invalid Token'],
    [14, invalidate(NWEAVER, () => 'aValidToken-invalidusername'), 401, 'Unable to find user'],
  ])('vector %i', expectAnswer)

  it('vectors 15 to 17: only the owner of a token revokes it, and then it is over', async () => {
    const token = await bench.getToken('nweaver', 'password')
    const revoke = (json: unknown) => bench.post('/user/invalidate_token', json, token)
    await expectAnswer(15, () => revoke({ username: 'nobody', password: 'p' }), 404, 'username not found')
    await expectAnswer(16, () => revoke({ ...NWEAVER, password: 'no' }), 401, 'password is incorrect')
    const other = { username: 'admin', password: 'correct horse' }
    await expectAnswer(17, () => revoke(other), 401, 'token does not belong to user')
    await expectAnswer(17, () => revoke(NWEAVER), 200, '"message": "token has been revoked"')
    await expectAnswer(17, () => bench.ask('/packages', { token }), 401, 'Invalid Token')
    await expectAnswer(17, () => revoke(NWEAVER), 401, 'Invalid Token')
  })
})

describe('packages', () => {
  beforeAll(async () => {
    T = await bench.getToken('nweaver', 'password')
  })

  const first = { package_name: 'test', tag: '1.0' }
  const names = (more: object) => ({ package_name: 'new', tag: 'new', ...more })

  it.each<[number, Send, number, string]>([
    [35, get('/packages'), 200, '[]'],
    [18, push('/packages', first, 'test.txt', 'hello'), 200, '{\n  "package_id": 1,\n  "tag_id": 1\n}'],
    [19, push('/packages', first, 'test.txt'), 409, 'filename exists'],
    [20, push('/packages', first, 'test2.txt'), 409, 'tag is already in use'],
    [21, push('/packages', { ...first, tag: '1.1' }, 'test2.txt'), 200, '"package_id": 1'],
    [23, push('/packages', { tag: '2' }), 400, 'package_name is required'],
    [23, push('/packages', { package_name: 'test' }), 400, 'tag is required'],
    [24, push('/packages', names({}), 'test.xfd'), 400, 'file is not of type: txt, npm'],
    [25, push('/packages', names({}), 'test'), 400, "file does not contain '.'"],
    [26, push('/packages', names({ package_name: 'tes/t' })), 400, "package_name cannot contain '/'"],
    [27, push('/packages', names({ tag: '1.0/2' })), 400, "tags cannot contain '/'"],
    [28, push('/packages', { ...first, tag: '1.2' }, 'TEST.NPM'), 200, '"tag_id": 3'],
    [29, () => bench.form('/packages', upload(names({}), 'a.txt')), 401, 'Token not provided'],
    [
      30,
      () => bench.form('/packages', [jsonPart('{"package_name":"a","tag":"b"}')], { token: T }),
      400,
      'file not in POST request',
    ],
    [
      31,
      () => bench.form('/packages', [jsonPart('not json'), ...upload({}, 'a.txt').slice(1)], { token: T }),
      400,
      'json is not valid',
    ],
    [33, push('/packages/foo', { tag: '1.0' }, 'test.txt'), 200, '"package_id": 2'],
    [34, push('/packages/bar/2.0', {}, 'test.txt'), 200, '"package_id": 3'],
    [35, get('/packages'), 200, '"title": "test"\n  },\n  {\n    "id": 2,\n    "title": "foo"'],
    [36, get('/packages', { search: 'tes' }), 200, '[\n  {\n    "id": 1,\n    "title": "test"\n  }\n]'],
    [36, get('/packages', { search: 'unknown' }), 200, '[]'],
    [37, get('/packages', { search: 'TES' }), 200, '"test"'],
    [38, get('/packages', { search: '%' }), 200, '[]'],
    [39, get('/packages/test', { tag_search: '1.1' }), 200, '[\n  {\n    "id": 2,\n    "tag": "1.1"\n  }\n]'],
    [39, get('/packages/test', { tag_search: '1.' }), 200, '"tag": "1.0"'],
    [39, get('/packages/test', { search: '1.1' }), 200, '[\n  {\n    "id": 2,'],
    [39, get('/packages/test', { search_tag: '1.1' }), 200, '"tag": "1.0"'],
    [40, get('/packages/unknown'), 404, '"message": "could not locate package"'],
    [41, get('/packages/test/1.0'), 200, 'hello'],
    [42, get('/packages/test/9.9'), 404, 'could not locate tag for package'],
    [42, get('/packages/unknown/9.9'), 404, 'could not locate package'],
    [44, push('/packages', names({ package_name: '..' })), 400, 'package_name is not valid'],
    [45, get('/test/1.0'), 200, 'hello'],
    [45, get('/test'), 200, '"tag": "1.0"'],
    [45, push('/short/1', {}, 'a.txt'), 200, '"package_id": 4'],
    [45, push('/short', { tag: '2' }, 'b.txt'), 200, '"package_id": 4'],
  ])('vector %i', expectAnswer)

  it('vector 32: quotation marks as %22', async () => {
    const part = {
      name: 'json',
      disposition: 'form-data; name="json"; filename="{%22package_name%22: %22p%22, %22tag%22: %221%22}"',
    }
    const reply = await bench.form('/packages', [part, ...upload({}, 'a.txt').slice(1)], { token: T })
    expect(JSON.parse(reply.text)).toEqual({ package_id: 5, tag_id: expect.any(Number) })
  })

  it('vector 41: downloads come as an attachment that no browser renders', async () => {
    const { headers } = await bench.ask('/packages/test/1.0', { token: T })
    expect(headers).toMatchObject({
      'content-type': 'text/plain',
      'content-disposition': 'attachment; filename=test.txt',
      'content-length': '5',
      'x-content-type-options': 'nosniff',
    })
  })

  it('vector 43: bytes come back as they went in', async () => {
    await push('/packages/binary/1', {}, 'x.npm', BINARY)()
    const { bytes, headers } = await bench.ask('/packages/binary/1', { token: T })
    expect(bytes.equals(BINARY)).toBe(true)
    const sha256 = createHash('sha256').update(BINARY).digest('hex')
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-sha256': sha256,
      'x-md5': createHash('md5').update(BINARY).digest('hex'),
      etag: `"${sha256}"`,
    })
  })

  it('vector 46: a token is good for a day', async () => {
    bench.clock.advance(US_PER_DAY - 1)
    await expectAnswer(46, get('/packages'), 200, 'test')
    bench.clock.advance(1)
    await expectAnswer(46, get('/packages'), 401, 'Invalid Token')
  })
})

const FORM_BODY = {
  method: 'POST',
  json: 'username=nweaver',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
} as const

async function expectAnswer(_vector: number, send: Send, status: number, part: string): Promise<void> {
  const reply = await send()
  expect(reply.text).toContain(part)
  expect(reply.status).toBe(status)
}
