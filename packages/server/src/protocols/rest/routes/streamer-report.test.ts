/** Uploads of reports: the reference requests, who may, and that nothing is stored twice or lost. */
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SAMPLE_V100 } from '../../../ingest/reports/dictionary-report.fixture.ts'
import {
  type WrittenReport,
  writeSignedListReport,
} from '../../../ingest/reports/signed-list-report.fixture.ts'
import { openRestBench, type RestBench } from '../rest.fixture.ts'
import { addDevices, type Upload, uploadReport } from '../streamer-report.fixture.ts'

const RECEIVED = '2018-01-01T00:00:00Z'
const BASE_V100 = '2018-01-01T00:01:00Z'
const SAMPLE = fileURLToPath(
  new URL('../../../../../../../shared/data/report_100readings_10dev.bin', import.meta.url),
)
const SAMPLE_MISSING = !existsSync(SAMPLE) && process.env.CI !== 'true'

/** The same as the reference's file, byte for byte, where that is not to be had. */
const hundred = () =>
  writeSignedListReport({
    device: 10,
    streamerIndex: 1,
    selector: 0xabcd,
    reportId: 101,
    readings: Array.from({ length: 100 }, (_, i) => ({ id: i + 1, deviceS: i, raw: 100 + i })),
  })

let bench: RestBench
const cleanups: (() => Promise<void>)[] = []
beforeAll(async () => {
  bench = await openRestBench({}, (cleanup) => cleanups.unshift(cleanup))
  await addDevices(bench, [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22])
})
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

const upload = (more: Partial<Upload> & Pick<Upload, 'bytes'>) =>
  uploadReport(bench, { timestamp: RECEIVED, ...more })
const write = (report: WrittenReport, more: Partial<Upload> = {}) =>
  upload({ bytes: writeSignedListReport(report), ...more })
const get = async (path: string) => (await bench.ask(path)).body
const slug = (device: number) => `d--0000-0000-0000-${device.toString(16).padStart(4, '0')}`
const streamer = (device: number, index: number) =>
  `t--0000-0000-0000-${device.toString(16).padStart(4, '0')}--${index.toString(16).padStart(4, '0')}`
/** Time, number, value and status of what a device has. */
const points = async (device: number, query = ''): Promise<string[]> => {
  const { results } = await get(`data/?filter=${slug(device)}${query}`)
  return results.map((point: Record<string, unknown>) => {
    const { timestamp, streamer_local_id, value, status, variable } = point
    return `${String(timestamp).slice(11, -1)} ${String(variable).slice(-4)} ${streamer_local_id} ${value} ${status}`
  })
}

describe('the 100 readings', () => {
  it.skipIf(SAMPLE_MISSING)(
    'are those of the reference (skipped where its file is not beside the repository)',
    () => {
      expect(hundred().equals(readFileSync(SAMPLE))).toBe(true)
    },
  )

  it('are stored once however often they come', async () => {
    for (const timestamp of [RECEIVED, RECEIVED, '2018-01-01T05:00:00Z']) {
      const { status, body } = await upload({ bytes: hundred(), timestamp })
      expect([status, body]).toEqual([201, { count: 100 }])
      expect(await get(`streamer/${streamer(10, 1)}/`)).toMatchObject({
        slug: streamer(10, 1),
        device: slug(10),
        index: 1,
        last_id: 100,
        selector: 43_981,
        is_system: false,
        last_reboot_ts: RECEIVED,
      })
      const { count, results } = await get('data/?filter=d--000a')
      expect(count).toBe(101)
      expect(results[0]).toMatchObject({
        stream: `s--0000-0002--${slug(10).slice(3)}--5001`,
        device_timestamp: 0,
        timestamp: RECEIVED,
        int_value: 100,
        value: 100,
        streamer_local_id: 1,
        dirty_ts: false,
        status: 'unk',
      })
      expect(results[99]).toMatchObject({
        timestamp: '2018-01-01T00:01:39Z',
        streamer_local_id: 100,
        value: 199,
      })
      expect(results[100]).toMatchObject({
        variable: 'v--0000-0002--5a05',
        timestamp: RECEIVED,
        streamer_local_id: 101,
        device_timestamp: 0,
        int_value: 1,
        status: 'cln',
      })
    }
    const reports = await get(`streamer/${streamer(10, 1)}/report/`)
    expect(reports.map((report: any) => [report.actual_first_id, report.actual_last_id])).toEqual(
      expect.arrayContaining([
        [0, 0],
        [0, 0],
        [1, 100],
      ]),
    )
    expect((await bench.store.stats()).pointCount).toBe(101)
  })

  it('are kept as they came', async () => {
    const { results } = await get(`streamer/report/?streamer__slug=${streamer(10, 1)}`)
    expect(results).toHaveLength(3)
    expect(results[0]).toMatchObject({
      original_first_id: 1,
      original_last_id: 100,
      streamer: streamer(10, 1),
      sent_timestamp: '2018-01-01T05:00:00Z',
      device_sent_timestamp: 0,
      incremental_id: 101,
      time_epsilon: 1,
      created_by: 'admin',
    })
    const { id } = results[0]
    expect(await get(`streamer/report/${id}/`)).toEqual(results[0])
    const file = await bench.http.inject({
      url: `/api/v1/streamer/report/${id}/file/`,
      headers: { authorization: 'Token admin-token' },
    })
    expect(file.rawPayload.equals(hundred())).toBe(true)
    expect(file.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-disposition': `attachment; filename="${id}.bin"`,
    })
  })
})

describe('what cannot be taken', () => {
  const bytes = hundred()
  const changed = Buffer.from(bytes)
  changed[32] ^= 1
  const v99 = Buffer.from(SAMPLE_V100)
  v99.write('v099', SAMPLE_V100.indexOf('v100'))
  it.each<[string, Partial<Upload>, number, unknown]>([
    [
      'a byte too few',
      { bytes: bytes.subarray(0, 1643) },
      400,
      [expect.stringContaining('Invalid Report Length')],
    ],
    ['a changed bit', { bytes: changed }, 400, ['Invalid Hash: d--0000-0000-0000-000a (idx=1, user=admin)']],
    ['no time', { timestamp: '' }, 400, { error: 'missing timestamp argument' }],
    [
      'no real time',
      { timestamp: 'soon' },
      400,
      ['Upload function requires a ?timestamp=str argument in UTC format'],
    ],
    [
      'a time that leads nowhere',
      {
        timestamp: '9999-01-01T00:00:00Z',
        bytes: writeSignedListReport({ device: 11, readings: [{ id: 1, deviceS: 0, raw: 0 }] }),
      },
      400,
      [expect.stringContaining('The time of reading 1 lies outside')],
    ],
    ['no file', { part: 'other' }, 400, { error: "missing request.data['file']" }],
    [
      'a picture',
      { name: 'x.jpg' },
      400,
      ['Streamer Report file extension not supported. Expected: .bin, .json or .mp'],
    ],
    ['another dictionary', { bytes: v99, name: 'a.mp' }, 400, ['Unsupported Report Format: "v099"']],
    [
      'a signature',
      { bytes: writeSignedListReport({ flags: 1 }) },
      400,
      ['Unrecognized signature flags (user=admin)'],
    ],
    [
      'a device that is not there',
      { bytes: writeSignedListReport({ device: 999 }) },
      404,
      { detail: 'Not found.' },
    ],
    ['more than a report has', { bytes: Buffer.alloc(1024 * 1024 + 1) }, 413, { detail: expect.anything() }],
  ])('is refused: %s', async (_, more, status, body) => {
    const reply = await upload({ bytes, ...more })
    expect([reply.status, reply.body]).toEqual([status, body])
  })

  it('is refused: no form at all', async () => {
    const reply = await bench.ask(`streamer/report/?timestamp=${RECEIVED}`, { method: 'POST', body: {} })
    expect([reply.status, reply.body]).toEqual([400, { error: "missing request.data['file']" }])
  })

  it('is refused: a device that nobody has claimed', async () => {
    await bench.ask('device/', { method: 'POST', body: { id: 500 } })
    const reply = await write({ device: 500 })
    const reason = `Device ${slug(500)} has not been claimed. Yet, it is uploading a report`
    expect([reply.status, reply.body]).toEqual([400, [reason]])
  })

  it('leaves nothing behind', async () => {
    expect(await get(`device/${slug(11)}/streamers/`)).toMatchObject({ count: 0 })
    expect(await points(11)).toEqual([])
  })
})

describe('dictionary reports', () => {
  it('are taken as msgpack', async () => {
    const own = await openRestBench()
    await addDevices(own, [10])
    const { status, body } = await uploadReport(own, {
      bytes: SAMPLE_V100,
      name: 'a.mp',
      timestamp: BASE_V100,
    })
    expect([status, body]).toEqual([201, { count: 2 }])
    expect((await own.ask(`streamer/${streamer(10, 256)}/`)).body).toMatchObject({
      last_id: 2,
      selector: 0xffff,
    })
    const { results } = (await own.ask(`data/?filter=${slug(10)}`)).body
    expect(results.map(({ timestamp, int_value }: any) => [timestamp, int_value])).toEqual([
      ['2018-01-01T00:00:40Z', 5],
      ['2018-01-01T00:00:10Z', 6],
      [BASE_V100, 256],
    ])
  })

  it('keep a reading of which nobody knows the time, and give their file back with its type', async () => {
    const report = {
      format: 'v100',
      device: 12,
      streamer_index: 2,
      streamer_selector: 0x10000,
      incremental_id: 5,
      lowest_id: 1,
      highest_id: 2,
      device_sent_timestamp: 50,
      events: [],
      data: [
        { stream: '5001', streamer_local_id: 1, timestamp: null, device_timestamp: 0xffffffff, value: 7 },
        { stream: 0x5001, streamer_local_id: 2, timestamp: null, device_timestamp: 20, value: 8 },
      ],
    }
    const bytes = Buffer.from(JSON.stringify(report))
    expect(
      (await upload({ bytes, name: 'a.JSON', mediaType: 'application/json', timestamp: BASE_V100 })).body,
    ).toEqual({ count: 2 })
    const { count, results } = await get(`data/?filter=${slug(12)}`)
    expect(count).toBe(3)
    expect(results[0]).toMatchObject({
      timestamp: null,
      device_timestamp: null,
      value: 7,
      streamer_local_id: 1,
    })
    expect(results[1]).toMatchObject({ timestamp: '2018-01-01T00:00:30Z', device_timestamp: 20, value: 8 })
    expect((await get(`data/?filter=${slug(12)}&start=2000-01-01`)).count).toBe(2)
    const [{ id }] = await get(`streamer/${streamer(12, 2)}/report/`)
    const file = await bench.ask(`streamer/report/${id}/file/`)
    expect([file.headers['content-type'], file.text]).toEqual(['application/json', bytes.toString()])
  })
})

describe('events of dictionary reports', () => {
  it('are stored once, with documents, numbers and times as readings are', async () => {
    const item = (id: number, deviceS: number) => ({
      stream: '5020',
      streamer_local_id: id,
      timestamp: null,
      device_timestamp: deviceS,
    })
    const report = {
      format: 'v100',
      device: 11,
      streamer_index: 3,
      streamer_selector: 0xffff,
      incremental_id: 9,
      lowest_id: 1,
      highest_id: 3,
      device_sent_timestamp: 50,
      events: [
        { ...item(1, 10), extra_data: { peak: 17 }, data: { x: [1, 2] } },
        { ...item(3, 0xffffffff), extra_data: {}, data: null },
      ],
      data: [{ ...item(2, 20), stream: '5001', value: 4 }],
    }
    const bytes = Buffer.from(JSON.stringify(report))
    for (const timestamp of [BASE_V100, RECEIVED]) {
      expect((await upload({ bytes, name: 'a.json', timestamp })).body).toEqual({ count: 3 })
    }
    const { results } = await get(`event/?filter=${slug(11)}`)
    expect(results).toMatchObject([
      {
        timestamp: '2018-01-01T00:00:20Z',
        streamer_local_id: 1,
        device_timestamp: 10,
        extra_data: { peak: 17 },
      },
      { timestamp: BASE_V100, streamer_local_id: 3, device_timestamp: null, dirty_ts: true },
    ])
    expect(await get(`event/${results[0].id}/data/`)).toEqual({ x: [1, 2] })
    expect(await points(11)).toEqual(['00:00:30 5001 2 4 unk', '00:01:00 5a05 9 3 cln'])
    const reports = await get(`streamer/${streamer(11, 3)}/report/`)
    expect(reports.map((report: any) => report.actual_last_id).sort()).toEqual([0, 3])
    expect((await get(`streamer/${streamer(11, 3)}/`)).last_id).toBe(3)
  })
})

describe('times', () => {
  it('count back from the reception, or come from a clock', async () => {
    const readings = [
      { id: 1, deviceS: 10, raw: 1 },
      { id: 2, deviceS: 50, raw: 2 },
      { id: 3, deviceS: 2 ** 31 + 3_600, raw: 3 },
    ]
    await write({ device: 13, sentS: 120, readings }, { timestamp: '2026-01-01T11:00:00+01:00' })
    expect(await points(13)).toEqual([
      '09:58:10 5001 1 1 unk',
      '09:58:50 5001 2 2 unk',
      '01:00:00 5001 3 3 utc',
      '10:00:00 5a05 1000 0 cln',
    ])
    expect((await get(`streamer/${streamer(13, 0)}/`)).last_reboot_ts).toBe('2026-01-01T09:58:00Z')
  })

  it('go on over a restart where the engine knows of them', async () => {
    // A streamer takes the engine from the sensor graph of its device.
    const graph = { name: 'two', report_processing_engine_ver: 2 }
    const { body: sg } = await bench.ask('sg/', { method: 'POST', body: graph })
    await bench.ask(`device/${slug(14)}/`, { method: 'PATCH', body: { sg: sg.slug } })
    await write(
      { device: 14, reportId: 2, sentS: 60, readings: [{ id: 1, deviceS: 5, raw: 1 }] },
      { timestamp: '2026-01-01T09:56:00Z' },
    )
    const second = {
      device: 14,
      reportId: 9,
      sentS: 240,
      readings: [
        { id: 3, deviceS: 10, raw: 3 },
        { id: 4, deviceS: 50, raw: 4 },
        { id: 5, lid: 0x5c00, deviceS: 2, raw: 1 },
        { id: 6, deviceS: 10, raw: 6 },
      ],
    }
    await write(second, { timestamp: '2026-01-01T10:00:00Z' })
    expect(await points(14)).toEqual([
      '09:55:05 5001 1 1 cln',
      '09:56:00 5a05 2 0 cln',
      '09:55:10 5001 3 3 cln',
      '09:55:50 5001 4 4 cln',
      '09:56:10 5001 6 6 cln',
      '10:00:00 5a05 9 0 cln',
    ])
    expect((await get(`streamer/${streamer(14, 0)}/`)).last_id).toBe(6)
  })

  it('are assumed before a restart that nothing is known of, and said to be', async () => {
    const body = { device: slug(15), index: 1, process_engine_ver: 2 }
    expect((await bench.ask('streamer/', { method: 'POST', body })).body).toMatchObject({ is_system: true })
    const readings = [
      { id: 1, lid: 0x5800, deviceS: 9, raw: 1 },
      { id: 2, lid: 0x5c00, deviceS: 2, raw: 1 },
    ]
    await write({ device: 15, streamerIndex: 1, sentS: 60, readings }, { timestamp: '2026-01-01T10:00:00Z' })
    const { results } = await get(`data/?filter=${slug(15)}`)
    expect(results.map(({ timestamp, status, dirty_ts }: any) => [timestamp, status, dirty_ts])).toEqual([
      ['2026-01-01T09:58:59Z', 'drt', true],
      ['2026-01-01T09:59:02Z', 'cln', false],
      ['2026-01-01T10:00:00Z', 'cln', false],
    ])
  })

  it('are moved apart where several readings have the same, in one report or in two', async () => {
    const same = (ids: number[]) => ids.map((id) => ({ id, deviceS: 5, raw: id }))
    await write({ device: 16, reportId: 3, readings: same([1, 2]) })
    await write({ device: 16, reportId: 6, readings: same([4, 5]) })
    expect(await points(16, '&streamer_id_max=5')).toEqual([
      '00:00:05 5001 1 1 unk',
      '00:00:05.000001 5001 2 2 unk',
      '00:00:00 5a05 3 0 cln',
      '00:00:05.000002 5001 4 4 unk',
      '00:00:05.000003 5001 5 5 unk',
    ])
    expect(await points(16, '&lastn=100')).toHaveLength(6)
  })
})

describe('readings', () => {
  it('go through the value chain, except those of disabled streams', async () => {
    const project = (await get(`device/${slug(17)}/`)).project
    const make = async (path: string, body: object) => (await bench.ask(path, { method: 'POST', body })).body
    for (const [lid, more] of [
      [
        0x5001,
        { input_unit: { slug: 'in--x', unit_full: 'x', unit_short: 'x', m: 378_541, d: 100_000, o: 0 } },
      ],
      [0x5002, {}],
      [0x5003, { raw_value_format: '<f' }],
    ] as const) {
      const variable = await make('variable/', { project, lid, name: `v${lid}` })
      const stream = {
        variable: variable.slug,
        device: slug(17),
        mdo_type: 'S',
        multiplication_factor: 100,
        division_factor: 1,
        ...more,
      }
      const made = await make('stream/', stream)
      if (lid === 0x5002)
        await bench.ask(`stream/${made.slug}/`, { method: 'PATCH', body: { enabled: false } })
    }
    const readings = [
      { id: 1, lid: 0x5001, deviceS: 1, raw: 100 },
      { id: 2, lid: 0x5003, deviceS: 2, raw: 0x3fc00000 },
      { id: 3, lid: 0x5003, deviceS: 3, raw: 0x7fc00000 },
      { id: 4, lid: 0x5002, deviceS: 4, raw: 5 },
    ]
    expect((await write({ device: 17, readings })).body).toEqual({ count: 4 })
    expect(await points(17)).toEqual([
      '00:00:01 5001 1 37854.1 unk',
      '00:00:02 5003 2 150 unk',
      '00:00:00 5a05 1000 0 cln',
    ])
    expect((await get(`streamer/${streamer(17, 0)}/`)).last_id).toBe(4)
    const { results } = await get(`stream/s--0000-0002--${slug(17).slice(3)}--5003/data/`)
    expect(results).toMatchObject([{ streamer_local_id: 2, int_value: 0x3fc00000, value: 150 }])
  })

  it('say that their report was chopped off', async () => {
    const readings = Array.from({ length: 12_285 }, (_, i) => ({ id: i + 1, deviceS: i, raw: i }))
    expect((await write({ device: 18, reportId: 99_999, readings })).body).toEqual({ count: 12_285 })
    expect(await points(18, '&streamer_id_min=12285')).toEqual([
      '03:24:44 5001 12285 12284 unk',
      '00:00:00 5a06 99999 0 cln',
    ])
    expect((await bench.ask(`data/?filter=${slug(18)}&page_size=20000`)).body.results).toHaveLength(12_286)
  })

  it('are taken from where an earlier report ended', async () => {
    const report = (ids: number[], reportId: number): WrittenReport => ({
      device: 19,
      reportId,
      readings: ids.map((id) => ({ id, deviceS: id, raw: id })),
    })
    await write(report([3, 1, 2, 2], 4))
    expect((await write(report([2, 3, 5, 6], 7))).body).toEqual({ count: 4 })
    expect((await write(report([1, 0], 8))).status).toBe(201)
    expect(await points(19, '&streamer_id_max=3')).toHaveLength(3)
    expect((await get(`streamer/${streamer(19, 0)}/`)).last_id).toBe(6)
    const reports = await get(`streamer/${streamer(19, 0)}/report/`)
    const ids = reports.map((report: any) => `${report.actual_first_id}-${report.actual_last_id}`)
    expect(ids.sort()).toEqual(['0-0', '1-3', '5-6'])
  })

  it('are stored once when their report comes several times at once', async () => {
    const bytes = writeSignedListReport({ device: 20, readings: [{ id: 1, deviceS: 1, raw: 1 }] })
    const times = ['00', '01', '02', '03'].map((minute) => `2018-01-01T00:${minute}:00Z`)
    const replies = await Promise.all(times.map((timestamp) => upload({ bytes, timestamp })))
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 201, 201])
    // Which of them comes first is open.
    expect(await points(20)).toEqual([
      expect.stringMatching(/^00:0[0-3]:01 5001 1 1 unk$/),
      expect.stringMatching(/^00:0[0-3]:00 5a05 1000 0 cln$/),
    ])
  })

  it('wait for each other, but not too many of them', async () => {
    const bytes = writeSignedListReport({
      device: 20,
      reportId: 2_000,
      readings: [{ id: 2, deviceS: 1, raw: 1 }],
    })
    const { append } = bench.store
    const { promise: storeIsBack, resolve: bringStoreBack } = Promise.withResolvers<void>()
    bench.store.append = async (batch) => {
      await storeIsBack
      return append.call(bench.store, batch)
    }
    const { promise: fourAreRefused, resolve: refuseFour } = Promise.withResolvers<void>()
    const refused: unknown[] = []
    const many = Array.from({ length: 12 }, async () => {
      const { status, headers } = await upload({ bytes })
      if (status !== 201) refused.push([status, headers['retry-after']])
      if (refused.length === 4) refuseFour()
      return status
    })
    await fourAreRefused
    bench.store.append = append
    bringStoreBack()
    const stored = (await Promise.all(many)).filter((status) => status === 201)
    expect(stored).toHaveLength(8)
    expect(refused).toEqual(Array.from({ length: 4 }, () => [503, '2']))
  })

  it('are not lost when the process ends before they are points, nor doubled when they come again', async () => {
    const bytes = writeSignedListReport({ device: 21, sentS: 10, readings: [{ id: 1, deviceS: 1, raw: 1 }] })
    const { append } = bench.store
    bench.store.append = () => Promise.reject(new Error('killed'))
    expect((await upload({ bytes })).status).toBe(500)
    bench.store.append = append
    const before = (await bench.store.stats()).pointCount
    expect((await upload({ bytes, timestamp: '2018-01-01T07:00:00Z' })).status).toBe(201)
    expect((await bench.store.stats()).pointCount).toBe(before + 2)
    expect(await points(21)).toEqual(['23:59:51 5001 1 1 unk', '00:00:00 5a05 1000 0 cln'])
    expect(await bench.services.reports.recover()).toBe(0)
  })

  it('are finished at the next start, too', async () => {
    const { append } = bench.store
    bench.store.append = () => Promise.reject(new Error('killed'))
    await write({ device: 22, readings: [{ id: 1, deviceS: 1, raw: 1 }] })
    bench.store.append = append
    const before = (await bench.store.stats()).pointCount
    expect(await bench.services.reports.recover()).toBe(1)
    expect((await bench.store.stats()).pointCount).toBe(before + 2)
  })
})

describe('who may', () => {
  const bytes = writeSignedListReport({ device: 10, streamerIndex: 7 })

  it('upload: whoever may write data of the organisation', async () => {
    const stranger = await bench.user('stranger')
    const operator = await bench.user('operator', 'r1')
    expect((await upload({ bytes, token: stranger })).status).toBe(404)
    expect((await upload({ bytes, token: operator })).status).toBe(201)
    const { body } = await bench.ask('token/', { method: 'POST', body: { name: 'reader', scopes: ['read'] } })
    expect((await upload({ bytes, token: body.token })).status).toBe(403)
  })

  it('look: members; at files: those who may read data', async () => {
    const [{ id }] = await get(`streamer/${streamer(10, 1)}/report/`)
    const paths = [
      'streamer/',
      'streamer/report/',
      `streamer/${streamer(10, 1)}/`,
      `streamer/${streamer(10, 1)}/report/`,
      `streamer/report/${id}/`,
      `streamer/report/${id}/file/`,
    ]
    const seen = async (token: string) =>
      Promise.all(
        paths.map(async (path) => {
          const { status, body } = await bench.ask(path, { token })
          return body?.count === 0 ? 'nothing' : status
        }),
      )
    expect(await seen(await bench.user('member', 'm1'))).toEqual([200, 200, 200, 200, 200, 200])
    expect(await seen(await bench.user('other-operator', 'r1'))).toEqual([200, 200, 200, 200, 200, 403])
    expect(await seen(await bench.user('nobody'))).toEqual(['nothing', 'nothing', 404, 404, 404, 404])
  })

  it('name a report otherwise than by its UUID: nobody', async () => {
    expect(await bench.ask('streamer/report/7/')).toMatchObject({
      status: 400,
      body: ['Streamer Report ID must be a UUID'],
    })
    expect((await bench.ask(`streamer/report/${randomUUID()}/`)).status).toBe(404)
  })
})
