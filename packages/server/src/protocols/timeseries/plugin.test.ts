import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { callerFor } from '../../access/access.fixture.ts'
import { registerAccount } from '../../access/registration.ts'
import { issueApiToken } from '../../access/tokens.ts'
import { findAccountByUsername } from '../../catalog/accounts.ts'
import { listAudit } from '../../catalog/audit.ts'
import { FIRST_PAGE } from '../../catalog/catalog.fixture.ts'
import { findOrgBySlug } from '../../catalog/orgs.ts'
import { listStreamReferences } from '../../catalog/streams.ts'
import { US_PER_HOUR } from '../../model/time.ts'
import { BODY_BYTES_MAX } from './json-body.ts'
import { ADMIN, openTimeseriesBench, type TimeseriesBench, USERS } from './timeseries.fixture.ts'

const DEVICE = { device_id: 'D', device_desc: 'dd' }

describe('timeseries API', () => {
  let bench: TimeseriesBench
  const cleanups: (() => unknown)[] = []
  beforeAll(async () => {
    bench = await openTimeseriesBench({ atEnd: (cleanup) => cleanups.unshift(cleanup) })
  })
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup()
  })

  /** Wrong tokens count, until a quarter of an hour is over. */
  beforeEach(() => bench.access.clock.advance(US_PER_HOUR))

  const put = (url: string, body: unknown, headers?: Record<string, string>) =>
    bench.ask('PUT', url, body, headers)
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  const newSeries = async (token: string): Promise<number> =>
    (await put('/series/new', { token, ...DEVICE })).body

  it('makes a device, a variable and a stream of what is written', async () => {
    const series = await newSeries('tok-A')
    await put('/point/new', { token: 'tok-A', series_id: series, fields: { temp_C: 21.5, note: 'warm' } })
    const streams = await listStreamReferences(bench.access.db, { sight: {} }, FIRST_PAGE)
    expect(streams.map((row) => [row.project_name, row.device_label, row.variable_name])).toEqual([
      ['Series', 'D', 'point id'],
      ['Series', 'D', 'temp_C'],
      ['Series', 'D', 'note'],
    ])
    const { values } = await bench.store.latest(Uint32Array.of(streams[1].id))
    expect(values[0]).toBe(21.5)
  })

  it('takes a token from the header, and prefers the body', async () => {
    expect((await put('/series/new', DEVICE, bearer('tok-A'))).status).toBe(201)
    expect((await put('/series/new', { token: 'nope', ...DEVICE }, bearer('tok-A'))).status).toBe(403)
    const series = await newSeries('tok-B')
    expect((await bench.ask('DELETE', `/series/${series}`, undefined, bearer('tok-A'))).status).toBe(403)
    expect((await bench.ask('DELETE', `/series/${series}`, undefined, bearer('tok-B'))).status).toBe(204)
  })

  it.each<[what: string, body: unknown, status: number, message: unknown]>([
    ['a list', [], 400, expect.stringContaining('no object')],
    ['null', 'null', 400, expect.stringContaining('no object')],
    ['half an object', '{"token":', 400, expect.stringContaining('no JSON')],
    ['nothing', '', 400, expect.stringContaining('empty')],
    ['a number for a token', { token: 5 }, 403, "Token 5 doesn't exist"],
    ['an object for a token', { token: {} }, 403, "Token {} doesn't exist"],
    ['a long token', { token: 'x'.repeat(500) }, 403, `Token ${'x'.repeat(64)} doesn't exist`],
    [
      'a long text',
      { token: 'tok-A', ...DEVICE, desc: 'x'.repeat(2_001) },
      400,
      { desc: expect.any(String) },
    ],
    ['too much', { token: 'tok-A', ...DEVICE, desc: 'x'.repeat(BODY_BYTES_MAX) }, 413, expect.any(String)],
  ])('answers a new series of %s with a message', async (_, body, status, message) => {
    const reply = await put('/series/new', body)
    expect([reply.status, reply.body]).toEqual([status, { message }])
  })

  it('makes texts of what is given as something else', async () => {
    const { body: id } = await put('/series/new', {
      token: 'tok-A',
      device_id: 5,
      device_desc: true,
      desc: null,
    })
    const { body } = await bench.ask('GET', '/series')
    expect(body[id]).toMatchObject({ device_id: '5', device_desc: 'true', desc: null })
  })

  it.each([1.5, -1, 0, 1e30, '1x', '', {}, [1], true])('knows no series %j', async (seriesId) => {
    const reply = await put('/point/new', { token: 'tok-A', series_id: seriesId, fields: {} })
    expect(reply.status).toBe(404)
    expect(reply.body.message).toMatch(/^Series .* not found$/)
  })

  it('reads its users again when their file has changed, and keeps them when it cannot be read', async () => {
    await writeFile(bench.usersPath, JSON.stringify({ ...USERS, 'tok-C': { name: 'Ada', id: 3 } }))
    const series = await newSeries('tok-C')
    expect(series).toEqual(expect.any(Number))
    await writeFile(bench.usersPath, '{"tok-D": {"name": "No id"}}')
    expect((await put('/series/new', { token: 'tok-D', ...DEVICE })).status).toBe(403)
    expect((await put('/series/new', { token: 'tok-C', ...DEVICE })).status).toBe(201)
    await writeFile(bench.usersPath, JSON.stringify(USERS))
    expect((await put('/series/new', { token: 'unknown', ...DEVICE })).status).toBe(403)
    expect((await put('/series/new', { token: 'tok-C', ...DEVICE })).status).toBe(403)
    const { body } = await bench.ask('GET', '/series')
    expect(body[series]).not.toHaveProperty('user')
  })

  describe('with API tokens of this server', () => {
    const tokenOf = async (
      username: string,
      scopes: readonly ('read' | 'write' | 'provision' | 'admin')[],
    ) => {
      const { db, clock } = bench.access
      const account = await findAccountByUsername(db, username)
      const token = { name: 'test', scopes: new Set(scopes), nowUs: clock.nowUs() }
      return (await issueApiToken(db, callerFor(account!), token)).text
    }

    it('gives a series to the account, whichever of its tokens made it', async () => {
      const series = await newSeries(ADMIN.token)
      const { body } = await bench.ask('GET', '/series')
      expect(body[series].user).toBe(ADMIN.username)
      const write = { token: await tokenOf('admin', ['write']), series_id: series, fields: { a: 1 } }
      expect((await put('/point/new', write)).status).toBe(201)
      const read = { ...write, token: await tokenOf('admin', ['read']) }
      expect((await put('/point/new', read)).body).toEqual({ message: 'Permission denied' })
      expect((await bench.ask('DELETE', `/series/${series}`, { token: write.token })).status).toBe(403)
      expect((await put('/series/new', { ...write, ...DEVICE })).status).toBe(403)
      expect((await put('/point/new', { ...write, token: 'tok-A' })).status).toBe(403)
      expect((await bench.ask('DELETE', `/series/${series}`, { token: ADMIN.token })).status).toBe(204)
    })

    it('lets nobody in who may make no devices, or was removed', async () => {
      const { db, clock, passwords, memberships } = bench.access
      const details = { username: 'morty', email: 'morty@example.org', password: 'secret', isActive: true }
      const { id: accountId } = await registerAccount({ db, passwords, clock }, details)
      const token = await tokenOf('morty', ['read', 'write', 'provision', 'admin'])
      expect((await put('/series/new', { token, ...DEVICE })).status).toBe(403)
      const org = await findOrgBySlug(db, 'home')
      await memberships.add({ orgId: org!.id, accountId, role: 'a1' })
      const series = await newSeries(token)
      const point = { token, series_id: series, fields: { a: 1 } }
      expect((await put('/point/new', point)).status).toBe(201)
      await memberships.remove({ orgId: org!.id, accountId })
      expect((await put('/point/new', point)).body).toEqual({ message: 'Permission denied' })
    })
  })

  it('lets its users in from where others guess tokens', async () => {
    for (let i = 0; i < 5; i++) await put('/series/new', { token: `guess ${i}`, ...DEVICE })
    const reply = await put('/series/new', { token: 'guess', ...DEVICE })
    expect(reply.status).toBe(429)
    expect(reply.headers['retry-after']).toEqual(expect.any(String))
    expect((await put('/series/new', { token: 'tok-A', ...DEVICE })).status).toBe(201)
  })

  it('leaves a trace of what is deleted', async () => {
    const series = await newSeries('tok-A')
    const { body: id } = await put('/point/new', { token: 'tok-A', series_id: series, fields: { a: 1 } })
    await bench.ask('DELETE', `/point/${id}`, { token: 'tok-A' })
    await bench.ask('DELETE', `/series/${series}`, { token: 'tok-A' })
    const { rows } = await listAudit(bench.access.db, {}, FIRST_PAGE)
    const details = rows.map(({ detail }) => detail)
    expect(details).toContain(`point ${id} of series ${series}, by user 1`)
    expect(details).toContain(`series ${series} with 0 points, by user 1`)
  })

  it('answers a new point through the front door as through node:http', async () => {
    const series = await newSeries('tok-A')
    await bench.http.listen({ host: '127.0.0.1', port: 0 })
    const { port } = bench.http.server.address() as AddressInfo
    let hotCount = 0
    bench.services.door.onAnswered(() => hotCount++)
    const good = { token: 'tok-A', series_id: series, fields: { a: 1 } }
    const bodies = [
      good,
      { ...good, token: 'x' },
      { ...good, series_id: 99 },
      { token: 'tok-A' },
      [],
      { ...good, token: 'tok-B' },
    ]
    for (const path of ['/point/new', '/api/point/new']) {
      for (const body of bodies) {
        const hot = await exchange(port, path, JSON.stringify(body))
        const countBefore = hotCount
        // The front door leaves every request with this header over, and nothing behind it looks at it.
        const cold = await exchange(port, path, JSON.stringify(body), 'Forwarded: for=unknown\r\n')
        expect(hotCount).toBe(countBefore)
        expect(cold).toBe(hot)
      }
    }
    expect(hotCount).toBe(2 * bodies.length)
    // As a board sends it.
    const old = await exchange(port, '/point/new', JSON.stringify(good), '', '1.0')
    expect(old).toContain(' 201 created')
  })
})

/** The whole answer, its headers in order of their names and without what differs from one to the next. */
async function exchange(port: number, path: string, body: string, headers = '', version = '1.1') {
  const host = version === '1.1' ? 'Host: x\r\n' : ''
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.setEncoding('utf8').on('data', (text) => {
    received += text
  })
  const head = `PUT ${path} HTTP/${version}\r\n${host}Content-Type: application/json\r\n${headers}`
  socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
  await once(socket, 'close')
  const [answerHead, answerBody] = received.split('\r\n\r\n')
  const [status, ...lines] = answerHead.toLowerCase().split('\r\n')
  const kept = lines.filter((line) => !/^(date|content-length): /.test(line)).sort()
  return [status, ...kept, answerBody.replace(/^\d+$/m, 'id')].join('\n')
}
