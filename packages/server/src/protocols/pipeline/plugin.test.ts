import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KEY, NOT_FOR_THE_DOOR, openPipelineBench, type PipelineBench } from './pipeline.fixture.ts'

const K = `key=${KEY}`
const ID = '12345679'
const NEW_KEY = 'ponmlkjihgfedcba'
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/

type Expected = string | Readonly<Record<string, unknown>>
type Vector = [number: number, request: string, status: number, expected: Expected, id?: string | null]

const stream = (integers: object, texts: object = {}) => ({
  message: 'Data retrieved successfully',
  stream: { int_virtual_pin: integers, str_virtual_pin: texts },
})

/** The numbers are those of the interface specification; the order matters. */
const VECTORS: Vector[] = [
  [1, 'GET /pipeline', 200, { message: 'Welcome to Pair-Pipeline!', response: 'success!' }],
  [2, 'POST /pipeline', 200, { message: 'Welcome to Pair-Pipeline!', response: 'success!' }],
  [3, 'GET /pipeline/megastream', 200, { total_id: 0, server_ip: 'Unable to get IP' }],
  [4, 'GET /pipeline/stream', 400, 'Invalid request', null],
  [5, 'GET ?opt=cre&id=12345678', 400, 'Invalid request', '12345678'],
  [6, `GET ?opt=cre&id=1234567&${K}`, 400, 'ID must be exactly 8 digits long', '1234567'],
  [7, `GET ?opt=cre&id=1234567a&${K}`, 400, 'ID must be exactly 8 digits long', '1234567a'],
  [8, 'GET ?opt=cre&id=12345678&key=short', 400, 'Key must be exactly 16 string long', '12345678'],
  [9, `GET ?opt=zzz&id=12345678&${K}`, 400, 'Invalid request', '12345678'],
  [10, `GET ?opt=zzz&id=1&${K}`, 400, 'ID must be exactly 8 digits long', '1'],
  [11, `POST ?opt=snd&id=12345670&ivp1=5&${K}`, 400, 'ID not found', '12345670'],
  [12, `POST ?opt=cre&id=${ID}&${K}`, 201, 'Pipeline created successfully', ID],
  [13, `POST ?opt=cre&id=${ID}&${K}`, 400, 'ID already exists', ID],
  [14, `POST ?opt=rcv&id=${ID}&${K}`, 400, 'Data not received', ID],
  [15, `POST ?opt=snd&id=${ID}&${K}`, 400, 'Data not sent', ID],
  [16, `POST ?opt=snd&id=${ID}&ivp9=5&svp5=x&${K}`, 400, 'Data not sent', ID],
  [17, `POST ?opt=snd&id=${ID}&ivp1=99999&${K}`, 400, 'Integer limit 4 digits for ivp1', ID],
  [18, `POST ?opt=snd&id=${ID}&ivp2=-1&${K}`, 400, 'Integer limit 4 digits for ivp2', ID],
  [
    19,
    `POST ?opt=snd&id=${ID}&svp3=${'x'.repeat(129)}&${K}`,
    400,
    'String limit 128 characters for svp3',
    ID,
  ],
  [20, `POST ?opt=snd&id=${ID}&ivp1=0&${K}`, 201, 'Data sent successfully', ID],
  [21, `GET ?opt=rcv&id=${ID}&${K}`, 201, stream({ ivp1: 0 }), ID],
  [22, `POST ?opt=snd&id=${ID}&ivp1=123&ivp2=456&svp1=hello&svp2=world&${K}`, 201, 'Data sent successfully'],
  [
    23,
    `POST ?opt=rcv&id=${ID}&${K}`,
    201,
    stream({ ivp1: 123, ivp2: 456 }, { svp1: 'hello', svp2: 'world' }),
  ],
  [24, `POST ?opt=snd&id=${ID}&ivp3=00007&${K}`, 201, 'Data sent successfully'],
  [24, `GET ?opt=rcv&id=${ID}&${K}`, 201, stream({ ivp3: 7 })],
  [25, `POST ?opt=rcv&id=${ID}&key=abcdefghijklmnoX`, 400, 'Wrong key', ID],
  [26, `POST ?opt=upk&id=${ID}&${K}&nkey=${NEW_KEY}`, 201, 'Key updated successfully', ID],
  [27, `POST ?opt=rcv&id=${ID}&${K}`, 400, 'Wrong key', ID],
  [28, `POST ?opt=rcv&id=${ID}&key=${NEW_KEY}`, 201, stream({ ivp3: 7 }), ID],
  [29, `POST ?opt=upk&id=${ID}&key=${NEW_KEY}`, 400, 'Key must be exactly 16 string long', ID],
  [29, `POST ?opt=upk&id=${ID}&key=${NEW_KEY}&nkey=`, 400, 'Key must be exactly 16 string long', ID],
  [30, `POST ?opt=upk&id=${ID}&key=${NEW_KEY}&nkey=short`, 400, 'Key must be exactly 16 string long', ID],
  [30, `POST ?opt=rcv&id=${ID}&key=${NEW_KEY}`, 201, stream({ ivp3: 7 }), ID],
  [31, `POST ?opt=cre&id=١٢٣٤٥٦٧٨&${K}`, 400, 'ID must be exactly 8 digits long', '١٢٣٤٥٦٧٨'],
  [32, `POST ?opt=cre&id=00000001&${K}`, 201, 'Pipeline created successfully', '00000001'],
  [32, `POST ?opt=cre&id=00000001&${K}`, 400, 'ID already exists', '00000001'],
  [33, 'GET /pipeline/', 400, 'Invalid request', ''],
  [33, 'GET /pipeline/nothing', 400, 'Invalid request', ''],
  [33, `GET /pipeline/stream/?opt=rcv&id=${ID}&key=${NEW_KEY}`, 400, 'Invalid request', ''],
  [33, 'DELETE /pipeline/a/b', 400, 'Invalid request', ''],
  [34, 'DELETE /pipeline/stream', 405, 'Invalid request', null],
  [34, 'PATCH /pipeline', 405, 'Invalid request', null],
  [35, 'GET /pipeline/megastream', 200, { total_id: 2 }],
  [37, `GET ?opt=snd&id=${ID}&key=${NEW_KEY}&ivp1=1&ivp1=2`, 201, 'Data sent successfully'],
  [37, `GET ?opt=rcv&id=${ID}&key=${NEW_KEY}`, 201, stream({ ivp1: 1 })],
  [38, `POST ?opt=cre&id=00000038&key=${'é'.repeat(16)}`, 201, 'Pipeline created successfully'],
  [
    38,
    `POST ?opt=snd&id=00000038&key=${'é'.repeat(16)}&svp1=${'é'.repeat(128)}`,
    201,
    'Data sent successfully',
  ],
  [38, `GET ?opt=rcv&id=00000038&key=${'é'.repeat(16)}`, 201, stream({}, { svp1: 'é'.repeat(128) })],
]

/** Holes of the original, and what else it leaves open. */
const FURTHER: Vector[] = [
  [1, `GET ?opt=cre&id=&${K}`, 400, 'ID must be exactly 8 digits long', ''],
  [2, 'GET ?opt=cre&id=00000002&key=', 400, 'Key must be exactly 16 string long', '00000002'],
  [3, `GET ?opt=cre&id=00000002&${K}`, 201, 'Pipeline created successfully', '00000002'],
  [4, `GET ?opt=snd&id=00000002&ivp1=٣&${K}`, 400, 'Integer limit 4 digits for ivp1'],
  [5, `GET ?opt=snd&id=00000002&ivp8=${'9'.repeat(400)}&${K}`, 400, 'Integer limit 4 digits for ivp8'],
  [
    6,
    `GET ?opt=snd&id=00000002&svp1=${'x'.repeat(200)}&ivp8=1.5&${K}`,
    400,
    'Integer limit 4 digits for ivp8',
  ],
  [7, `GET ?opt=snd&id=00000002&ivp8=9999&svp4=%&svp1=a+b%0A&${K}`, 201, 'Data sent successfully'],
  [8, `GET ?opt=rcv&id=00000002&${K}`, 201, stream({ ivp8: 9999 }, { svp1: 'a b\n', svp4: '%' })],
  [9, `GET ?opt=snd&id=00000002&ivp8=&svp4=x&${K}`, 201, 'Data sent successfully'],
  [10, `GET ?opt=rcv&id=00000002&${K}`, 201, stream({}, { svp4: 'x' })],
  [11, `GET ?opt=upk&id=00000009&${K}`, 400, 'ID not found', '00000009'],
]

describe.each([
  ['the front door', {}],
  ['node:http', NOT_FOR_THE_DOOR],
])('pair-pipeline through %s', (way, headers) => {
  const cleanups: (() => Promise<void>)[] = []
  let bench: PipelineBench
  beforeAll(async () => {
    bench = await openPipelineBench({}, (cleanup) => void cleanups.unshift(cleanup))
  })
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup()
  })

  it.each([...VECTORS, ...FURTHER])('answers vector %i: %s', async (_, request, status, expected, id) => {
    const hotBefore = bench.hotCount()
    const reply = await bench.ask(request, { headers })
    expect(reply.status).toBe(status)
    const { timestamp, ...body } = reply.body
    expect(timestamp).toMatch(TIMESTAMP)
    expect(Object.keys(reply.body)).toEqual(Object.keys(reply.body).sort())
    expect(body).toMatchObject(typeof expected === 'string' ? { message: expected } : expected)
    if (!request.includes('/megastream')) {
      expect(body.response).toBe(status < 400 ? 'success!' : 'error!')
    }
    if (id !== undefined) expect(body.id).toBe(id)
    expect(reply.headers['cache-control']).toBe('no-store')
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8')
    const isHot = way === 'the front door' && /^(GET|POST) (\?|\/pipeline\/stream(\?|$))/.test(request)
    expect(bench.hotCount() - hotBefore).toBe(isHot ? 1 : 0)
  })

  it('keeps nothing of a key in the catalog or the log', async () => {
    const rows = await bench.catalog.selectFrom('pipelines').selectAll().execute()
    expect(rows).toHaveLength(4)
    expect(JSON.stringify(rows)).not.toContain(KEY)
    expect(new Set(rows.map((row) => row.key_hash)).size).toBe(rows.length)
    expect(bench.logged()).not.toContain(KEY)
    expect(bench.logged()).not.toContain('opt=')
  })
})

describe('pair-pipeline', () => {
  it('answers HEAD as GET and OPTIONS with what is allowed', async () => {
    const { ask } = await openPipelineBench()
    expect(await ask('HEAD /pipeline')).toMatchObject({ status: 200, body: undefined })
    const options = await ask('OPTIONS /pipeline/stream')
    expect([options.status, options.headers.allow]).toEqual([200, 'GET, HEAD, OPTIONS, POST'])
  })

  it('tells the address and the time that it is configured with', async () => {
    const { ask } = await openPipelineBench({ publicIp: '203.0.113.9', pipelineZone: 'Asia/Kolkata' })
    expect((await ask('GET /pipeline/megastream')).body).toEqual({
      server_ip: '203.0.113.9',
      timestamp: '2026-01-01T05:30:00.000000',
      total_id: 0,
    })
  })

  it('makes one pipeline of parallel requests, whose key alone is good (vector 36)', async () => {
    const { ask, catalog } = await openPipelineBench()
    const keys = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(16))
    const replies = await Promise.all(keys.map((key) => ask(`POST ?opt=cre&id=00000036&key=${key}`)))
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400, 400, 400, 400, 400])
    const works = await Promise.all(keys.map((key) => ask(`POST ?opt=snd&id=00000036&ivp1=1&key=${key}`)))
    expect(works.map(({ status }) => status)).toEqual(replies.map(({ status }) => status))
    expect(await catalog.selectFrom('devices').select('label').execute()).toEqual([{ label: '00000036' }])
  })

  it('changes a key once when several want to', async () => {
    const { ask } = await openPipelineBench()
    await ask(`GET ?opt=cre&id=00000001&${K}`)
    const keys = ['1', '2', '3'].map((digit) => digit.repeat(16))
    const replies = await Promise.all(keys.map((key) => ask(`GET ?opt=upk&id=00000001&${K}&nkey=${key}`)))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(replies.filter(({ body }) => body.message === 'Wrong key')).toHaveLength(2)
  })

  it.each<[name: string, body: string, headers: Record<string, string>]>([
    ['the header X-Pipeline-Key', '', { 'x-pipeline-key': KEY }],
    ['a form', `${K}&ivp1=12&svp1=a+b`, { 'content-type': 'application/x-www-form-urlencoded' }],
    [
      'JSON',
      JSON.stringify({ key: KEY, ivp1: 12, svp1: 'a b', x: {} }),
      { 'content-type': 'application/json' },
    ],
  ])('takes the key from %s', async (_, body, headers) => {
    const { ask } = await openPipelineBench()
    await ask(`POST ?opt=cre&id=00000001&${K}`)
    const given = body === '' ? '&ivp1=12&svp1=a b' : ''
    expect((await ask(`POST ?opt=snd&id=00000001${given}`, { body, headers })).body.message).toBe(
      'Data sent successfully',
    )
    const { body: read } = await ask('POST ?opt=rcv&id=00000001', { body, headers })
    expect(read.stream).toEqual({ int_virtual_pin: { ivp1: 12 }, str_virtual_pin: { svp1: 'a b' } })
    const other = 'x'.repeat(16)
    const refused = await ask(`POST ?opt=rcv&id=00000001&key=${other}`, { body, headers })
    expect(refused.body.message).toBe('Wrong key')
  })

  it.each<[name: string, status: number, id: string | null, body: string, type: string]>([
    [
      'all parameters in a form',
      201,
      '00000003',
      `opt=cre&id=00000003&${K}`,
      'application/x-www-form-urlencoded',
    ],
    ['a body of another kind', 400, null, `opt=cre&id=00000003&${K}`, 'text/plain'],
    ['a body without a kind', 400, null, `opt=cre&id=00000003&${K}`, ''],
    ['a body that is no JSON', 400, null, '{"opt":', 'application/json'],
    ['a list', 400, null, '[1]', 'application/json'],
    ['a body that is too large', 413, null, 'x'.repeat(20_000), 'application/json'],
  ])('answers %s with %i', async (_, status, id, body, type) => {
    const { ask } = await openPipelineBench()
    const reply = await ask('POST /pipeline/stream', { body, headers: { 'content-type': type } })
    expect([reply.status, reply.body.id]).toEqual([status, id])
  })
})
