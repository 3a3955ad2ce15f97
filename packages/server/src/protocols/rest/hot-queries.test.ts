import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange, listening, NOT_FOR_THE_DOOR } from '../../http/front-door.fixture.ts'
import { ADMIN, openRestBench } from './rest.fixture.ts'

const cleanups: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

describe('a query through the front door', () => {
  let port: number
  let outsider: string
  let deviceKey: string
  let orgKey: string
  let hotCount = 0

  beforeAll(async () => {
    const bench = await openRestBench({}, (cleanup) => void cleanups.push(cleanup))
    outsider = await bench.user('eve')
    await bench.ask('project/', { method: 'POST', body: { name: 'Garden', org: 'home' } })
    // Long enough to come in blocks.
    const rows = Array.from({ length: 60_000 }, (_, i) => `${i},${i / 4}`)
    await bench.http.inject({
      method: 'POST',
      url: '/api/v1/import/csv/?project=Garden&device=south&time_format=s',
      headers: { 'content-type': 'text/csv', authorization: `Token ${ADMIN.token}` },
      payload: ['time,temperature', ...rows, ''].join('\n'),
    })
    const { results } = (await bench.ask('device/')).body
    const keyOf = async (path: string) => (await bench.ask(path, { method: 'POST', body: {} })).body.key
    deviceKey = `a-jwt ${await keyOf(`device/${results[0].slug}/key/`)}`
    orgKey = `Api-Key ${await keyOf('org/home/key/')}`
    port = await listening(bench.http)
    bench.door.onAnswered(() => hotCount++)
  })

  function ask(query: string, authorization: string | null, headers = ''): Promise<string> {
    const credentials = authorization === null ? '' : `Authorization: ${authorization}\r\n`
    const request = `GET /api/v1/query/${query} HTTP/1.1\r\nHost: x\r\n${credentials}${headers}`
    return exchange(port, `${request}Connection: close\r\n\r\n`)
  }

  const token = `Token ${ADMIN.token}`
  it.each<[name: string, status: number, query: string, authorization?: string | null]>([
    ['a last value', 200, '?project=Garden&device=south&variable=temperature&agg=last'],
    ['buckets', 200, '?project=Garden&every=1h'],
    ['CSV', 200, '?project=Garden&every=1h&format=csv'],
    ['a long answer', 200, '?project=Garden'],
    ['a long CSV', 200, '?project=Garden&format=csv'],
    ['names that do not exist', 200, '?device=nobody'],
    ['percent signs', 200, '?device=%41%zz+b'],
    ['nothing that says which streams', 400, ''],
    ['a bad slug', 400, '?filter=x--1'],
    ['a bad format', 400, '?project=Garden&format=xml'],
    ['a bad bucket', 400, '?project=Garden&every=1f'],
    ['nobody', 401, '?project=Garden', null],
    ['a wrong token', 401, '?project=Garden', 'Token wrong'],
  ])('for %s is answered as through node:http', async (_, status, query, authorization = token) => {
    const before = hotCount
    const hot = await ask(query, authorization)
    expect(hotCount).toBe(before + 1)
    const cold = await ask(query, authorization, NOT_FOR_THE_DOOR)
    expect(hotCount).toBe(before + 1)
    expect(hot).toMatch(`http/1.1 ${status} `)
    expect(hot === cold || hot).toBe(hot === cold || cold)
  })

  it('takes the key of a device, and none of an organization', async () => {
    for (const headers of ['', NOT_FOR_THE_DOOR]) {
      expect(await ask('?project=Garden&agg=count', deviceKey, headers)).toMatch(/"values":\[60000\]/)
      expect(await ask('?project=Garden&agg=count', orgKey, headers)).toMatch('http/1.1 403 ')
    }
  })

  it('shows an outsider nothing', async () => {
    expect(await ask('?project=Garden&agg=last', `Token ${outsider}`)).toMatch(/\n{"results":\[\]}$/)
  })
})
