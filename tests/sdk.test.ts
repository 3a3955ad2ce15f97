/** The SDK against a server as it is started. */
import {
  AccumulationReportGenerator,
  Api,
  HttpClientError,
  HttpNotFoundError,
  RawData,
  StreamData,
  type TokenCollection,
} from '@sonde/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  loadWaterMeter,
  S1,
  S2,
  WATER_METER_MISSING,
} from '../packages/server/src/protocols/rest/water-meter.fixture.ts'
import { ADMIN, discardServer, type RunningServer, startServer, temporaryFolder } from './server.fixture.ts'

describe('SDK', () => {
  let server: RunningServer
  let api: Api
  beforeAll(async () => {
    server = await startServer(await temporaryFolder())
    api = new Api({ domain: server.url, token: ADMIN.token, tokenType: 'token' })
    const writer = api.openWriter({ project: 'Greenhouse' })
    await writer.write(
      Array.from({ length: 30 }, (_, i) => ({
        device: i % 2 === 0 ? 'bed north' : 'bed, south=1',
        variable: 'temperature',
        value: 20 + i / 10,
        timeUs: 1_777_615_200_000_000 + i * 1_000_001,
      })),
    )
    expect(await writer.close()).toEqual({ writtenCount: 30, rejectedCount: 0, rejected: [] })
  })
  afterAll(() => discardServer(server))

  it('logs in, renews and ends a session', async () => {
    const session = new Api({ domain: server.url })
    expect(await session.login({ email: ADMIN.username, password: 'wrong' })).toBe(false)
    expect(await session.login({ email: ADMIN.username, password: ADMIN.password })).toBe(true)
    expect(session.username).toBe(ADMIN.username)
    expect((await session.account.get()).count).toBe(1)
    const old = session.token
    expect(await session.refreshToken()).toBe(true)
    expect(session.token).not.toBe(old)
    expect(await session.logout()).toBe(true)
    await expect(session.account.get()).rejects.toThrow('Client Error 401')
    session.setToken('garbage')
    expect(await session.refreshToken()).toBe(false)
    expect(session.token).toBeNull()
  })

  it('lists, reads, changes and deletes', async () => {
    const devices = await Array.fromAsync(api.device.items({ page_size: 1 }))
    expect(devices.map(({ label }) => label)).toEqual(['bed north', 'bed, south=1'])
    const [{ slug }] = devices
    expect((await api.device(slug).patch({ external_id: 'x7' })).external_id).toBe('x7')
    expect((await api.device(slug).get()).external_id).toBe('x7')
    expect(await api.device(slug).delete()).toBe(false)
    await expect(api.device('d--ffff').get()).rejects.toThrow(HttpNotFoundError)

    const org = await api.org.post({ name: 'My new Org' })
    expect(org.slug).toBe('my-new-org')
    expect((await api.org(org.slug).put({ about: 'x' })).about).toBe('x')
    await expect(api.org.post({ name: 'My new Org' })).rejects.toThrow(/^Client Error 400: .*duplicate slug/)
    expect((await api.org('home').projects.get({ page_size: 5 })).results[0].name).toBe('Greenhouse')
  })

  it('makes tokens', async () => {
    const tokens = api.resource<TokenCollection>('token')
    const made = await tokens.post({ name: 'display', scopes: ['read'] })
    const display = new Api({ domain: server.url, token: made.token, tokenType: 'Bearer' })
    expect((await display.device.get()).count).toBe(2)
    await expect(display.org.post({ name: 'Other' })).rejects.toThrow(HttpClientError)
    expect(await tokens(made.id).delete()).toBe(true)
    await expect(display.device.get()).rejects.toThrow('Client Error 401')
  })

  it('queries raw points', async () => {
    const [south] = await api.query({ project: 'Greenhouse', device: 'bed, south=1', limit: 2 })
    expect(south).toMatchObject({ device: 'bed, south=1', variable: 'temperature', project: 'Greenhouse' })
    expect(south.times).toEqual([1_777_615_201_000.001, 1_777_615_203_000.003])
    expect(south.values).toEqual([20.1, 20.3])
  })

  it('queries aggregates', async () => {
    const whole = { project: 'Greenhouse', by: 'none' } as const
    const [count] = await api.query({ ...whole, agg: 'count' })
    expect(count.values).toEqual([30])
    const [two] = await api.query({ ...whole, agg: ['min', 'last'], start: new Date(1_777_615_200_000) })
    expect(two.values.min).toEqual([20])
    expect(two.values.last).toEqual([22.9])
    const buckets = await api.query({ ...whole, every: '10s' })
    expect(buckets[0].values.length).toBe(3)
    await expect(api.query({ ...whole, every: 'often' })).rejects.toThrow('Client Error 400')
  })

  it('reads rows while they come', async () => {
    const rows = await Array.fromAsync(api.queryRows({ project: 'Greenhouse', device: 'bed north' }))
    expect(rows.length).toBe(15)
    expect(rows[1]).toEqual({
      time: '2026-05-01T06:00:02.000002Z',
      device: 'bed north',
      variable: 'temperature',
      stream: expect.stringMatching(/^s--/),
      value: 20.2,
    })
    for await (const row of api.queryRows({ project: 'Greenhouse', by: 'none', agg: ['min', 'last'] })) {
      expect(row).toMatchObject({ min: 20, last: 22.9, last_time: '2026-05-01T06:00:29.000029Z' })
    }
    for await (const _row of api.queryRows({ project: 'Greenhouse' })) break
    const wrong = api.queryRows({ project: 'Greenhouse', every: 'often' })
    await expect(wrong.next()).rejects.toThrow(HttpClientError)
  })

  it('keeps every bit of values and names', async () => {
    const values = [0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0, 2 ** 53, 1e21, 'a "b"\n\\', '', 'x=1, y']
    const device = 'a\\b, c=d \\, "e" é'
    const variable = 'température {k=v}.x y,z'
    const writer = api.openWriter({ project: 'Exact', org: 'home' })
    await writer.write(values.map((value, i) => ({ device, variable, value, timeUs: i })))
    expect(await writer.close()).toMatchObject({ writtenCount: values.length, rejected: [] })
    const [series] = await api.query({ project: 'Exact' })
    expect(series).toMatchObject({ device, variable })
    expect(series.values).toEqual(values)
    expect(series.times.map((time) => Math.round(time * 1_000))).toEqual(values.map((_, i) => i))
  })

  it('tells which points the server rejects', async () => {
    const writer = api.openWriter({ project: 'Exact', org: 'home' })
    const good = { device: 'good', variable: 'v', value: 'two\nlines' }
    const bad = { device: 'x'.repeat(300), variable: 'v', value: 1 }
    await writer.write([good, bad, { ...good, device: 'better' }])
    const report = await writer.close()
    expect(report).toMatchObject({ writtenCount: 2, rejectedCount: 1, rejected: [{ point: bad }] })
  })

  it.skipIf(WATER_METER_MISSING)('reports on the water meter (skipped without its files)', async () => {
    await loadWaterMeter({
      async ask(path, { method, body }) {
        const reply = await server.request(path, { method, body: JSON.stringify(body) })
        return { status: reply.status, text: await reply.text() }
      },
    })
    const reports = new AccumulationReportGenerator(api)
    const [start, end] = [new Date('2017-04-01'), new Date('2017-05-01')]
    const flow = { sum: 0.33205301075163773, units: 'A.F.' }
    const alone = { streams: { [S1]: flow }, total: 0.33205301075163773 }
    const both = { streams: { [S1]: flow, [S2]: { sum: 199, units: 'A.F.' } }, total: 199.33205301075165 }
    for (const [source, expected] of [
      [S1, alone],
      ['d--00d2', both],
      ['p--0000-0077', both],
    ] as const) {
      expect(await reports.computeSum([source], start, end)).toEqual(expected)
      const asked = { sources: [source], start, end }
      expect(await api.resource('report', 'accumulation').post(asked)).toEqual(expected)
    }

    const stream = new StreamData(S1, api)
    await stream.initializeFromServer({ page_size: 4 })
    expect(stream.data.length).toBe(11)
    expect(stream.data[0].int_value).toBe(100)
    const raw = new RawData(api)
    await raw.initializeFromServer({ filter: S1, page_size: 3 })
    expect(raw.data.map(({ value }) => value)).toEqual(stream.data.map(({ value }) => value))
  })

  it('hears why nothing is written', async () => {
    const stranger = new Api({ domain: server.url, token: 'unknown' })
    const writer = stranger.openWriter({ project: 'Greenhouse' })
    await writer.write({ device: 'd', variable: 'v', value: 1 })
    await expect(writer.close()).rejects.toThrow('Client Error 401')
  })
})
