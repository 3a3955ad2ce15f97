import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRestBench, type RestBench } from '../rest.fixture.ts'
import { DEVICE, loadWaterMeter, S1, S2, WATER_METER_MISSING } from '../water-meter.fixture.ts'

const asking = (bench: RestBench) => (body: object, token?: string) =>
  bench.ask('report/accumulation/', { method: 'POST', body, ...(token === undefined ? {} : { token }) })

describe.skipIf(WATER_METER_MISSING)(
  WATER_METER_MISSING ? 'water meter (skipped: its files are not beside the repository)' : 'water meter',
  () => {
    let report: ReturnType<typeof asking>
    const cleanups: (() => Promise<void>)[] = []
    beforeAll(async () => {
      const bench = await openRestBench({}, (cleanup) => cleanups.unshift(cleanup))
      await loadWaterMeter(bench)
      report = asking(bench)
    })
    afterAll(async () => {
      for (const cleanup of cleanups) await cleanup()
    })
    const SPRING = { start: '2017-04-01T00:00:00Z', end: '2017-05-01' }
    const flow = { sum: 0.33205301075163773, units: 'A.F.' }
    const both = { streams: { [S1]: flow, [S2]: { sum: 199, units: 'A.F.' } }, total: 199.33205301075165 }
    const alone = { streams: { [S1]: flow }, total: 0.33205301075163773 }

    it.each<[string, object, object]>([
      ['a device', { sources: ['d--00d2'] }, both],
      ['a project', { sources: ['p--0000-0077'] }, both],
      ['a stream', { sources: [S1] }, alone],
      ['the same twice, in other words', { sources: ['d--00d2', DEVICE, S1, 'p--77'] }, both],
      ['what exists of some', { sources: ['x--1', S1, 'd--1'] }, { ...alone, skipped: ['x--1', 'd--1'] }],
      [
        'an hour, with fractions of seconds left out',
        { sources: [S1], start: '2017-04-11T21:00:00.9Z', end: '2017-04-11T22:00:00Z' },
        { streams: { [S1]: { sum: 0.17891580893549427, units: 'A.F.' } }, total: 0.17891580893549427 },
      ],
      ['a time without points', { sources: ['d--00d2'], end: '2017-04-02' }, { streams: {}, total: 0 }],
      ['a time that ends before it starts', { sources: [S1], end: '2016-01-01' }, { streams: {}, total: 0 }],
    ])('adds up %s', async (_, body, expected) => {
      const reply = await report({ ...SPRING, ...body })
      expect([reply.status, reply.body]).toEqual([200, expected])
    })

    it.each([[['x--1']], [[]], [['d--0001']], [['s--0077--00d2--5c00']]])(
      'says so when %j name no stream',
      async (sources) => {
        const reply = await report({ ...SPRING, sources })
        expect([reply.status, reply.body]).toEqual([400, { error: 'No streams were found for these GIDs' }])
      },
    )

    it('tells the sum of each day of a zone', async () => {
      const { body } = await report({
        sources: [S1],
        start: '2017-04-11T12:00:00+02:00',
        end: '2017-04-14',
        every: '1d',
        tz: 'Europe/Madrid',
      })
      const { periods, streams, total } = body
      expect(periods.map((period: { start: string }) => period.start)).toEqual([
        '2017-04-11T10:00:00Z',
        '2017-04-11T22:00:00Z',
        '2017-04-12T22:00:00Z',
      ])
      expect(streams[S1].sums).toEqual(periods.map((period: { total: number }) => period.total))
      expect(total).toBe(0.33205301075163773)
    })
  },
)

describe('report/accumulation/', async () => {
  const bench = await openRestBench({}, afterAll)
  const report = asking(bench)
  const create = async (path: string, body: object) => (await bench.ask(path, { method: 'POST', body })).body
  const garden = await create('project/', { name: 'Garden', org: 'home' })
  const evil = '<script>alert("1")</script>'
  const pump = await create('device/', { label: evil, project: garden.id })
  const variable = `v--${garden.gid}--0001`
  await create('variable/', { project: garden.id, lid: 1, name: '=cmd()' })
  const unit = { slug: 'kl', unit_full: 'kilolitres', unit_short: 'kl&', m: 1, d: 1000, o: 2 }
  const flow = await create('stream/', { variable, device: pump.slug, output_unit: unit })
  const point = (timestamp: string, value: number | string) => ({ stream: flow.slug, timestamp, value })
  await create('data/', [
    point('2026-01-01T00:00:00Z', 1_000),
    point('2026-01-01T23:30:00Z', 2_000),
    point('2026-01-02T00:00:00Z', 'leak'),
    point('2026-01-03T00:00:00Z', -4_000),
  ])
  const days = { sources: [pump.slug], start: '2026-01-01', end: '2026-01-04', every: '1d' }

  it('adds offsets once per number, and texts not at all', async () => {
    const { body } = await report(days)
    expect(body.streams[flow.slug]).toEqual({ sum: 5, units: 'kl&', sums: [7, 0, -2] })
    expect(body.periods[2]).toEqual({
      start: '2026-01-03T00:00:00Z',
      end: '2026-01-04T00:00:00Z',
      total: -2,
    })
  })

  it('leaves out a stream whose sum is 0', async () => {
    expect(
      (await report({ sources: [flow.slug], start: '2026-01-02', end: '2026-01-02T12:00' })).body,
    ).toEqual({
      streams: {},
      total: 0,
    })
  })

  it('writes a line of CSV per stream and period, harmless in a spreadsheet', async () => {
    const { text, headers } = await report({ ...days, format: 'csv' })
    const [header, first, , third] = text.split('\r\n')
    expect(headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(header).toBe('stream,device,variable,units,start,end,sum')
    expect(first).toBe(
      `${flow.slug},"<script>alert(""1"")</script>",'=cmd(),kl&,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z,7`,
    )
    expect(third.endsWith(',-2')).toBe(true)
  })

  it('writes a page that loads nothing and runs nothing', async () => {
    const { text, headers } = await report({ ...days, format: 'html', tz: 'Europe/Madrid' })
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-security-policy']).toContain("sandbox; default-src 'none'")
    expect(text).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;')
    expect(text).toContain('<h2>kl&amp;</h2>')
    expect(text).toContain('@media print')
    expect(text.match(/<rect /g)).toHaveLength(3)
    expect(text).not.toMatch(/<script|<link|<img|@import|url\(|src=|href=|http/)
  })

  it('leaves inactive devices out, unless a stream is named', async () => {
    const activate = (active: boolean) =>
      bench.ask(`device/${pump.slug}/`, { method: 'PATCH', body: { active } })
    await activate(false)
    expect((await report({ ...days, sources: [garden.slug] })).status).toBe(400)
    expect((await report({ ...days, sources: [garden.slug, flow.slug] })).status).toBe(200)
    await activate(true)
  })

  it.each([
    [{ start: undefined }, 'start'],
    [{ start: 'sometime' }, 'start'],
    [{ every: '1f' }, 'every'],
    [{ tz: 'Mars/Olympus' }, 'tz'],
    [{ format: 'pdf' }, 'format'],
    [{ sources: Array(101).fill('d--1') }, 'sources'],
    [{ sources: undefined }, 'sources'],
  ])('refuses %j', async (change, field) => {
    const { status, body } = await report({ ...days, ...change })
    expect([status, Object.keys(body)]).toEqual([400, [field]])
  })

  it('refuses more sums than one report may have', async () => {
    expect((await report({ ...days, every: '1s', end: '2026-01-05' })).status).toBe(413)
  })

  it('adds up what the caller may read', async () => {
    const stranger = await bench.user('noob')
    const operator = await bench.user('jerry', 'r1')
    expect((await report(days, stranger)).status).toBe(400)
    expect((await report(days, operator)).status).toBe(400)
    expect((await report(days, await bench.user('morty', 'm1'))).status).toBe(200)
  })
})
