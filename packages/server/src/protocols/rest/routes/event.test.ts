import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listAudit } from '../../../catalog/audit.ts'
import { FIRST_PAGE } from '../../../catalog/catalog.fixture.ts'
import { openRestBench, type RestBench } from '../rest.fixture.ts'

const S = 's--0000-0077--0000-0000-0000-0001--5001'
const OTHER = 's--0000-0077--0000-0000-0000-0001--5002'
const TIME = '2026-01-01T00:00:00Z'

describe('event/', () => {
  let bench: RestBench
  const cleanups: (() => Promise<void>)[] = []
  beforeAll(async () => {
    bench = await openRestBench({ limits: { eventsPerRequestMax: 5, eventBytesMax: 10_000 } }, (cleanup) =>
      cleanups.unshift(cleanup),
    )
    await post('project/', { name: 'Trips', org: 'home', slug: 'p--0077' })
    await post('device/', { label: 'logger', project: 'p--0077' })
  })
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup()
  })
  const post = (path: string, body: unknown, token?: string) =>
    bench.ask(path, { method: 'POST', body, ...(token && { token }) })
  const write = async (more: object = {}, token?: string) => {
    return post('event/', { stream: S, timestamp: TIME, ...more }, token)
  }

  it('stores an event and reads it again', async () => {
    const written = await write({
      extra_data: { peak: 3 },
      data: { acc: [1, 2, 3] },
      device_timestamp: 7,
      streamer_local_id: 9,
    })
    expect(written.status).toBe(201)
    expect(written.body).toEqual({
      id: written.body.id,
      stream: S,
      project: 'p--0000-0077',
      device: 'd--0000-0000-0000-0001',
      variable: 'v--0000-0077--5001',
      s3bucket: null,
      s3key: null,
      ext: 'json',
      has_raw_data: true,
      device_timestamp: 7,
      timestamp: TIME,
      streamer_local_id: 9,
      dirty_ts: false,
      status: 'unk',
      extra_data: { peak: 3 },
    })
    expect((await bench.ask(`event/${written.body.id}/`)).body).toEqual(written.body)
    const data = await bench.ask(`event/${written.body.id}/data/`)
    expect([data.status, data.text]).toEqual([200, '{"acc":[1,2,3]}'])
    expect(data.headers['content-type']).toMatch('application/json')
  })

  it('says that an event has no document', async () => {
    const { body } = await write()
    expect(body).toMatchObject({ has_raw_data: false, ext: '', extra_data: {}, streamer_local_id: 0 })
    expect(await bench.ask(`event/${body.id}/data/`)).toMatchObject({
      status: 404,
      body: { error: 'Event has no data' },
    })
  })

  it.each([
    ['no stream', { stream: undefined }, { stream: ['This field is required.'] }],
    ['a stream that is none', { stream: 'd--0001' }, { stream: ['This is no stream slug.'] }],
    ['no time', { timestamp: undefined }, { timestamp: ['This field is required.'] }],
    ['extra data that is no object', { extra_data: [1] }, { extra_data: ['Give an object.'] }],
    ['a document that is none', { data: 5 }, { data: ['Give an object or a list.'] }],
    ['a device time', { device_timestamp: -1 }, { device_timestamp: ['Give a whole number of 32 bits.'] }],
    ['a reading id', { streamer_local_id: 2 ** 32 }, { streamer_local_id: [expect.any(String)] }],
  ])('refuses %s', async (_name, more, body) => {
    expect(await write(more)).toMatchObject({ status: 400, body })
  })

  it('bounds documents, extra data and lists', async () => {
    expect((await write({ data: { long: 'x'.repeat(10_000) } })).status).toBe(413)
    const long = await write({ extra_data: { long: 'x'.repeat(70_000) } })
    expect(long).toMatchObject({ status: 400, body: { extra_data: [expect.stringMatching('into data')] } })
    expect((await post('event/', Array(6).fill({ stream: S, timestamp: TIME }))).status).toBe(413)
  })

  it('stores a list, and the good ones of one that has bad ones', async () => {
    const good = { stream: OTHER, timestamp: TIME, extra_data: { a: 1 }, data: { b: 2 } }
    expect(await post('event/', [good, good])).toMatchObject({ status: 201, body: { count: 2 } })
    expect(await post('event/', [good, { ...good, timestamp: 'now' }, good])).toMatchObject({
      status: 400,
      body: {
        count: 2,
        rejected_count: 1,
        rejected: [{ row: 1, reason: expect.stringMatching('ISO 8601') }],
      },
    })
    expect((await bench.ask(`event/?filter=${OTHER}`)).body.count).toBe(4)
  })

  describe('lists', () => {
    const T = 's--0000-0077--0000-0000-0000-0001--5003'
    beforeAll(async () => {
      const at = (minute: number, more = {}) => ({
        stream: T,
        timestamp: `2026-02-01T00:0${minute}:00Z`,
        extra_data: { minute },
        ...more,
      })
      await post('event/', [
        at(3),
        at(1),
        at(2, { streamer_local_id: 4 }),
        at(4, { extra_data: { error: 'x' } }),
      ])
    })
    const minutes = async (query: string) => {
      const { status, body } = await bench.ask(`event/?${query}`)
      return status === 200 ? body.results.map((event: any) => event.extra_data.minute) : body
    }

    it.each<[string, unknown]>([
      [`filter=${T}`, [1, 3, 2]],
      ['filter=s--0077--0001--5003', [1, 3, 2]],
      [`filter=${T}&lastn=2`, [2, 3]],
      [`filter=${T}&start=2026-02-01T00:02:00Z&end=2026-02-01T00:03:00Z`, [2]],
      [`filter=${T}&streamer_id_min=1`, [2]],
      [`filter=${T}&streamer_id_1=3`, [1, 3]],
      [`filter=${T}&page_size=2&page=2`, [2]],
      [`filter=${T}&id_min=x`, { id_min: ['Enter a number.'] }],
      [`filter=${T}&lastn=0`, ['lastn must be greater than 0']],
      [`filter=${T}&start=soon`, { start: ['Enter a valid date/time.'] }],
      ['filter=z--1', { filter: [expect.stringMatching('no slug')] }],
      ['filter=s--0077--0001--5fff', []],
      ['filter=d--0099', []],
      ['', []],
    ])('%s', async (query, expected) => {
      expect(await minutes(query)).toEqual(expected)
    })

    it('show what is hidden to staff who ask, and to nobody else', async () => {
      expect(await minutes(`filter=${T}&with_errors=1`)).toHaveLength(4)
      const token = await bench.user('curious', 'a0')
      const { body } = await bench.ask(`event/?filter=${T}&with_errors=1`, { token })
      expect(body.count).toBe(3)
      const { body: hidden } = await bench.ask(`event/?filter=${T}&with_errors=1&lastn=1`)
      expect((await bench.ask(`event/${hidden.results[0].id}/`, { token })).status).toBe(404)
    })
  })

  it('changes and deletes events, and keeps a record of it', async () => {
    const { id } = (await write({ data: { old: true } })).body
    const changed = await bench.ask(`event/${id}/`, {
      method: 'PATCH',
      body: { extra_data: { seen: true }, data: { old: false }, stream: 'ignored' },
    })
    expect(changed).toMatchObject({ status: 200, body: { stream: S, extra_data: { seen: true } } })
    expect((await bench.ask(`event/${id}/data/`)).body).toEqual({ old: false })
    expect((await bench.ask(`event/${id}/`, { method: 'PATCH', body: { extra_data: 1 } })).status).toBe(400)
    expect((await bench.ask(`event/${id}/`, { method: 'DELETE' })).status).toBe(204)
    expect((await bench.ask(`event/${id}/`)).status).toBe(404)
    const { rows } = await listAudit(bench.services.catalog, { target: S }, FIRST_PAGE)
    expect(rows.map(({ action, detail }) => [action, detail]).sort()).toEqual([
      ['correct', `event ${id}`],
      ['delete', `event ${id}`],
    ])
  })

  it.each(['x', '1e3', '-1', S])('is read by a number, not by %s', async (id) => {
    expect(await bench.ask(`event/${id}/`)).toMatchObject({
      status: 400,
      body: { detail: 'Bad Request: Expected an integer database ID' },
    })
  })

  it('takes no events of a disabled stream', async () => {
    await post('variable/', { project: 'p--0077', lid: 0x5009, name: 'off' })
    const { body } = await post('stream/', { variable: 'v--0077--5009', device: 'd--0001' })
    await bench.ask(`stream/${body.slug}/`, { method: 'PATCH', body: { enabled: false } })
    expect(await write({ stream: body.slug })).toMatchObject({
      status: 400,
      body: { stream: [expect.stringMatching('disabled')] },
    })
  })

  it('goes with its stream', async () => {
    await post('variable/', { project: 'p--0077', lid: 0x500a, name: 'gone' })
    const { body } = await post('stream/', { variable: 'v--0077--500a', device: 'd--0001' })
    const { id } = (await write({ stream: body.slug })).body
    expect((await bench.ask(`stream/${body.slug}/`, { method: 'DELETE' })).status).toBe(204)
    expect((await bench.ask(`event/${id}/`)).status).toBe(404)
  })

  it('lets roles do what they are for, and strangers nothing', async () => {
    const { id } = (await write({ data: { secret: 1 } })).body
    const tryAll = async (token: string) => {
      const read = await bench.ask(`event/${id}/`, { token })
      const data = await bench.ask(`event/${id}/data/`, { token })
      const list = await bench.ask(`event/?filter=${S}`, { token })
      const made = await write({}, token)
      const gone = await bench.ask(`event/${id}/`, { token, method: 'DELETE' })
      return [read.status, data.status, list.body.count > 0, made.status, gone.status]
    }
    expect(await tryAll(await bench.user('stranger'))).toEqual([404, 404, false, 403, 404])
    expect(await tryAll(await bench.user('operator', 'r1'))).toEqual([403, 403, false, 201, 403])
    expect(await tryAll(await bench.user('member', 'm1'))).toEqual([200, 200, true, 201, 403])
    const reader = await post('token/', { name: 'reader', scopes: ['read'] })
    expect(await tryAll(reader.body.token)).toEqual([200, 200, true, 403, 403])
    expect((await bench.ask(`event/${id}/`, { token: null })).status).toBe(401)
  })
})
