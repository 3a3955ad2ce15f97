/** What becomes of a device: whose it is, what it has measured, and what of that goes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeSignedListReport } from '../../../ingest/reports/signed-list-report.fixture.ts'
import { openRestBench, type RestBench } from '../rest.fixture.ts'
import { uploadReport } from '../streamer-report.fixture.ts'

let bench: RestBench
const tokens: Record<string, string> = {}
const cleanups: (() => Promise<void>)[] = []
beforeAll(async () => {
  bench = await openRestBench({}, (cleanup) => cleanups.unshift(cleanup))
  for (const [name, role] of [
    ['owner', 'a0'],
    ['member', 'm1'],
    ['stranger', undefined],
  ] as const) {
    tokens[name] = await bench.user(name, role)
  }
  await post('project/', { name: 'Field', org: 'home', slug: 'p--11' })
  await post('org/', { name: 'Elsewhere' }, tokens.stranger)
  await post('project/', { name: 'Other', org: 'elsewhere' }, tokens.stranger)
  for (let i = 0; i < 5; i++) await post('device/', {})
})
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

function post(path: string, body: object, token?: string) {
  return bench.ask(path, { method: 'POST', body, ...(token ? { token } : {}) })
}
const DEVICE = (n: number) => `d--0000-0000-0000-000${n}`

describe('device/claim/', () => {
  it('claims once, by UUID or slug of a project', async () => {
    const project = (await bench.ask('project/p--11/')).body
    const claim = { device: 'd--1', project: 'p--11' }
    expect(await post('device/claim/', claim, tokens.owner)).toMatchObject({
      status: 202,
      body: { claimed: true, device: DEVICE(1), project: 'p--0000-0011', project_id: project.id },
    })
    expect(
      await post('device/claim/', { device: DEVICE(1), project: project.id }, tokens.owner),
    ).toMatchObject({
      status: 400,
      body: { detail: 'Device is not claimable' },
    })
    const { body } = await bench.ask('device/d--1/', { token: tokens.owner })
    expect(body).toMatchObject({ org: 'home', project: project.id, claimed_by: 'owner' })
  })

  it.each([
    ['a member', 'member', { device: 'd--2', project: 'p--11' }, 403],
    ['somebody else', 'stranger', { device: 'd--2', project: 'p--11' }, 404],
    ['an unknown device', 'owner', { device: 'd--99', project: 'p--11' }, 404],
    ['no device', 'owner', { device: 'meter', project: 'p--11' }, 400],
    ['no project', 'owner', { device: 'd--2', project: 'Field' }, 400],
    ['nothing', 'owner', {}, 400],
  ])('refuses %s', async (_, user, body, status) => {
    expect((await post('device/claim/', body, tokens[user])).status).toBe(status)
  })

  it('tells which devices can be claimed', async () => {
    const slugs = ['d--1', DEVICE(2), 'd--99', 'meter', 'd--2']
    expect(await post('device/claimable/', { slugs }, tokens.member)).toMatchObject({
      status: 202,
      body: {
        count: 2,
        results: [
          { slug: DEVICE(1), claimable: false },
          { slug: DEVICE(2), claimable: true },
        ],
      },
    })
    const many = Array.from({ length: 1_001 }, (_, i) => `d--${i}`)
    expect((await post('device/claimable/', { slugs: many })).status).toBe(400)
  })

  it('unclaims, and takes the device out of its fleets', async () => {
    await post('device/claim/', { device: 'd--2', project: 'p--11' })
    await post('fleet/', { name: 'All', org: 'home' })
    await post('fleet/g--1/register/', { device: 'd--2' })
    expect((await post('device/d--2/unclaim/', {}, tokens.stranger)).status).toBe(404)
    expect((await post('device/d--2/unclaim/', {}, tokens.member)).status).toBe(403)
    await bench.ask('device/d--2/', { method: 'PATCH', body: { busy: true } })
    expect((await post('device/d--2/unclaim/', {}, tokens.owner)).status).toBe(403)
    await bench.ask('device/d--2/', { method: 'PATCH', body: { busy: false } })
    const done = await post('device/d--2/unclaim/', {}, tokens.owner)
    expect(done).toMatchObject({ status: 202, body: { unclaimed: DEVICE(2) } })
    expect((await bench.ask('device/d--2/', { token: tokens.owner })).status).toBe(404)
    expect((await bench.ask('fleet/g--1/devices/')).body.count).toBe(0)
  })
})

it('tells nothing of a device to who claims it next', async () => {
  const claim = (project: string, token: string | undefined) =>
    post('device/claim/', { device: 'd--5', project }, token)
  await claim('p--11', tokens.owner)
  const bytes = writeSignedListReport({ device: 5, readings: [{ id: 1, deviceS: 1, raw: 7 }] })
  await uploadReport(bench, { bytes, timestamp: '2026-01-01T00:00:00Z' })
  const [report] = (await bench.ask('streamer/report/', { token: tokens.owner })).body.results
  await post('device/d--5/command/', { name: 'open' }, tokens.owner)
  await post('device/d--5/mask/', { start: '2026-01-01' }, tokens.owner)
  await post('device/d--5/new_property/', { name: 'Owner', str_value: 'Beth' }, tokens.owner)
  const wish = { method: 'PATCH', body: { desired: { rate: 1 } }, token: tokens.owner } as const
  await bench.ask('device/d--5/shadow/', wish)
  await bench.ask('device/d--5/', { method: 'PATCH', body: { lat: 40.4, lon: -3.7 } })
  const seen = async (token: string | undefined) => {
    const ask = async (path: string) => bench.ask(path, token === undefined ? {} : { token })
    return {
      streamers: (await ask('device/d--5/streamers/')).body.count,
      reports: (await ask('streamer/report/')).body.count,
      file: (await ask(`streamer/report/${report.id}/file/`)).status,
      commands: (await ask('device/d--5/command/')).body.count,
      mask: (await ask('device/d--5/mask/')).body.start,
      properties: (await ask('device/d--5/properties/')).body.length,
      desired: (await ask('device/d--5/shadow/')).body.desired,
      lat: (await ask('device/d--5/')).body.lat,
    }
  }
  expect(await seen(tokens.owner)).toEqual({
    streamers: 1,
    reports: 1,
    file: 200,
    commands: 1,
    mask: '2026-01-01T00:00:00Z',
    properties: 1,
    desired: { rate: 1 },
    lat: '40.4',
  })
  await post('device/d--5/unclaim/', {}, tokens.owner)
  const [{ slug: other }] = (await bench.ask('project/', { token: tokens.stranger })).body.results
  expect((await claim(other, tokens.stranger)).status).toBe(202)
  expect(await seen(tokens.stranger)).toEqual({
    streamers: 0,
    reports: 0,
    file: 404,
    commands: 0,
    mask: null,
    properties: 0,
    desired: {},
    lat: null,
  })
  expect((await bench.ask('data/?filter=s--0011--0005--5001')).body.count).toBe(1)
})

describe('data of a device', () => {
  const STREAM = (device: number) => `s--0000-0011--0000-0000-0000-000${device}--5001`
  const day = (n: number) => `2026-01-0${n}T00:00:00Z`
  const counts = async (device: number) =>
    Object.values((await bench.ask(`device/d--${device}/extra/`)).body.stream_counts).map(
      (stream: any) => stream.data_cnt,
    )
  const load = async (device: number) => {
    const points = [1, 2, 3, 4, 5].map((n) => ({ stream: STREAM(device), timestamp: day(n), value: n }))
    expect((await post('data/', points)).status).toBe(201)
  }

  it.each<[object, number, number]>([
    [{ start: day(2), end: day(4) }, 3, 2],
    [{ start: day(4) }, 3, 2],
    [{ end: day(2) }, 4, 1],
    [{ start: day(2), end: day(4), inside: true }, 2, 3],
    [{ start: day(2), inside: true }, 4, 1],
  ])('is trimmed to %j: %d go, %d stay', async (body, gone, kept) => {
    await load(1)
    expect(await post('device/d--1/trim/', body, tokens.owner)).toMatchObject({
      status: 202,
      body: { trim: 'done', count: gone },
    })
    expect(await counts(1)).toEqual([kept])
  })

  it.each<[object, object]>([
    [{}, ['Give start, end or both; to delete everything, use reset/.']],
    [{ start: 'yesterday' }, { start: ['Enter a valid date/time.'] }],
    [{ start: day(2), end: day(2) }, { end: ['The end has to be after the start.'] }],
  ])('is not trimmed to %j', async (body, reason) => {
    expect(await post('device/d--1/trim/', body)).toMatchObject({ status: 400, body: reason })
  })

  it('goes with a reset, and leaves a trace', async () => {
    await load(1)
    for (const path of ['reset', 'trim']) {
      const body = { start: day(1) }
      expect((await post(`device/d--1/${path}/`, body, tokens.member)).status).toBe(403)
      expect((await post(`device/d--1/${path}/`, body, tokens.stranger)).status).toBe(404)
    }
    await post('event/', { stream: STREAM(1), timestamp: day(2), extra_data: { a: 1 } })
    const extra = (await bench.ask('device/d--1/extra/')).body.stream_counts
    expect(extra[STREAM(1)]).toEqual({ data_cnt: 5, event_cnt: 1, has_streamid: false })
    const done = await post('device/d--1/reset/', {}, tokens.owner)
    expect(done).toMatchObject({ status: 202, body: { reset: 'done', count: 5, events: 1 } })
    expect(await counts(1)).toEqual([])
    const traces = await bench.services.catalog
      .selectFrom('audit')
      .selectAll()
      .where('target', '=', DEVICE(1))
      .execute()
    expect(traces.map(({ detail }) => detail)).toContain('5 points and 1 events, which were all')
  })

  it('comes anew after a reset, when a device counts from 1 again, and not after a trim', async () => {
    const reported = async () => {
      const readings = [1, 2, 3].map((id) => ({ id, deviceS: id, raw: id }))
      const bytes = writeSignedListReport({ device: 1, readings })
      expect((await uploadReport(bench, { bytes, timestamp: day(3) })).status).toBe(201)
      return (await bench.ask(`data/?filter=${STREAM(1)}`)).body.results.map(({ value }: any) => value)
    }
    expect(await reported()).toEqual([1, 2, 3])
    await post('device/d--1/trim/', { start: day(1), end: day(4), inside: true }, tokens.owner)
    expect(await reported()).toEqual([])
    await post('device/d--1/reset/', {}, tokens.owner)
    expect((await bench.ask('device/d--1/streamers/')).body.count).toBe(0)
    expect((await bench.ask('streamer/report/')).body.count).toBe(0)
    expect(await reported()).toEqual([1, 2, 3])
  })

  it('stays with the project when somebody else claims the device', async () => {
    await post('device/claim/', { device: 'd--3', project: 'p--11' })
    await load(3)
    await post('device/d--3/unclaim/', {})
    const other = (await bench.ask('project/', { token: tokens.stranger })).body.results[0]
    await post('device/claim/', { device: 'd--3', project: other.slug }, tokens.stranger)
    const extra = await bench.ask('device/d--3/extra/', { token: tokens.stranger })
    expect(extra.body.stream_counts).toEqual({})
    expect((await post('device/d--3/reset/', {}, tokens.stranger)).body.count).toBe(0)
    expect((await bench.ask(`data/?filter=${STREAM(3)}`)).body.count).toBe(5)
  })

  it('shows when the device was last heard of', async () => {
    const health = async (query = '') => (await bench.ask(`device/d--4/health/${query}`)).body.health_status
    await post('device/claim/', { device: 'd--4', project: 'p--11' })
    expect(await health()).toBe('unknown')
    const now = new Date(bench.clock.nowUs() / 1_000 - 60_000).toISOString()
    await post('data/', { stream: STREAM(4), timestamp: now, value: 1 })
    expect([await health(), await health('?period=59'), await health('?period=60')]).toEqual([
      'OK',
      'FAIL',
      'OK',
    ])
    expect((await bench.ask('device/d--4/health/?period=x')).status).toBe(400)
    expect((await bench.ask('device/d--4/status/')).body).toEqual({
      slug: DEVICE(4),
      state: 'N1',
      active: true,
      busy: false,
      last_update: now.replace('.000', ''),
    })
  })
})
