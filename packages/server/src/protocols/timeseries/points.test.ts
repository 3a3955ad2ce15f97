import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { FIRST_PAGE } from '../../catalog/catalog.fixture.ts'
import { listSeries, markSeriesRemoved } from '../../catalog/series.ts'
import { findSeriesPoint } from '../../catalog/series-points.ts'
import { listStreamReferences, updateStream } from '../../catalog/streams.ts'
import { US_PER_DAY, US_PER_HOUR } from '../../model/time.ts'
import { Removals } from './removals.ts'
import { FIELDS_MAX } from './series-streams.ts'
import { openTimeseriesBench, type TimeseriesBench } from './timeseries.fixture.ts'

const DEVICE = { token: 'tok-A', device_id: 'D', device_desc: 'dd' }
const ALL = 'from=2000-01-01&to=2100-01-01'

describe('points of the timeseries API', () => {
  let bench: TimeseriesBench
  const cleanups: (() => unknown)[] = []
  const open = async (zone = 'UTC') => {
    bench = await openTimeseriesBench({ zone, atEnd: (cleanup) => cleanups.unshift(cleanup) })
  }
  beforeAll(() => open())
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup()
  })

  const newSeries = async (): Promise<number> => (await bench.ask('PUT', '/series/new', DEVICE)).body
  const add = (seriesId: number, fields: unknown) =>
    bench.ask('PUT', '/point/new', { token: 'tok-A', series_id: seriesId, fields })
  const pointsOf = async (seriesId: number, query = ALL) =>
    (await bench.ask('GET', `/series/${seriesId}?${query}`)).body
  const idsOf = async (seriesId: number) => (await pointsOf(seriesId)).map(({ id }: { id: number }) => id)
  const count = async () => (await bench.ask('GET', '/points/count')).body

  it.each<[what: string, fields: unknown]>([
    ['nothing', {}],
    ['numbers and texts', { a: 1, b: -2.5e-7, c: 'text', d: '', e: 2 ** 53 }],
    ['switches and nothing', { on: true, off: false, none: null }],
    ['lists and objects', { list: [1, [2]], object: { a: { b: null } } }],
    ['names that no variable can have', { '': 1, ' ': 2, 'point id': 3, ['x'.repeat(300)]: 4, 'a\0b': 5 }],
    ['a list', [1, 2]],
    ['a text', 'text'],
    ['a number', 5],
    ['half a character', { a: '\ud800' }],
    ['what reaches into prototypes', JSON.parse('{"__proto__": 1, "constructor": 2}')],
  ])('keep %s', async (_, fields) => {
    const { body: id } = await add(await newSeries(), fields)
    const { text } = await bench.ask('GET', `/point/${id}`)
    expect(JSON.stringify(JSON.parse(text).fields)).toBe(JSON.stringify(fields))
  })

  it('keep any JSON', async () => {
    const series = await newSeries()
    const keys = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string({ maxLength: 3 }))
    const values = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(fc.dictionary(keys, values), async (given) => {
        const fields = JSON.parse(JSON.stringify(given))
        const { body: id } = await add(series, fields)
        expect((await bench.ask('GET', `/point/${id}`)).body.fields).toEqual(fields)
      }),
      { numRuns: 30 },
    )
  })

  it.each([null, undefined])('need fields, and %s is none', async (fields) => {
    const reply = await add(await newSeries(), fields)
    expect([reply.status, reply.body.message]).toEqual([400, 'Some fields are missing'])
  })

  it('refuse what is nested too deeply to be written again', async () => {
    const series = await newSeries()
    const fields = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
    const reply = await bench.ask(
      'PUT',
      '/point/new',
      `{"token": "tok-A", "series_id": ${series}, "fields": ${fields}}`,
    )
    expect([400, 201]).toContain(reply.status)
    if (reply.status === 201) {
      expect((await bench.ask('GET', `/point/${reply.body}`)).text).toContain(fields)
    }
  })

  it(`have streams for the first ${FIELDS_MAX} fields of a series, and keep the others all the same`, async () => {
    const series = await newSeries()
    const many = Object.fromEntries(Array.from({ length: FIELDS_MAX + 50 }, (_, i) => [`f${i}`, i]))
    const { body: id } = await add(series, many)
    await add(series, { more: 1 })
    expect((await bench.ask('GET', `/point/${id}`)).body.fields).toEqual(many)
    const streams = await listStreamReferences(bench.access.db, { sight: {} }, { limit: 10_000 })
    const named = new Set(streams.map((row) => row.variable_name))
    expect(named.has(`f${FIELDS_MAX - 1}`)).toBe(true)
    expect(named.has(`f${FIELDS_MAX}`) || named.has('more')).toBe(false)
  })

  it('keep values whose streams take no data', async () => {
    const series = await newSeries()
    await add(series, { gone: 1 })
    const streams = await listStreamReferences(bench.access.db, { sight: {} }, { limit: 10_000 })
    const { id } = streams.findLast((row) => row.variable_name === 'gone')!
    await updateStream(bench.access.db, id, { enabled: 0 })
    bench.services.resolver.forget()
    await add(series, { gone: 2 })
    expect((await pointsOf(series)).map((point: any) => point.fields)).toEqual([{ gone: 1 }, { gone: 2 }])
    expect((await bench.store.latest(Uint32Array.of(id))).values[0]).toBe(1)
  })

  it('have ids and times of their own when many come at once', async () => {
    const series = [await newSeries(), await newSeries()]
    const replies = await Promise.all(Array.from({ length: 300 }, (_, i) => add(series[i % 2], { i })))
    const ids = replies.map(({ body }) => body)
    expect(new Set(ids).size).toBe(300)
    for (const one of series) {
      const points = await pointsOf(one, '')
      expect(points.length).toBe(150)
      expect(new Set(points.map(({ timestamp }: any) => timestamp)).size).toBe(150)
    }
    const { body } = await bench.ask('GET', '/series')
    expect(series.map((one) => body[one].count)).toEqual([150, 150])
  })

  it('are not overwritten when the clock is set back', async () => {
    const { clock } = bench.access
    const series = await newSeries()
    for (let i = 0; i < 3; i++) await add(series, { i })
    clock.advance(US_PER_HOUR)
    for (let i = 3; i < 6; i++) await add(series, { i })
    clock.advance(-US_PER_HOUR)
    await Promise.all([6, 7, 8].map((i) => add(series, { i })))
    clock.advance(US_PER_HOUR)
    await add(series, { i: 9 })
    const points = await pointsOf(series)
    expect(points.map((point: any) => point.fields.i).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    for (const { id, timestamp } of points) {
      expect((await bench.ask('GET', `/point/${id}`)).body.timestamp).toBe(timestamp)
    }
  })

  it('are all found after a crash, and their ids are not used again', async () => {
    const series = await newSeries()
    const ids = []
    for (let i = 0; i < 5; i++) ids.push((await add(series, { i })).body)
    await bench.ask('DELETE', `/point/${ids[4]}`, { token: 'tok-A' })
    ids.push((await add(series, { i: 5, list: [] })).body)
    const before = await count()
    bench = await bench.restart()
    expect(await count()).toBe(before)
    expect(await idsOf(series)).toEqual(ids.filter((_, i) => i !== 4))
    expect((await bench.ask('GET', `/point/${ids[5]}`)).body.fields).toEqual({ i: 5, list: [] })
    expect((await bench.ask('GET', `/point/${ids[4]}`)).status).toBe(404)
    expect((await add(series, { i: 6 })).body).toBeGreaterThan(ids[5])
    expect((await add(series, { i: 7 })).status).toBe(201)
    expect(await count()).toBe(before + 2)
  })

  it('go on with the next id after an orderly stop', async () => {
    const series = await newSeries()
    const { body: id } = await add(series, { a: 1 })
    await bench.http.close()
    bench = await bench.restart()
    expect((await add(series, { a: 2 })).body).toBe(id + 1)
  })

  it('go with their series, also when that was interrupted', async () => {
    const { db } = bench.access
    const series = await newSeries()
    const { body: id } = await add(series, { interrupted: 1 })
    await add(series, { interrupted: 2 })
    const before = await count()
    await bench.http.close()
    await markSeriesRemoved(db, series)
    bench = await bench.restart()
    expect(await count()).toBe(before - 2)
    expect((await bench.ask('GET', `/series/${series}`)).status).toBe(404)
    expect((await bench.ask('GET', `/point/${id}`)).status).toBe(404)
    await vi.waitFor(async () => expect((await listSeries(db)).map((row) => row.id)).not.toContain(series))
    expect(await findSeriesPoint(db, id)).toBeUndefined()
    const streams = await listStreamReferences(db, { sight: {} }, { limit: 10_000 })
    expect(streams.some((row) => row.variable_name === 'interrupted')).toBe(false)
  })

  it('of an archived device stay in the archive, and others go on', async () => {
    const { db } = bench.access
    const series = await newSeries()
    const { body: id } = await add(series, { a: 1 })
    const streams = await listStreamReferences(db, { sight: {} }, { limit: 10_000 })
    const mine = streams.slice(-2).map((row) => row.id)
    for (const [i, streamId] of mine.entries()) {
      await db
        .updateTable('streams')
        .set({ block: 1, slug: `s--archived-${series}-${i}` })
        .where('id', '=', streamId)
        .execute()
    }
    bench.services.resolver.forget()
    const { body: later } = await add(series, { a: 2 })
    expect(await idsOf(series)).toEqual([later])
    expect((await bench.ask('GET', `/point/${id}`)).status).toBe(404)
    expect((await bench.ask('DELETE', `/series/${series}`, { token: 'tok-A' })).status).toBe(204)
    expect((await bench.store.latest(Uint32Array.from(mine))).values[1]).toBe(1)
  })

  it('are taken or refused, and leave nothing behind, while their series is deleted', async () => {
    const { db } = bench.access
    const series = await newSeries()
    const before = (await listStreamReferences(db, { sight: {} }, { limit: 10_000 })).length
    const writes = Array.from({ length: 50 }, (_, i) => add(series, { [`raced ${i}`]: i }))
    const removal = bench.ask('DELETE', `/series/${series}`, { token: 'tok-A' })
    const statuses = (await Promise.all(writes)).map(({ status }) => status)
    expect(statuses.every((status) => status === 201 || status === 404)).toBe(true)
    expect((await removal).status).toBe(204)
    const after = await listStreamReferences(db, { sight: {} }, { limit: 10_000 })
    expect(after.length).toBe(before - 1)
    expect((await add(series, { a: 1 })).status).toBe(404)
  })

  it('lose their ids when they are too old to be kept', async () => {
    const series = await newSeries()
    const { body: id } = await add(series, { a: 1 })
    bench.access.clock.advance(10 * US_PER_DAY)
    await bench.http.close()
    bench = await bench.restart()
    const { body: later } = await add(series, { a: 2 })
    const { timestamp } = (await bench.ask('GET', `/point/${later}`)).body
    const { catalog, clock, ingest, points } = bench.services
    expect(timestamp).toMatch(/^2026-01-11T/)
    const sweeping = await openSweep()
    await sweeping(clock.nowUs() - 5 * US_PER_DAY)
    expect((await bench.ask('GET', `/point/${id}`)).status).toBe(404)
    expect((await bench.ask('GET', `/point/${later}`)).status).toBe(200)

    async function openSweep() {
      const { SeriesBook } = await import('./series-book.ts')
      const { PointIndex } = await import('./point-index.ts')
      const book = new SeriesBook(bench.services)
      const index = new PointIndex({ catalog, onFailure: () => undefined })
      const removals = new Removals({ catalog, clock, ingest, points, book, index })
      return (keptFromUs: number) => removals.sweep(keptFromUs)
    }
  })

  it('are shown as the clock on the wall of the configured zone shows them', async () => {
    await open('Europe/Madrid')
    const series = await newSeries()
    await add(series, { a: 1 })
    expect(await pointsOf(series, '')).toMatchObject([{ timestamp: '2026-01-01T01:00:00' }])
    expect(await pointsOf(series, 'to=2026-01-01 01:00')).toHaveLength(1)
    expect(await pointsOf(series, 'to=2026-01-01 00:59')).toHaveLength(0)
    expect(await pointsOf(series, 'to=2026-01-01T00:00:00Z')).toHaveLength(1)
    expect(await pointsOf(series, 'to=2026-01-01T02:00:00%2B02:00')).toHaveLength(1)
    expect(await pointsOf(series, 'to=2026-01-01T02:00:00%2B02:30')).toHaveLength(0)
  })

  it('come in one answer of any length', async () => {
    await open()
    const series = await newSeries()
    for (let i = 0; i < 20; i++)
      await Promise.all(Array.from({ length: 50 }, () => add(series, { a: 'x'.repeat(100) })))
    expect(await idsOf(series)).toHaveLength(1_000)
    expect((await listStreamReferences(bench.access.db, { sight: {} }, FIRST_PAGE)).length).toBe(2)
    expect((await bench.ask('DELETE', `/series/${series}`, { token: 'tok-A' })).status).toBe(204)
    expect(await listStreamReferences(bench.access.db, { sight: {} }, FIRST_PAGE)).toEqual([])
    expect((await bench.store.stats()).pointCount).toBe(0)
    expect(await count()).toBe(0)
  })
})
