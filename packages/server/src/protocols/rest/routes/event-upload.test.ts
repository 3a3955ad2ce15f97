import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listEvents } from '../../../catalog/events.ts'
import { ADMIN, openRestBench, type RestBench } from '../rest.fixture.ts'

const S = 's--0000-0077--0000-0000-0000-0001--5001'
const JSON_TEXT = '{"acc": [1, 2, 3], "constructor": 1}'
const BYTES_MAX = 100_000

describe('POST event/upload/', () => {
  let bench: RestBench
  const cleanups: (() => Promise<void>)[] = []
  beforeAll(async () => {
    bench = await openRestBench({ limits: { eventBytesMax: BYTES_MAX } }, (cleanup) =>
      cleanups.unshift(cleanup),
    )
    await bench.ask('project/', { method: 'POST', body: { name: 'Trips', org: 'home', slug: 'p--0077' } })
    await bench.ask('device/', { method: 'POST', body: { label: 'logger', project: 'p--0077' } })
  })
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup()
  })

  const upload = async (
    file: { name: string; bytes: string | Uint8Array<ArrayBuffer> } | undefined,
    fields: Record<string, string> = {},
    token = ADMIN.token,
  ) => {
    const form = new FormData()
    if (file) form.set('file', new Blob([file.bytes]), file.name)
    const all = { stream: S, timestamp: '2026-01-01T00:00:00Z', ...fields }
    for (const [name, value] of Object.entries(all)) form.set(name, value)
    const request = new Request('http://x', { method: 'POST', body: form })
    const reply = await bench.http.inject({
      url: '/api/v1/event/upload/',
      method: 'POST',
      headers: {
        authorization: `Token ${token}`,
        'content-type': request.headers.get('content-type') ?? '',
      },
      payload: Buffer.from(await request.arrayBuffer()),
    })
    return { status: reply.statusCode, body: reply.json() }
  }
  const json = (name = 'trip.json') => ({ name, bytes: JSON_TEXT })
  const gz = (bytes: Uint8Array | string, name = 'trip.json.gz') => ({
    name,
    bytes: new Uint8Array(gzipSync(bytes)),
  })

  it('keeps the file as the document of an event', async () => {
    const encoded = '{"peak": 3}'
    const fields = { encoded_extra_data: encoded, streamer_local_id: '4', device_timestamp: '7' }
    const { status, body } = await upload(json(), fields)
    expect([status, body]).toEqual([
      201,
      {
        id: body.id,
        stream: S,
        device_timestamp: 7,
        timestamp: '2026-01-01T00:00:00Z',
        streamer_local_id: 4,
        encoded_extra_data: encoded,
      },
    ])
    expect((await bench.ask(`event/${body.id}/`)).body).toMatchObject({
      extra_data: { peak: 3 },
      ext: 'json',
      has_raw_data: true,
    })
    expect((await bench.ask(`event/${body.id}/data/`)).text).toBe(JSON_TEXT)
  })

  it('serves a packed file unpacked', async () => {
    const { status, body } = await upload(gz(JSON_TEXT, 'TRIP.JSON.GZ'))
    expect([status, body.encoded_extra_data]).toEqual([201, null])
    expect((await bench.ask(`event/${body.id}/`)).body.ext).toBe('json.gz')
    const data = await bench.ask(`event/${body.id}/data/`)
    expect(data.text).toBe(JSON_TEXT)
    expect(data.headers['content-type']).toMatch('application/json')
  })

  it.each<[string, Parameters<typeof upload>, number, unknown]>([
    ['no file', [undefined], 400, { error: "missing request.data['file']" }],
    ['another extension', [json('trip.csv')], 400, ['Unsupported extension for Stream Event']],
    ['no extension', [json('file')], 400, ['Filename must use file extensions']],
    ['what is no JSON', [{ name: 'a.json', bytes: '{' }], 400, { file: [expect.stringMatching('no JSON')] }],
    ['an empty file', [{ name: 'a.json', bytes: '' }], 400, { file: [expect.stringMatching('no JSON')] }],
    [
      'what is no UTF-8',
      [{ name: 'a.json', bytes: new Uint8Array([34, 255, 34]) }],
      400,
      { file: [expect.any(String)] },
    ],
    ['what is no gzip', [json('a.json.gz')], 400, { file: [expect.stringMatching('no gzip')] }],
    [
      'half a gzip',
      [{ name: 'a.json.gz', bytes: gz(JSON_TEXT).bytes.slice(0, 20) }],
      400,
      { file: [expect.any(String)] },
    ],
    ['packed garbage', [gz('{')], 400, { file: [expect.stringMatching('no JSON')] }],
    [
      'extra data that is no object',
      [json(), { encoded_extra_data: '[1]' }],
      400,
      { encoded_extra_data: [expect.any(String)] },
    ],
    [
      'extra data that is no JSON',
      [json(), { encoded_extra_data: '{' }],
      400,
      { encoded_extra_data: [expect.any(String)] },
    ],
    ['no time', [json(), { timestamp: '' }], 400, { timestamp: [expect.any(String)] }],
    ['another stream', [json(), { stream: 's--0009--0009--5001' }], 400, { stream: [expect.any(String)] }],
    [
      'a number that is none',
      [json(), { device_timestamp: 'x' }],
      400,
      { device_timestamp: [expect.any(String)] },
    ],
    [
      'a file that is too large',
      [{ name: 'a.json', bytes: `"${'x'.repeat(BYTES_MAX)}"` }],
      413,
      expect.anything(),
    ],
    [
      'a small file that unpacks to a large one',
      [gz(`"${'x'.repeat(BYTES_MAX)}"`)],
      413,
      { detail: expect.stringMatching('unpacked') },
    ],
  ])('refuses %s', async (_name, sent, status, body) => {
    expect(await upload(...sent)).toMatchObject({ status, body })
  })

  it('has nothing left in memory after all that', async () => {
    // As many again as may be held at a time; each of those refused would count if it were not given back.
    for (let i = 0; i < 10; i++) expect((await upload(gz('{'))).status).toBe(400)
    expect((await upload(gz('{}'))).status).toBe(201)
  })

  it('is refused where the caller may not write, and leaves no event', async () => {
    const { catalog } = bench.services
    const count = async () => {
      const { rows } = await listEvents(catalog, { streamIds: [1] }, { limit: 1_000, offset: 0 })
      return rows.length
    }
    const before = await count()
    expect((await upload(json(), {}, await bench.user('stranger'))).status).toBe(403)
    expect(await count()).toBe(before)
  })

  it('takes a form only', async () => {
    expect(await bench.ask('event/upload/', { method: 'POST', body: { stream: S } })).toMatchObject({
      status: 400,
      body: { error: "missing request.data['file']" },
    })
  })
})
