/** The reference requests about devices, streams and their data, over the water meter's real points. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRestBench, type RestBench } from '../rest.fixture.ts'
import {
  DEVICE,
  loadWaterMeter,
  PROJECT_UUID,
  S1,
  S2,
  SC,
  WATER_METER_MISSING,
} from '../water-meter.fixture.ts'

describe.skipIf(WATER_METER_MISSING)(
  WATER_METER_MISSING ? 'water meter (skipped: its files are not beside the repository)' : 'water meter',
  () => {
    let bench: RestBench
    const cleanups: (() => Promise<void>)[] = []
    beforeAll(async () => {
      bench = await openRestBench({}, (cleanup) => cleanups.unshift(cleanup))
      await loadWaterMeter(bench)
    })
    afterAll(async () => {
      for (const cleanup of cleanups) await cleanup()
    })
    const get = async (path: string) => {
      const { status, body } = await bench.ask(path)
      return { status, body, count: body?.count as number, results: body?.results as any[] }
    }

    it.each([DEVICE, 'd--00d2'])('finds the device as %s', async (slug) => {
      const { status, body } = await get(`device/${slug}/`)
      expect(status).toBe(200)
      expect(body).toMatchObject({
        id: 210,
        slug: DEVICE,
        gid: '0000-0000-0000-00d2',
        label: 'Filtration Flow',
        sg: 'water-meter-v1-1-0',
        org: 'home',
        project: PROJECT_UUID,
        claimed_by: 'admin',
        active: true,
        lat: null,
      })
    })

    it('does not find a device that is not there', async () => {
      expect(await get('device/d--0001/')).toMatchObject({ status: 404, body: { detail: 'Not found.' } })
    })

    it.each(['d--00d2', 'b--0001-0000-0000-00d2'])(
      'counts the data of %s, also without a record',
      async (slug) => {
        const { status, body } = await get(`device/${slug}/extra/`)
        expect(status).toBe(200)
        expect(body).toMatchObject({ id: 210, slug: DEVICE, project: PROJECT_UUID, claimed_by: 'admin' })
        expect(body.stream_counts).toEqual({
          [S1]: { data_cnt: 11, has_streamid: true },
          [S2]: { data_cnt: 3, has_streamid: true },
          [SC]: { data_cnt: 4, has_streamid: false },
        })
      },
    )

    it('shows a stream record whole', async () => {
      const { body } = await get(`stream/${S2}/`)
      expect(body).toMatchObject({
        enabled: false,
        var_lid: 20482,
        project: 'p--0000-0077',
        project_id: PROJECT_UUID,
        device: DEVICE,
        block: null,
        variable: 'v--0000-0077--5002',
        org: 'home',
        slug: S2,
      })
      expect(body.input_unit).toMatchObject({ m: 123348185, d: 100 })
    })

    it('has the types of its variables, with their units', async () => {
      const { status, body } = await get('vartype/water-meter-volume/')
      expect([status, body.available_input_units.length, body.available_output_units.length]).toEqual([
        200, 4, 4,
      ])
      expect(body.available_output_units[2].derived_units.rate.gph).toEqual({ m: 6, d: 1 })
      expect((await get('vartype/')).count).toBe(5)
      expect((await get('variable/v--0077--5001/type/')).body).toEqual(body)
    })

    it.each(['vartype/..%2f..%2fsecret/', 'vartype/water-meter/', 'vartype/%27%20or%201=1/'])(
      'finds nothing at %s',
      async (path) => {
        expect(await get(path)).toMatchObject({ status: 404, body: { detail: 'Not found.' } })
      },
    )

    it.each([
      `stream/?device=${DEVICE}`,
      'stream/?project=p--0000-0077',
      `stream/?project=${PROJECT_UUID}`,
      'stream/?device__slug=d--00d2',
      'stream/',
    ])('lists 8 streams at %s', async (path) => {
      expect(await get(path)).toMatchObject({ status: 200, count: 8 })
    })

    it('pages with absolute links that keep the other parameters', async () => {
      const first = await get(`stream/?device=${DEVICE}&page_size=3`)
      expect(first.results.length).toBe(3)
      expect(first.body.previous).toBeNull()
      expect(first.body.next).toBe(`http://sonde.test/api/v1/stream/?device=${DEVICE}&page_size=3&page=2`)
      const last = await get(`stream/?device=${DEVICE}&page_size=3&page=3`)
      expect(last.results.length).toBe(2)
      expect(last.body).toMatchObject({ next: null })
      expect(last.body.previous).toMatch(/page=2$/)
      const second = await get(`stream/?device=${DEVICE}&page_size=3&page=2`)
      expect(second.body.previous).toBe(`http://sonde.test/api/v1/stream/?device=${DEVICE}&page_size=3`)
      expect((await get(`stream/?device=${DEVICE}&page_size=3&page=last`)).results).toEqual(last.results)
    })

    it.each(['9', '0', 'x', '-1'])('has no page %s', async (page) => {
      const reply = await get(`stream/?device=${DEVICE}&page_size=3&page=${page}`)
      expect(reply).toMatchObject({ status: 404, body: { detail: 'Invalid page.' } })
    })

    it('shows the points of a stream in all its units', async () => {
      const { count, results } = await get(`stream/${S1}/data/`)
      expect(count).toBe(11)
      expect(results[0]).toEqual({
        type: 'ITR',
        timestamp: '2017-04-11T20:37:29.608972Z',
        int_value: 100,
        value: 37854.1,
        display_value: '0',
        output_value: 0.030688817999227146,
        streamer_local_id: null,
      })
      const total = results.reduce((sum, point) => sum + point.output_value, 0)
      expect(total).toBe(0.33205301075163773)
    })

    it.each<[query: string, counts: number[]]>([
      ['lastn=3', [100, 100, 99]],
      ['lastn=-1', [99]],
      ['lastn=all', [100, 101, 99, 92, 90, 100, 101, 100, 100, 100, 99]],
    ])('takes %s', async (query, counts) => {
      const { results } = await get(`stream/${S1}/data/?${query}`)
      expect(results.map((point) => point.int_value).slice(-3)).toEqual(counts.slice(-3))
      expect(results.length).toBe(counts.length)
    })

    it.each<[query: string, count: number]>([
      ['start=2017-04-11T21:00:00Z&end=2017-04-11T22:00:00Z', 6],
      ['end=2017-04-11T20:47:29.608972Z', 1],
      ['start=2017-04-11T23:00:00+02:00&end=2017-04-12T00:00:00 02:00', 6],
      ['start=2017-04-12', 0],
      ['start=yesterday', 11],
    ])('counts the points of %s', async (query, count) => {
      expect((await get(`stream/${S1}/data/?${query}`)).count).toBe(count)
    })

    it('needs a record for that list', async () => {
      expect((await get(`stream/${SC}/data/`)).status).toBe(404)
    })

    it('lists points with what they belong to, also without a record', async () => {
      const { count, results } = await get(`data/?filter=${S1}`)
      expect(count).toBe(11)
      expect(results[0]).toMatchObject({
        stream: S1,
        project: 'p--0000-0077',
        device: DEVICE,
        variable: 'v--0000-0077--5001',
        type: 'ITR',
        timestamp: '2017-04-11T20:37:29.608972Z',
        int_value: 100,
        value: 37854.1,
        dirty_ts: false,
        status: 'unk',
      })
      const bare = await get(`data/?filter=${SC}`)
      expect(bare.results.map((point) => [point.type, point.value])).toEqual([
        ['Num', 100],
        ['Num', 99],
        ['Num', 0],
        ['Num', 1],
      ])
    })

    it.each<[path: string, count: number]>([
      ['data/', 0],
      ['data/?filter=d--00d2', 18],
      ['data/?filter=v--0000-0077--5001', 11],
      ['data/?filter=d--0999', 0],
      [`data/?filter=${S1}&lastn=4`, 4],
      [`data/?filter=${S1}&start=2017-04-11T21:00:00Z&end=2017-04-11T22:00:00Z`, 6],
    ])('counts %s', async (path, count) => {
      expect(await get(path)).toMatchObject({ status: 200, count })
    })

    it.each<[query: string, body: unknown]>([
      [`filter=${S1}&lastn=-1`, ['lastn must be greater than 0']],
      [`filter=${S1}&lastn=100001`, ['lastn limit is 100000']],
      [`filter=${S1}&start=yesterday`, { start: ['Enter a valid date/time.'] }],
      [
        'filter=nonsense',
        { filter: ['"nonsense" is no slug of a stream, device, block, variable or project'] },
      ],
    ])('refuses data/?%s', async (query, body) => {
      expect(await get(`data/?${query}`)).toMatchObject({ status: 400, body })
    })

    it('merges streams in the order of time, page by page', async () => {
      const all = await get('data/?filter=d--00d2')
      const times = all.results.map((point) => point.timestamp)
      expect(times).toEqual([...times].sort())
      const pages = await Promise.all(
        [1, 2, 3].map((page) => get(`data/?filter=d--00d2&page_size=7&page=${page}`)),
      )
      expect(pages.flatMap((page) => page.results)).toEqual(all.results)
      const newest = await get('data/?filter=d--00d2&lastn=5')
      expect(newest.results).toEqual(all.results.slice(-5))
    })

    it('makes a table of a stream', async () => {
      const { text, headers } = await bench.ask(`df/?filter=${S1}&format=csv`)
      const lines = text.split('\n')
      expect(lines.length).toBe(12)
      expect(lines.slice(0, 2)).toEqual([
        'row,int_value,stream_slug',
        `2017-04-11T20:37:29.608972Z,37854.1,${S1}`,
      ])
      expect(headers['content-type']).toMatch('text/csv')
      const again = await bench.ask(`df/?filter=${S1}`, { headers: { accept: 'text/csv' } })
      expect(again.text).toBe(text)
    })

    it('makes tables in other shapes', async () => {
      const lines = async (query: string) => (await bench.ask(`df/?${query}`)).text.split('\n')
      expect(await lines('format=csv')).toEqual(['row,int_value,stream_slug'])
      expect((await lines(`filter=${S1}&apply_mdo=1`))[1]).toBe(
        `2017-04-11T20:37:29.608972Z,0.030688817999227146,${S1}`,
      )
      expect((await lines(`filter=${S1}&extended=1`))[0]).toBe(
        'row,int_value,stream_slug,device_timestamp,streamer_local_id',
      )
      expect((await lines(`filter=${S1}&extended=1`))[1]).toMatch(/,,$/)
      const pivot = await lines(`filter=d--00d2&pivot=1&start=2017-04-11T22:07:25Z&end=2017-04-11T22:07:26Z`)
      expect(pivot[0].split(',').slice(1).sort()).toEqual(expect.arrayContaining([S1, S2, SC]))
      expect(pivot.length).toBe(2)
      const stats = await lines(`filter=${SC}&pivot=1&stats=1`)
      expect(stats).toEqual([
        `row,${SC}`,
        'count,4',
        'sum,200',
        'mean,50',
        expect.stringMatching(/^std,57\.16\d+$/),
        'min,0',
        'median,50',
        'max,100',
      ])
      const json = await bench.ask(`df/?filter=${SC}&format=json`)
      expect(json.body[0]).toEqual({ row: '2017-04-11T22:07:25.972121Z', int_value: 100, stream_slug: SC })
      expect((await bench.ask('df/?format=xml')).status).toBe(400)
    })

    it('changes a device, and knows it by a new label', async () => {
      const { status, body } = await bench.ask(`device/${DEVICE}/`, {
        method: 'PATCH',
        body: { sg: 'water-meter-v1-1-1', nonsense: 1 },
      })
      expect([status, body.sg, body.label]).toEqual([200, 'water-meter-v1-1-1', 'Filtration Flow'])
    })

    it('shows nothing of it to a user of another organisation', async () => {
      const token = await bench.user('stranger')
      expect((await bench.ask(`stream/${S1}/data/`, { token })).status).toBe(404)
      expect((await bench.ask(`device/${DEVICE}/`, { token })).status).toBe(404)
      expect((await bench.ask(`data/?filter=${S1}`, { token })).body.count).toBe(0)
      expect((await bench.ask(`df/?filter=${S1}`, { token })).text).toBe('row,int_value,stream_slug')
      expect((await bench.ask('query/?project=Irrigation Project', { token })).body).toEqual({ results: [] })
      const point = { stream: S1, timestamp: '2026-01-01T00:00:00Z', int_value: 5 }
      expect((await bench.ask('data/', { token, method: 'POST', body: point })).status).toBe(403)
    })

    it('answers queries by name, by slug and by group', async () => {
      const { body } = await bench.ask('query/?project=Irrigation Project&device=Filtration Flow&agg=count')
      const counts = new Map(body.results.map((series: any) => [series.stream, series.values[0]]))
      expect([counts.get(S1), counts.get(S2), counts.get(SC)]).toEqual([11, 3, 4])
      const all = await bench.ask('query/?filter=p--0000-0077&agg=count,max&by=none')
      expect(all.body.results).toMatchObject([
        { project: 'Irrigation Project', values: { count: [18], max: [123348185] } },
      ])
      const hours = await bench.ask(`query/?filter=${S1}&every=1h&agg=sum&format=csv`)
      expect(hours.text.split('\r\n').slice(0, 2)).toEqual([
        'time,device,variable,stream,value',
        expect.stringMatching(
          /^2017-04-11T20:00:00Z,Filtration Flow,.*,s--0000-0077--0000-0000-0000-00d2--5001,113562\.3\d*$/,
        ),
      ])
      expect((await bench.ask('query/')).status).toBe(400)
    })
  },
)
