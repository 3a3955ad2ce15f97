/** Section 17 of the interface, through the SDK, against the mock. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../api/api.ts'
import { AccumulationReportGenerator } from '../reports/accumulation-report-generator.ts'
import { RawData, StreamData } from '../reports/stream-data.ts'
import type { MockCloud } from './mock-cloud.ts'
import { DATA_FOLDER, DATA_MISSING, openReferenceCloud } from './reference-data.fixture.ts'

const D = 'd--0000-0000-0000-00d2'
const S1 = 's--0000-0077--0000-0000-0000-00d2--5001'
const S2 = 's--0000-0077--0000-0000-0000-00d2--5002'
const SC = 's--0000-0077--0000-0000-0000-00d2--5c00'
const P = '1c07fdd0-3fad-4549-bd56-5af2aca18d5b'
const APRIL = new Date('2017-04-01')
const MAY = new Date('2017-05-01')

const title = DATA_MISSING ? 'reference data (skipped: not beside the repository)' : 'reference data'
describe.skipIf(DATA_MISSING)(title, () => {
  let api: Api
  let cloud: MockCloud
  let stop = async () => {}
  beforeAll(async () => {
    const open = await openReferenceCloud((end) => {
      stop = end
    })
    api = open.api
    cloud = open.cloud
  })
  afterAll(() => stop())
  const data = async (stream: string, parameters = {}) =>
    (await api.stream(stream).data.get(parameters)).results

  it.each([D, 'd--00d2'])('has the device %s', async (slug) => {
    expect(await api.device(slug).get()).toMatchObject({ id: 210, slug: D, label: 'Filtration Flow' })
  })

  it('has no other', async () => {
    await expect(api.device('d--0001').get()).rejects.toThrow('Client Error 404')
  })

  it('counts what streams have', async () => {
    expect((await api.device(D).extra.get()).stream_counts).toEqual({
      [S1]: { data_cnt: 11, event_cnt: 3, has_streamid: true },
      [S2]: { data_cnt: 3, has_streamid: true },
      [SC]: { data_cnt: 4, has_streamid: false },
    })
  })

  it.each([
    ['block', () => api.datablock('b--0001-0000-0000-04e7').get(), { title: 'Archive: POD1-M (04e7)' }],
    ['stream', () => api.stream(S2).get(), { enabled: false, var_lid: 20482 }],
    ['project by UUID', () => api.project(P).get(), { name: 'Irrigation Project' }],
    ['project by slug', () => api.project('p--0077').get(), { name: 'Irrigation Project' }],
    ['event document', () => api.event(1).data.get(), { test: 1, hello: 2 }],
    ['variable', () => api.variable('v--0000-0077--5001').get(), { lid: 20481, project: P }],
    ['account', () => api.account.get(), { count: 1 }],
    ['list of streams by device', () => api.stream.get({ device: 'd--00d2' }), { count: 8 }],
    ['list of streams by project', () => api.stream.get({ project: P }), { count: 8 }],
    ['list of streams by slug of it', () => api.stream.get({ project: 'p--0000-0077' }), { count: 8 }],
    ['list of streams by nothing', () => api.stream.get(), { count: 0 }],
    ['list of events', () => api.event.get({ filter: S1 }), { count: 3 }],
    ['list of events by device', () => api.event.get({ filter: D }), { count: 3 }],
    ['list of points without a filter', () => api.data.get(), { count: 0 }],
    ['list of points', () => api.data.get({ filter: S1 }), { count: 11 }],
    ['list of projects', () => api.project.get(), { count: 1 }],
    ['list of variables', () => api.variable.get({ project: P }), { count: 8 }],
    ['list of properties', () => api.property.get({ target: D }), { count: 2 }],
    ['list of properties of nothing', () => api.property.get(), { count: 0 }],
  ] as const)('has a %s', async (_name, get, expected) => {
    expect(await get()).toMatchObject(expected)
  })

  it('pages lists', async () => {
    const page = (number: number) => api.stream.get({ device: D, page_size: 3, page: number })
    expect(await page(1)).toMatchObject({ next: expect.stringContaining('page=2'), previous: null })
    expect(await page(3)).toMatchObject({ results: [{}, {}], next: null })
    await expect(page(9)).rejects.toMatchObject({ status: 404, body: { detail: 'Invalid page.' } })
    expect((await Array.fromAsync(api.stream.items({ device: D, page_size: 3 }))).length).toBe(8)
  })

  it('narrows points down', async () => {
    expect((await data(S1))[0]).toMatchObject({ value: 37854.1, output_value: 0.030688817999227146 })
    expect((await data(S1, { lastn: 3 })).map(({ int_value }) => int_value)).toEqual([100, 100, 99])
    const evening = { start: '2017-04-11T21:00:00Z', end: '2017-04-11T22:00:00Z' }
    expect((await data(S1, evening)).length).toBe(6)
    expect((await data(S1, { end: '2017-04-11T20:47:29.608972Z' })).length).toBe(1)
    expect((await data(S1, { lastn: -1 })).length).toBe(1)
    await expect(data(SC)).rejects.toThrow('Client Error 404')
    await expect(api.data.get({ filter: S1, lastn: -1 })).rejects.toThrow('lastn must be greater than 0')
  })

  it('names the owners of points', async () => {
    const [point] = (await api.data.get({ filter: S1 })).results
    const owners = { project: 'p--0000-0077', device: D, variable: 'v--0000-0077--5001' }
    expect(point).toMatchObject({ ...owners, dirty_ts: false, status: 'unk' })
  })

  it('writes a table', async () => {
    const lines = new TextDecoder().decode(await api.df.get({ filter: S1, format: 'csv' })).split('\n')
    expect(lines.length).toBe(12)
    expect(lines.slice(0, 2)).toEqual([
      'row,int_value,stream_slug',
      `2017-04-11T20:37:29.608972Z,37854.1,${S1}`,
    ])
  })

  it('has types of variables, and nothing outside of its folder', async () => {
    const type = await api.vartype('water-meter-volume').get()
    expect([type.available_input_units.length, type.available_output_units.length]).toEqual([4, 4])
    await expect(api.vartype('../../secret').get()).rejects.toThrow('Client Error 404')
    await expect(api.event(3).data.get()).rejects.toThrow('Client Error 404')
    await expect(api.resource('event', '../1').get()).rejects.toThrow('Client Error 400')
  })

  it('takes points', async () => {
    await cloud.addData({ streams: [{ ...cloud.streams.get(S1), slug: S1.replace('00d2', '00d3') }] })
    const stream = S1.replace('00d2', '00d3')
    const timestamp = '2020-01-01T00:00:00Z'
    expect(await api.data.post({ stream, timestamp, int_value: 5 })).toMatchObject({ value: 1892.705 })
    const five = Array.from({ length: 5 }, (_, i) => ({ stream, timestamp: `2020-01-0${i + 1}`, value: i }))
    expect(await api.data.post(five)).toEqual({ count: 5 })
    expect((await data(stream)).length).toBe(5)
    const both: any = { stream, timestamp, int_value: 5, value: 5 }
    await expect(api.data.post(both)).rejects.toThrow('Client Error 400')
    cloud.streams.delete(stream)
  })

  it('takes a report once', async () => {
    const file = `${DATA_FOLDER}report_100readings_10dev.bin`
    cloud.quickAddDevice(P, 10)
    const send = () => api.streamer.report.uploadFile(file, {}, { timestamp: '2018-01-01T00:00:00Z' })
    expect(await send()).toEqual({ count: 100 })
    const streamer = await api.streamer('t--0000-0000-0000-000a--0001').get()
    expect(streamer).toMatchObject({ last_id: 100, selector: 43981, is_system: true })
    expect(await send()).toEqual({ count: 100 })
    const reports = await api.streamer(streamer.slug).report.get()
    expect(reports.map((one) => [one.actual_first_id, one.actual_last_id])).toEqual([
      [1, 100],
      [0, 0],
    ])
    const bytes = new Uint8Array(await readFile(file))
    expect(cloud.rawReportFiles.get(reports[0].id)).toEqual(bytes)
    const upload = (source: Uint8Array<ArrayBuffer>) =>
      api.streamer.report.uploadFp(source, {}, { timestamp: '2018-01-01T00:00:00Z' })
    await expect(upload(bytes.subarray(0, -1))).rejects.toThrow('Client Error 400')
    await expect(upload(bytes.with(40, 7))).rejects.toThrow('Invalid Hash: d--0000-0000-0000-000a (idx=1,')
    await expect(api.streamer.report.uploadFp(bytes)).rejects.toThrow('missing timestamp argument')
    await expect(
      api.streamer.report.uploadFp(new File([bytes], 'x.jpg'), {}, { timestamp: '2018-01-01' }),
    ).rejects.toThrow('extension not supported')
  })

  describe('in reports', () => {
    it('gathers pages', async () => {
      const stream = new StreamData(S1, api)
      await stream.initializeFromServer({ page_size: 4 })
      await stream.initializeFromServer({ page_size: 4 })
      expect(stream.data.length).toBe(11)
      const raw = new RawData(api)
      await raw.initializeFromServer({ filter: D, page_size: 5 })
      expect(new Set(raw.data.map(({ stream }) => stream))).toEqual(new Set([S1, S2, SC]))
    })

    const sum = (sources: string[], start = APRIL, end: Date | undefined = MAY) => {
      const log: string[] = []
      const generator = new AccumulationReportGenerator(api, { log: (line) => log.push(line) })
      return generator.computeSum(sources, start, end).then((report) => ({ report, log }))
    }
    const both = {
      streams: { [S1]: { sum: 0.33205301075163773, units: 'A.F.' }, [S2]: { sum: 199, units: 'A.F.' } },
      total: 199.33205301075165,
    }

    it.each([
      ['a device', ['d--00d2']],
      ['a project', ['p--0000-0077']],
      ['a source given twice', [D, 'd--00d2', S1]],
    ])('sums %s', async (_name, sources) => {
      expect((await sum(sources)).report).toEqual(both)
    })

    it('sums a stream, and a part of it', async () => {
      expect((await sum([S1])).report).toMatchObject({ total: 0.33205301075163773 })
      const from = new Date('2017-04-11T21:00:00Z')
      const to = new Date('2017-04-11T22:00:00.999Z')
      expect((await sum([S1], from, to)).report).toMatchObject({ total: 0.17891580893549427 })
    })

    it('leaves out what it does not find, and says so', async () => {
      const { report, log } = await sum(['x--1', 's--0000-0077--0000-0000-0000-00d2--9999', S1])
      expect(report).toMatchObject({ total: 0.33205301075163773 })
      expect(log).toEqual([expect.stringContaining('x--1'), expect.stringContaining('Client Error 404')])
      expect((await sum(['x--1'])).report).toEqual({ error: 'No streams were found for these GIDs' })
    })
  })
})
