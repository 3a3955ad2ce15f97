import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { DeviceSlug } from '../slugs/device-slug.ts'
import { Api } from './api.ts'
import {
  HttpClientError,
  HttpNotFoundError,
  HttpServerError,
  RestBaseException,
  RestConnectionError,
  RestTimeoutError,
} from './http-errors.ts'
import { type Answer, scriptedServer } from './scripted-server.fixture.ts'

const always = (answer: Answer) => scriptedServer({ answer: () => answer })
const echo = () => always({ body: { ok: true } })
/** Chains of any names, as programs in JavaScript write them. */
const loose = (api: Api) => api as any

describe('addresses', () => {
  const api = new Api({ domain: 'http://sonde.test/' })
  const cases: [string, { url(): string }, string][] = [
    ['a list', api.org, 'org/'],
    ['an object', api.device('d--0001'), 'device/d--0001/'],
    ['a slug object', api.device(new DeviceSlug(1)), 'device/d--0000-0000-0000-0001/'],
    ['a part of an object', api.org('home').projects, 'org/home/projects/'],
    ['parts that are nested', api.ota.script('z--1').file, 'ota/script/z--1/file/'],
    ['a name with a dash', api.auth['user-info'], 'auth/user-info/'],
    ['names that no type knows', loose(api).rocket(7).fuel, 'rocket/7/fuel/'],
    ['names given one by one', api.resource('org', 'home', 'projects'), 'org/home/projects/'],
    ['names like those of functions', loose(api).org.name.length, 'org/name/length/'],
    ['characters with a meaning', api.device('a/b?c#d%'), 'device/a%2Fb%3Fc%23d%25/'],
  ]
  it.each(cases)('has one for %s', (_name, resource, path) => {
    expect(resource.url()).toBe(`http://sonde.test/api/v1/${path}`)
    expect(String(resource)).toBe(resource.url())
  })

  it.each(['', '.', '..'])('has none for %j, which would lead elsewhere', (part) => {
    expect(() => api.device(part).url()).toThrow(TypeError)
  })

  it('does not take what is asked of any object for a resource', async () => {
    for (const key of ['then', 'toJSON', '_private', '$$typeof', '@@iterator', Symbol.iterator]) {
      expect(loose(api)[key], String(key)).toBeUndefined()
      expect(loose(api).device[key], String(key)).toBeUndefined()
    }
    expect(await api.device).toBeTypeOf('function')
    expect(JSON.stringify({ device: api.device })).toBe('{}')
  })

  it('is at iotile.cloud unless told otherwise', () => {
    expect(new Api().device.url()).toBe('https://iotile.cloud/api/v1/device/')
  })

  it.each([
    { domain: 'localhost:8080' },
    { domain: 'ftp://sonde.test' },
    { domain: '' },
    { timeoutMs: 0 },
    { retries: 21 },
    { retries: 0.5 },
  ])('refuses the options %j', (options) => {
    expect(() => new Api(options)).toThrow(TypeError)
  })
})

describe('requests', () => {
  it('carry a type and a token, and nothing else of ours', async () => {
    const { api, asked } = await echo()
    await api.device.get()
    const { accept, host, connection, 'user-agent': agent, ...own } = asked[0].headers
    for (const name of ['accept-encoding', 'accept-language', 'sec-fetch-mode']) delete own[name]
    expect(own).toEqual({ 'content-type': 'application/json', authorization: 'jwt JWT_USER' })
  })

  it('carry no authorization without a token', async () => {
    const { api, asked } = await echo()
    api.setToken(null)
    await api.device.get()
    expect(asked[0].headers.authorization).toBeUndefined()
  })

  it.each([
    ['GET', (api: Api) => api.org('x').projects.get({ a: 1 }), 'org/x/projects/?a=1', ''],
    ['POST', (api: Api) => api.org.post({ name: 'x' }), 'org/', '{"name":"x"}'],
    ['POST', (api: Api) => api.device.claim.post(), 'device/claim/', ''],
    ['PUT', (api: Api) => api.org('x').put({ about: 'y' }), 'org/x/', '{"about":"y"}'],
    [
      'PATCH',
      (api: Api) => api.org('x').patch({ about: 'y' }, { staff: true }),
      'org/x/?staff=1',
      '{"about":"y"}',
    ],
    ['DELETE', (api: Api) => api.org('x').delete(), 'org/x/', ''],
  ] as const)('%s', async (method, send, path, body) => {
    const { api, asked } = await echo()
    await send(api)
    expect(asked[0]).toMatchObject({ method, path, body })
    expect(asked[0].headers['content-type']).toBe('application/json')
  })

  it('write keywords as query parameters', async () => {
    const { api, asked } = await echo()
    const start = new Date('2026-01-31T12:00:00Z')
    await api.stream.get({
      start,
      all: false,
      device: new DeviceSlug(1),
      id: [1, 2n],
      none: null,
      no: undefined,
    })
    expect(asked[0].path).toBe(
      'stream/?start=2026-01-31T12%3A00%3A00.000Z&all=0&device=d--0000-0000-0000-0001&id=1&id=2',
    )
  })
})

describe('answers', () => {
  const get = async (answer: Answer) => (await always(answer)).api.df.get() as Promise<any>
  const bytes = (text: string) => new TextEncoder().encode(text)

  it.each([
    ['JSON', { body: { a: 1 } }, { a: 1 }],
    ['JSON under another type', { body: '[1]', headers: { 'content-type': 'text/html' } }, [1]],
    ['nothing for 204', { status: 204 }, undefined],
    ['bytes of CSV', { body: '12', headers: { 'content-type': 'text/csv' } }, bytes('12')],
    ['bytes of what is no JSON', { body: 'row,value' }, bytes('row,value')],
  ] as const)('are %s', async (_name, answer, value) => {
    expect(await get(answer)).toEqual(value)
  })

  it.each([
    [400, HttpClientError, /^Client Error 400: http:.*\/df\/ \(\["no"\]\)$/],
    [403, HttpClientError, /^Client Error 403: http:.*\/df\/$/],
    [404, HttpNotFoundError, /^Client Error 404: http:.*\/df\/$/],
    [500, HttpServerError, /^Server Error 500: http:.*\/df\/$/],
    [503, HttpServerError, /^Server Error 503: http:.*\/df\/$/],
  ])('of %i are failures', async (status, type, message) => {
    const error = await get({ status, body: ['no'] }).catch((reason) => reason)
    expect(error).toBeInstanceOf(type)
    expect(error).toBeInstanceOf(RestBaseException)
    expect(error.message).toMatch(message)
    expect(error).toMatchObject({ status, text: '["no"]', body: ['no'], content: bytes('["no"]') })
    expect(error.response.status).toBe(status)
  })

  it.each([
    [204, true],
    [200, true],
    [403, false],
    [500, false],
  ])('of %i to DELETE are %s', async (status, isDeleted) => {
    const { api } = await always({ status })
    expect(await api.org('my-new-org').delete()).toBe(isDeleted)
  })
})

describe('lost connections', () => {
  it.each([
    ['get', 3],
    ['put', 3],
    ['delete', 3],
    ['post', 1],
    ['patch', 1],
  ] as const)('%s is sent %i times', async (method, count) => {
    const { api, asked } = await always('drop')
    await expect(api.org('x')[method]()).rejects.toThrow(RestConnectionError)
    expect(asked.length).toBe(count)
  })

  it('are forgotten when a later try succeeds', async () => {
    const { api } = await scriptedServer({ answer: (_, count) => (count < 3 ? 'drop' : { body: [] }) })
    expect(await api.device.get()).toEqual([])
  })

  it('say so when nobody listens', async () => {
    const api = new Api({ domain: 'http://127.0.0.1:1', retries: 0 })
    await expect(api.device.get()).rejects.toThrow(/^No answer from http:.*device/)
    await expect(api.device('x').delete()).rejects.toThrow(RestConnectionError)
  })
})

describe('silence', () => {
  it('ends a request after the time that was set', async () => {
    const { api, asked } = await scriptedServer({ answer: () => 'hang', options: { timeoutMs: 10 } })
    await expect(api.device.get()).rejects.toThrow(RestTimeoutError)
    await expect(api.login({ email: 'a', password: 'b' })).rejects.toThrow(RestTimeoutError)
    expect(asked.length).toBe(2)
  })
})

describe('time that others take', () => {
  const slowly = (api: Api) => ({
    async read() {
      const rows: unknown[] = []
      for await (const row of api.queryRows({ project: 'x' })) {
        rows.push(row)
        await sleep(40)
      }
      return rows
    },
    async *pieces() {
      for (const piece of ['a', 'b', 'c', 'd']) {
        await sleep(15)
        yield new TextEncoder().encode(piece)
      }
    },
  })

  it('is no silence of the server: that of a slow reader', async () => {
    const lines = Array.from({ length: 3 }, (_, value) => `{"value":${value}}\n`)
    const { api } = await scriptedServer({
      answer: () => ({ body: lines.join('') }),
      options: { timeoutMs: 30 },
    })
    expect(await slowly(api).read()).toHaveLength(3)
  })

  it('is no silence of the server: that of a slow source', async () => {
    const { api, asked } = await scriptedServer({ answer: () => ({ body: {} }), options: { timeoutMs: 40 } })
    await api.streamer.report.uploadFp(slowly(api).pieces())
    expect(asked[0].body).toContain('abcd')
  })
})

describe('lists', () => {
  const paged = (pages: unknown[]) =>
    scriptedServer({
      answer: ({ path }) => ({ body: pages[Number(/page=(\d+)/.exec(path)?.[1] ?? 1) - 1] }),
    })
  const page = (results: number[], next: string | null) => ({ count: 3, next, previous: null, results })

  it('are read to the last page', async () => {
    const { api, asked } = await paged([page([1, 2], 'more'), page([3], null)])
    expect(await Array.fromAsync(api.device.items({ project: 'p--1' }))).toEqual([1, 2, 3])
    expect(asked.map(({ path }) => path)).toEqual(['device/?project=p--1', 'device/?project=p--1&page=2'])
  })

  it('ask for no page that nobody wants', async () => {
    const { api, asked } = await paged([page([1, 2], 'more'), page([3], null)])
    for await (const _item of api.device.items()) break
    expect(asked.length).toBe(1)
  })

  it.each([
    ['no results', [{ detail: 'odd' }]],
    ['an empty page that claims to have a next', [page([], 'more')]],
  ])('end at %s', async (_name, pages) => {
    const { api } = await paged(pages)
    expect(await Array.fromAsync(api.device.items())).toEqual([])
  })
})
