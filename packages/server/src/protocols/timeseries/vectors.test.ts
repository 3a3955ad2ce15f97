/** The test vectors of the interface, in their order, at `/` and at `/api`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { US_PER_DAY } from '../../model/time.ts'
import { openTimeseriesBench, START, type TimeseriesBench } from './timeseries.fixture.ts'

const NEW = { token: 'tok-A', device_id: 'D', device_desc: 'dd', desc: 'd' }
const POINT = { token: 'tok-A', series_id: 1, fields: { temp_C: 13 } }
const ONLY_NEW = "For now only 'new' resource is available for PUT request"
const NO_TOKEN = 'Authentication token is required for access.'

describe.each(['', '/api'])('timeseries API at %s/', (mount) => {
  let bench: TimeseriesBench
  const cleanups: (() => unknown)[] = []
  beforeAll(async () => {
    bench = await openTimeseriesBench({ atEnd: (cleanup) => cleanups.unshift(cleanup) })
  })
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup()
  })

  const ask = (method: string, url: string, body?: unknown, headers?: Record<string, string>) =>
    bench.ask(method, mount + url, body, headers)

  it.each<[vector: number, method: string, url: string, body: unknown, status: number, answer: unknown]>([
    [1, 'GET', '/series', undefined, 200, {}],
    [2, 'GET', '/points/count', undefined, 200, 0],
    [3, 'PUT', '/series/new', NEW, 201, 1],
    [4, 'PUT', '/series/new', { ...NEW, timestamp: '2001-01-01T00:00:00', extra: 1 }, 201, 2],
    [5, 'PUT', '/series/new', { ...NEW, desc: undefined }, 201, 3],
    [6, 'PUT', '/series/new', { token: 'tok-A' }, 400, { device_id: 'Some kind of device ID' }],
    [
      6,
      'PUT',
      '/series/new',
      { ...NEW, device_desc: undefined },
      400,
      { device_desc: 'Some kind of device ID' },
    ],
    [7, 'PUT', '/series/new', { token: 'nope' }, 403, "Token nope doesn't exist"],
    [8, 'PUT', '/series/new', { token: null }, 403, NO_TOKEN],
    [9, 'PUT', '/series/new', {}, 403, NO_TOKEN],
    [11, 'PUT', '/series/old', NEW, 404, ONLY_NEW],
    [12, 'POST', '/series/new', NEW, 405, 'The method is not allowed for the requested URL.'],
    [13, 'GET', '/series/1', undefined, 200, []],
    [14, 'GET', '/series/99', undefined, 404, "Series 99 doesn't exist"],
    [15, 'GET', '/series/abc', undefined, 404, "Series abc doesn't exist"],
    [16, 'PUT', '/point/new', POINT, 201, 1],
    [17, 'PUT', '/point/new', { ...POINT, series_id: '1' }, 201, 2],
    [18, 'PUT', '/point/new', { ...POINT, extra: 5, timestamp: '2001-01-01' }, 201, 3],
    [19, 'PUT', '/point/new', { ...POINT, token: 'tok-B' }, 403, 'Permission denied'],
    [20, 'PUT', '/point/new', { ...POINT, series_id: 77 }, 404, 'Series 77 not found'],
    [21, 'PUT', '/point/new', { ...POINT, fields: undefined }, 400, 'Some fields are missing'],
    [21, 'PUT', '/point/old', POINT, 404, ONLY_NEW],
  ])('%i: %s %s %j', async (_, method, url, body, status, answer) => {
    const reply = await ask(method, url, body)
    expect(reply.status).toBe(status)
    expect(status < 400 ? reply.body : reply.body.message).toEqual(answer)
    expect(reply.text.endsWith('\n')).toBe(true)
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
  })

  it('10: PUT of a body that is no JSON', async () => {
    const reply = await ask('PUT', '/series/new', JSON.stringify(NEW), { 'content-type': 'text/plain' })
    expect(reply.status).toBe(400)
    expect(reply.body.message).toMatch('Content-Type: application/json')
  })

  it('4 and 5: lists series without their tokens', async () => {
    const { body, text, headers } = await ask('GET', '/series')
    const common = { device_id: 'D', device_desc: 'dd', timestamp: START, user: 'Robin' }
    expect(body).toEqual({
      1: { id: 1, ...common, desc: 'd', count: 3 },
      2: { id: 2, ...common, desc: 'd', count: 0 },
      3: { id: 3, ...common, desc: null, count: 0 },
    })
    expect(text).not.toContain('tok-A')
    expect(headers['access-control-allow-origin']).toBe('*')
  })

  it('22 and 23: a point', async () => {
    expect((await ask('GET', '/point/1')).body).toEqual({
      id: 1,
      series_id: 1,
      timestamp: START,
      fields: { temp_C: 13 },
    })
    for (const id of ['99', 'abc', '0', '-1']) {
      const reply = await ask('GET', `/point/${id}`)
      expect([reply.status, reply.body]).toEqual([404, { message: `Point ${id} doesn't exist` }])
    }
  })

  it('24 to 27: calls of a function', async () => {
    const point = await ask('GET', '/point/1?callback=cb')
    expect(point.status).toBe(200)
    expect(point.headers['content-type']).toBe('application/javascript')
    expect(point.text).toMatch(/^cb\(\{.*\}\)$/)
    expect((await ask('GET', '/points/count?callback=cb')).text).toBe('cb(3)')
    expect((await ask('GET', '/series?callback=a.b[0]')).text).toMatch(/^a\.b\[0\]\(\{.*\}\)$/)
    expect((await ask('GET', '/series/1?callback=$')).text).toMatch(/^\$\(\[.*\]\)$/)
    const missing = await ask('GET', '/point/99?callback=cb')
    expect([missing.status, missing.body]).toEqual([404, { message: "Point 99 doesn't exist" }])
    for (const bad of ['alert(1)//', '', '1a', 'a'.repeat(65), 'a;b', 'a%0Ab']) {
      for (const url of ['/series', '/series/1', '/point/1', '/points/count']) {
        expect((await ask('GET', `${url}?callback=${bad}`)).status).toBe(400)
      }
    }
  })

  it('28 to 33: windows of time', async () => {
    const idsOf = async (query: string) => {
      const { status, body } = await ask('GET', `/series/1?${query}`)
      expect(status).toBe(200)
      return body.map(({ id }: { id: number }) => id)
    }
    expect(await idsOf('to=2000-01-01')).toEqual([])
    expect(await idsOf('from=garbage')).toEqual([1, 2, 3])
    expect(await idsOf('to=garbage&from=')).toEqual([1, 2, 3])
    bench.access.clock.advance(3 * US_PER_DAY)
    expect(await idsOf('')).toEqual([])
    expect(await idsOf('from=2025-12-31')).toEqual([1, 2, 3])
    expect(await idsOf('from=2000-01-01T00:00:00Z')).toEqual([1, 2, 3])
    expect(await idsOf('from=2000-01-01T00:00:00Z&limit=2')).toEqual([1, 2])
    expect(await idsOf(`to=${START}`)).toEqual([1])
    expect(await idsOf('to=2026-01-01T00:00:00.000001')).toEqual([1, 2])
    expect(await idsOf('to=2026-01-02')).toEqual([1, 2, 3])
    expect(await idsOf('to=2026-01-03T00:00:00')).toEqual([1, 2, 3])
    expect(await idsOf('to=2026-01-03T00:00:00.000001')).toEqual([2, 3])
    expect(await idsOf('from=2026-01-05')).toEqual([])
    expect((await ask('GET', '/series/1?limit=x')).status).toBe(400)
  })

  it.each<[vector: number, method: string, url: string, body: unknown, status: number, answer: unknown]>([
    [34, 'DELETE', '/point/1', undefined, 400, expect.stringContaining('JSON')],
    [35, 'DELETE', '/point/1', { token: 'zzz' }, 403, "Token zzz doesn't exist"],
    [36, 'DELETE', '/point/1', { token: 'tok-B' }, 403, 'Permission denied'],
    [36, 'DELETE', '/series/1', { token: 'tok-B' }, 403, 'Permission denied'],
    [36, 'DELETE', '/series/1', undefined, 400, expect.stringContaining('JSON')],
    [37, 'DELETE', '/point/1', { token: 'tok-A' }, 204, undefined],
    [37, 'GET', '/point/1', undefined, 404, "Point 1 doesn't exist"],
    [37, 'GET', '/points/count', undefined, 200, 2],
    [37, 'DELETE', '/point/1', { token: 'tok-A' }, 204, undefined],
    [37, 'DELETE', '/point/abc', { token: 'tok-A' }, 204, undefined],
    [38, 'DELETE', '/series/1', { token: 'tok-A' }, 204, undefined],
    [38, 'GET', '/points/count', undefined, 200, 0],
    [38, 'GET', '/point/2', undefined, 404, "Point 2 doesn't exist"],
    [38, 'GET', '/series/1', undefined, 404, "Series 1 doesn't exist"],
    [38, 'PUT', '/point/new', POINT, 404, 'Series 1 not found'],
    [39, 'DELETE', '/series/1', { token: 'tok-A' }, 204, undefined],
    [39, 'DELETE', '/series/abc', { token: 'tok-A' }, 204, undefined],
  ])('%i: %s %s %j', async (_, method, url, body, status, answer) => {
    const reply = await ask(method, url, body)
    expect(reply.status).toBe(status)
    expect(status < 400 ? reply.body : reply.body.message).toEqual(answer)
    if (status === 204) expect(reply.text).toBe('')
  })

  it('40: lists what is left, and uses no id twice', async () => {
    const { body } = await ask('GET', '/series')
    expect(Object.keys(body)).toEqual(['2', '3'])
    expect(body[2]).toMatchObject({ user: 'Robin' })
    expect((await ask('PUT', '/series/new', NEW)).body).toBe(4)
    expect((await ask('PUT', '/point/new', { ...POINT, series_id: 4 })).body).toBe(4)
  })

  it.each(['/series/', '/series/1/', '/point/new/', '/points/', '/points', '/points/counts', '/series/1/2'])(
    'has nothing at %s',
    async (url) => {
      const reply = await ask('GET', url)
      expect(reply.status).toBe(404)
      expect(reply.body.message).toEqual(expect.any(String))
    },
  )

  it.each([
    ['POST', '/series'],
    ['DELETE', '/series'],
    ['PATCH', '/series/1'],
    ['POST', '/point/1'],
    ['PUT', '/points/count'],
  ])('refuses %s %s', async (method, url) => {
    expect((await ask(method, url, {})).status).toBe(405)
  })
})
