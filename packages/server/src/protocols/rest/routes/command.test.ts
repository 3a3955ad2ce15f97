import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listAudit } from '../../../catalog/audit.ts'
import { FIRST_PAGE } from '../../../catalog/catalog.fixture.ts'
import { COMMANDS_CLOSED_MAX, COMMANDS_OPEN_MAX } from '../../../catalog/commands.ts'
import { US_PER_MIN, US_PER_S } from '../../../model/time.ts'
import { type AskOptions, openRestBench, type RestBench } from '../rest.fixture.ts'

const cleanups: (() => Promise<void>)[] = []
let bench: RestBench
let project: string
beforeAll(async () => {
  bench = await openRestBench({}, (cleanup) => void cleanups.unshift(cleanup))
  project = (await bench.ask('project/', { method: 'POST', body: { name: 'Cellar', org: 'home' } })).body.id
})
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

let slug: string
let deviceId: number
let token: string
beforeEach(async () => {
  const { body } = await bench.ask('device/', { method: 'POST', body: { label: 'pump', project } })
  slug = body.slug
  deviceId = body.id
  token = await deviceToken(slug)
})

async function deviceToken(device: string, scopes = ['read', 'write']): Promise<string> {
  return (await bench.ask('token/', { method: 'POST', body: { name: 'pump', scopes, device } })).body.token
}

const ask = (path: string, options?: AskOptions) => bench.ask(`device/${slug}/command/${path}`, options)
const post = (path: string, body: object = {}, as?: string) =>
  ask(path, { method: 'POST', body, ...(as === undefined ? {} : { token: as }) })
const next = (wait = '') => ask(`next/${wait}`, { token })
const give = async (name: string, more: object = {}) => (await post('', { name, ...more })).body
const stateOf = async (id: number) => (await ask(`${id}/`)).body.state

describe('commands', () => {
  it('go to the device in their order, and are acknowledged with a result or an error', async () => {
    const first = await post('', { name: 'open', payload: { valve: 3 }, expires_in: 60 })
    expect(first.status).toBe(201)
    const created = bench.clock.nowUs()
    expect(first.body).toEqual({
      id: first.body.id,
      name: 'open',
      payload: { valve: 3 },
      state: 'queued',
      created_on: new Date(created / 1_000).toISOString().replace('.000Z', 'Z'),
      expires_on: new Date((created + US_PER_MIN) / 1_000).toISOString().replace('.000Z', 'Z'),
      delivered_on: null,
      deliveries: 0,
      finished_on: null,
      result: null,
      error: null,
    })
    const second = await give('close')
    expect((await next()).body).toMatchObject({ id: first.body.id, state: 'delivered', deliveries: 1 })
    expect((await next()).body).toMatchObject({ id: second.id, payload: null })
    expect(await next()).toMatchObject({ status: 204, text: '' })
    const done = await post(`${first.body.id}/ack/`, { result: { took: 1.5 } }, token)
    expect(done.body).toMatchObject({ state: 'acknowledged', result: { took: 1.5 }, error: null })
    const failed = await post(`${second.id}/ack/`, { error: 'stuck' }, token)
    expect(failed.body).toMatchObject({ state: 'failed', error: 'stuck', result: null })
    const { rows } = await listAudit(bench.services.catalog, { target: slug }, FIRST_PAGE)
    expect(rows.map((row) => row.action).sort()).toEqual([
      'command acknowledged',
      'command failed',
      'command queued',
      'command queued',
    ])
  })

  it('are listed newest first, by state and in pages', async () => {
    const ids = [(await give('a')).id, (await give('b')).id, (await give('c')).id]
    await next()
    const { body } = await ask('?page_size=2')
    expect([body.count, body.results.map((row: any) => row.name)]).toEqual([3, ['c', 'b']])
    expect((await bench.ask(body.next.split('/api/v1/')[1])).body.results[0].id).toBe(ids[0])
    expect((await ask('?state=delivered')).body.results.map((row: any) => row.id)).toEqual([ids[0]])
    expect((await ask('?state=lost')).status).toBe(400)
  })

  it('expire, whether they were fetched or not', async () => {
    const [early, late] = [await give('a', { expires_in: 10 }), await give('b', { expires_in: 20 })]
    expect((await next()).body.id).toBe(early.id)
    bench.clock.advance(10 * US_PER_S)
    expect((await post(`${early.id}/ack/`, {}, token)).status).toBe(409)
    expect((await ask(`${early.id}/`)).body).toMatchObject({
      state: 'expired',
      finished_on: early.expires_on,
    })
    bench.clock.advance(10 * US_PER_S)
    expect((await next()).status).toBe(204)
    expect(await stateOf(late.id)).toBe('expired')
  })

  it('are handed out again when a device has not acknowledged them in a minute', async () => {
    const { id } = await give('a')
    await next()
    bench.clock.advance(US_PER_MIN - 1)
    expect((await next()).status).toBe(204)
    bench.clock.advance(1)
    expect((await next()).body).toMatchObject({ id, deliveries: 2 })
  })

  it('are acknowledged once, and may be said to be so again', async () => {
    const { id } = await give('a')
    expect((await post(`${id}/ack/`, {}, token)).body.detail).toBe('The command is queued.')
    await next()
    expect((await post(`${id}/ack/`, { result: 1 }, token)).status).toBe(200)
    expect((await post(`${id}/ack/`, { result: 2 }, token)).body).toMatchObject({ result: 1 })
    expect((await post(`${id}/ack/`, { error: 'no' }, token)).status).toBe(409)
    expect((await post(`${id}/cancel/`)).status).toBe(409)
  })

  it('can be cancelled until they are done', async () => {
    const [queued, fetched] = [await give('a'), await give('b')]
    expect((await post(`${queued.id}/cancel/`)).body.state).toBe('cancelled')
    expect((await next()).body.id).toBe(fetched.id)
    expect((await post(`${fetched.id}/cancel/`)).body.state).toBe('cancelled')
    expect((await post(`${fetched.id}/ack/`, {}, token)).body.detail).toBe('The command is cancelled.')
    expect((await next()).status).toBe(204)
  })

  it('are fetched once, however many ask at the same time', async () => {
    const made = [await give('a'), await give('b'), await give('c')]
    const replies = await Promise.all(Array.from({ length: 6 }, () => next()))
    const fetched = replies.filter(({ status }) => status === 200).map(({ body }) => body.id)
    expect(fetched.sort()).toEqual(made.map(({ id }) => id))
  })

  it('come to a device that waits as soon as they are given', async () => {
    const waiting = next('?wait=60')
    await sleep(20)
    const { id } = await give('now')
    expect((await waiting).body.id).toBe(id)
  })

  it('are waited for no longer than asked', async () => {
    const { signal } = new AbortController()
    expect(await bench.services.commands.next(deviceId, { waitMs: 20, signal })).toBeUndefined()
    expect((await next('?wait=soon')).status).toBe(400)
  })

  it('are not delivered to who asks for no body', async () => {
    await give('a')
    expect((await ask('next/', { method: 'HEAD', token })).status).toBe(404)
    expect((await next()).body).toMatchObject({ name: 'a', deliveries: 1 })
  })

  it('are not lost on a device that hangs up', async () => {
    const hangUp = new AbortController()
    const waiting = bench.services.commands.next(deviceId, { waitMs: 60_000, signal: hangUp.signal })
    hangUp.abort()
    expect(await waiting).toBeUndefined()
    await give('a')
    expect((await next()).body.name).toBe('a')
  })

  it('are waited for by a few at a time', async () => {
    const waiting = Array.from({ length: 4 }, () => next('?wait=60'))
    await sleep(20)
    const refused = await next('?wait=60')
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '10'])
    for (const name of 'abcd') await give(name)
    expect((await Promise.all(waiting)).map(({ body }) => body.name).sort()).toEqual(['a', 'b', 'c', 'd'])
    expect((await next('?wait=0')).status).toBe(204)
  })

  it.each([
    ['no name', {}],
    ['an empty name', { name: '' }],
    ['a name that is too long', { name: 'x'.repeat(251) }],
    ['a payload that is too large', { name: 'a', payload: 'x'.repeat(9_000) }],
    ['no life', { name: 'a', expires_in: 0 }],
    ['a life of a year', { name: 'a', expires_in: 31_536_000 }],
  ])('are refused with %s', async (_, body) => {
    expect((await post('', body)).status).toBe(400)
    expect((await ask('')).body.count).toBe(0)
  })

  it.each([
    ['a result that is too large', { result: 'x'.repeat(9_000) }],
    ['an empty error', { error: '' }],
    ['an error that is too long', { error: 'x'.repeat(1_001) }],
  ])('are not acknowledged with %s', async (_, body) => {
    const { id } = await give('a')
    await next()
    expect((await post(`${id}/ack/`, body, token)).status).toBe(400)
    expect(await stateOf(id)).toBe('delivered')
  })

  it('are bounded for each device, open ones and done ones', async () => {
    const { catalog, clock } = bench.services
    const rows = (state: string, count: number, firstId: number) =>
      Array.from({ length: count }, (_, i) => ({
        id: firstId + i,
        device_id: deviceId,
        name: 'a',
        payload: 'null',
        state,
        created_by: 1,
        created_at_us: clock.nowUs(),
        expires_at_us: clock.nowUs() + US_PER_MIN,
        deliveries: 0,
      }))
    await catalog
      .insertInto('commands')
      .values(rows('queued', COMMANDS_OPEN_MAX, 1_000_000))
      .execute()
    const refused = await post('', { name: 'one more' })
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '60'])
    await catalog.deleteFrom('commands').where('id', '>=', 1_000_000).execute()
    await catalog
      .insertInto('commands')
      .values(rows('failed', COMMANDS_CLOSED_MAX + 5, 1_000_000))
      .execute()
    await give('last')
    const { body } = await ask('?page_size=1&page=last')
    expect([body.count, body.results[0].name]).toEqual([COMMANDS_CLOSED_MAX + 1, 'last'])
    expect((await ask('?page_size=1&page=1000')).body.results[0].id).toBe(1_000_005)
  })

  it('are for those who may, and each device has its own', async () => {
    const { id } = await give('a')
    const other = (await bench.ask('device/', { method: 'POST', body: { label: 'other', project } })).body
      .slug
    const who = {
      stranger: await bench.user(`stranger${deviceId}`),
      operator: await bench.user(`operator${deviceId}`, 'r1'),
      member: await bench.user(`member${deviceId}`, 'm1'),
      reader: await deviceToken(slug, ['read']),
      other: await deviceToken(other),
    }
    const statuses = async (as: string) => [
      (await ask('', { token: as })).status,
      (await post('', { name: 'b' }, as)).status,
      (await ask('next/', { token: as })).status,
      (await post(`${id}/ack/`, {}, as)).status,
      (await post(`${id}/cancel/`, {}, as)).status,
    ]
    expect(await statuses(who.stranger)).toEqual([404, 404, 404, 404, 404])
    expect(await statuses(who.reader)).toEqual([200, 403, 403, 403, 403])
    expect(await statuses(who.other)).toEqual([403, 403, 403, 403, 403])
    expect(await statuses(who.operator)).toEqual([403, 403, 200, 200, 403])
    expect(await statuses(who.member)).toEqual([200, 201, 200, 200, 409])
    const foreign = `device/${other}/command/${id}/`
    expect((await bench.ask(foreign)).status).toBe(404)
    expect((await bench.ask(`${foreign}ack/`, { method: 'POST', body: {} })).status).toBe(404)
    expect((await ask('x/')).status).toBe(404)
  })

  it('go with their device', async () => {
    await give('a')
    expect((await bench.ask(`device/${slug}/`, { method: 'DELETE' })).status).toBe(204)
    expect((await ask('')).status).toBe(404)
  })
})

it('does not keep a server from stopping that somebody waits', async () => {
  const other = await openRestBench()
  const { id } = (await other.ask('project/', { method: 'POST', body: { name: 'A', org: 'home' } })).body
  const device = await other.ask('device/', { method: 'POST', body: { label: 'a', project: id } })
  const waiting = other.ask(`device/${device.body.slug}/command/next/?wait=60`)
  await sleep(20)
  await other.http.close()
  expect((await waiting).status).toBe(204)
})
