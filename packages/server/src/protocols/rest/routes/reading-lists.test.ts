/** Points with readings in `data/`, `stream/…/data/` and `df/`, and how masks and deletions concern them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type WrittenReading,
  writeSignedListReport,
} from '../../../ingest/reports/signed-list-report.fixture.ts'
import { openRestBench, type RestBench } from '../rest.fixture.ts'
import { addDevices, uploadReport } from '../streamer-report.fixture.ts'

const DEVICE = 'd--0000-0000-0000-0001'
const OTHER = 'd--0000-0000-0000-0002'
const of = (device: string, lid: string) => `s--0000-0002--${device.slice(3)}--${lid}`
const S1 = of(DEVICE, '5001')
const S2 = of(DEVICE, '5002')

let bench: RestBench
const cleanups: (() => Promise<void>)[] = []
beforeAll(async () => {
  bench = await openRestBench({}, (cleanup) => cleanups.unshift(cleanup))
  await addDevices(bench, [1, 2])
  const report = (device: number, reportId: number, readings: WrittenReading[]) =>
    uploadReport(bench, {
      bytes: writeSignedListReport({ device, reportId, sentS: 100, readings }),
      timestamp: '2026-01-01T00:01:40Z',
    })
  // The device's order is not that of time: 3 and 4 are older than 1 and 2.
  await report(1, 9, [
    { id: 1, lid: 0x5001, deviceS: 30, raw: 1 },
    { id: 2, lid: 0x5002, deviceS: 40, raw: 2 },
    { id: 3, lid: 0x5001, deviceS: 10, raw: 3 },
    { id: 4, lid: 0x5001, deviceS: 20, raw: 4 },
  ])
  await report(2, 9, [{ id: 1, lid: 0x5001, deviceS: 50, raw: 5 }])
  const project = (await bench.ask(`device/${DEVICE}/`)).body.project
  const variable = { project, lid: 0x5001, name: 'flow' }
  const { slug } = (await bench.ask('variable/', { method: 'POST', body: variable })).body
  await bench.ask('stream/', { method: 'POST', body: { variable: slug, device: DEVICE } })
  const plain = (s: number, value: number) => ({
    stream: S1,
    timestamp: `2026-01-01T00:00:${s}Z`,
    int_value: value,
  })
  await bench.ask('data/', { method: 'POST', body: [plain(35, 70), plain(15, 71)] })
})
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

/** Second, number of the reading, and raw value. */
async function list(path: string): Promise<string> {
  const { status, body } = await bench.ask(path)
  if (status !== 200) return `${status} ${JSON.stringify(body)}`
  return body.results
    .map((point: Record<string, unknown>) => {
      const { timestamp, streamer_local_id: id, int_value } = point
      return `${String(timestamp).slice(17, -1)}:${id ?? '-'}:${int_value}`
    })
    .join(' ')
}

describe('data/', () => {
  const all = '15:-:71 35:-:70 30:1:1 40:2:2 10:3:3 20:4:4 40:9:0'
  it.each<[string, string]>([
    ['', all],
    ['&page_size=3', '15:-:71 35:-:70 30:1:1'],
    ['&page_size=3&page=2', '40:2:2 10:3:3 20:4:4'],
    ['&page_size=3&page=last', '40:9:0'],
    ['&page_size=1&page=2', '35:-:70'],
    ['&start=2026-01-01T00:00:20Z&end=2026-01-01T00:00:40Z', '35:-:70 30:1:1 20:4:4'],
    ['&lastn=4', '30:1:1 35:-:70 40:2:2 40:9:0'],
    ['&streamer_id_min=2&streamer_id_max=3', '40:2:2 10:3:3'],
    ['&streamer_id_0=2&streamer_id_1=3', '40:2:2 10:3:3'],
    ['&streamer_ts_min=20&streamer_ts_max=30', '30:1:1 20:4:4'],
    ['&id_max=2', '30:1:1 40:2:2'],
    ['&id_0=2&id_1=3', '40:2:2 10:3:3'],
    ['&id_min=2&id_max=4&lastn=2', '20:4:4 40:2:2'],
    ['&id_min=x', '400 {"id_min":["Enter a whole number."]}'],
  ])('lists by number, what has none first, in time: %s', async (query, expected) => {
    expect(await list(`data/?filter=${DEVICE}${query}`)).toBe(expected)
  })

  it('counts what it lists', async () => {
    const count = async (query: string) => (await bench.ask(`data/?filter=${query}`)).body.count
    expect(await count(DEVICE)).toBe(7)
    expect(await count(`${DEVICE}&streamer_id_min=2`)).toBe(4)
    expect(await count('p--0000-0002')).toBe(9)
    expect(await count(S2)).toBe(1)
  })

  it('finds nothing by number where no point has one', async () => {
    const plain = { stream: of(OTHER, '6001'), timestamp: '2026-01-01T00:00:15Z', value: 1 }
    await bench.ask('data/', { method: 'POST', body: plain })
    expect(await list(`data/?filter=${plain.stream}&streamer_id_min=0`)).toBe('')
    expect(await list(`data/?filter=${plain.stream}&streamer_id_min=0&lastn=5`)).toBe('')
  })

  it('shows the value that was written over a reading', async () => {
    const point = { stream: of(OTHER, '5001'), timestamp: '2026-01-01T00:00:50Z', value: 77 }
    expect(await list(`data/?filter=${point.stream}`)).toBe('50:1:5')
    await bench.ask('data/', { method: 'POST', body: point })
    expect(await list(`data/?filter=${point.stream}`)).toBe('50:1:77')
  })
})

describe('other lists', () => {
  it('carry the number of a reading', async () => {
    expect(await list(`stream/${S1}/data/`)).toBe('10:3:3 15:-:71 20:4:4 30:1:1 35:-:70')
    expect(await list(`stream/${S1}/data/?lastn=2`)).toBe('30:1:1 35:-:70')
  })

  it('have it as a column, when asked', async () => {
    const { text } = await bench.ask(`df/?filter=${S1}&format=csv&extended=1`)
    expect(text.split('\n').map((line) => line.replace('2026-01-01T00:00:', '').replace(S1, 'S1'))).toEqual([
      'row,int_value,stream_slug,device_timestamp,streamer_local_id',
      '10Z,3,S1,10,3',
      '15Z,71,S1,,',
      '20Z,4,S1,20,4',
      '30Z,1,S1,30,1',
      '35Z,70,S1,,',
    ])
    const newest = await bench.ask(`df/?filter=${S1}&format=json&extended=1&lastn=2`)
    expect(newest.body.map((row: Record<string, unknown>) => row.streamer_local_id)).toEqual([1, null])
  })
})

describe('masks', () => {
  const path = `device/${DEVICE}/mask/`
  const set = (body: object, token?: string) =>
    bench.ask(path, { method: 'POST', body, ...(token ? { token } : {}) })

  it('cut what is listed with mask=1, for their device only', async () => {
    expect((await bench.ask(path)).body).toEqual({ start: null, end: null })
    const window = { start: '2026-01-01T00:00:15Z', end: '2026-01-01T00:00:35Z' }
    expect(await set(window)).toMatchObject({ status: 202, body: window })
    expect((await bench.ask(path)).body).toEqual(window)
    expect(await list(`data/?filter=${DEVICE}&mask=1`)).toBe('15:-:71 30:1:1 20:4:4')
    expect(await list(`data/?filter=${DEVICE}&mask=1&lastn=2`)).toBe('20:4:4 30:1:1')
    expect(await list(`data/?filter=${DEVICE}&mask=1&end=2026-01-01T00:00:20Z`)).toBe('15:-:71')
    expect(await list(`stream/${S1}/data/?mask=1`)).toBe('15:-:71 20:4:4 30:1:1')
    expect((await bench.ask(`df/?filter=${S1}&mask=1`)).text.split('\n')).toHaveLength(4)
    expect((await bench.ask('data/?filter=p--0000-0002&mask=1')).body.count).toBe(3 + 3)
    expect(await list(`data/?filter=${DEVICE}`)).toMatch(/^15:-:71 35:-:70 .* 40:9:0$/)
  })

  it('may be open at an end, and go', async () => {
    expect((await set({ start: '2026-01-01T00:00:35Z' })).body).toEqual({
      start: '2026-01-01T00:00:35Z',
      end: null,
    })
    expect(await list(`data/?filter=${DEVICE}&mask=1`)).toBe('35:-:70 40:2:2 40:9:0')
    expect((await bench.ask(path, { method: 'DELETE' })).status).toBe(204)
    expect(await list(`data/?filter=${DEVICE}&mask=1`)).toBe(await list(`data/?filter=${DEVICE}`))
  })

  it('are refused without sense, and to those who may not change the device', async () => {
    expect((await set({ start: 'soon' })).body).toEqual({ start: ['Enter a valid date/time.'] })
    const empty = { start: '2026-01-01T00:00:35Z', end: '2026-01-01T00:00:35Z' }
    expect((await set(empty)).body).toEqual({ end: ['The end must come after the start.'] })
    const operator = await bench.user('operator', 'r1')
    expect((await set({}, operator)).status).toBe(403)
    expect((await bench.ask(path, { method: 'DELETE', token: operator })).status).toBe(403)
    expect((await set({}, await bench.user('stranger'))).status).toBe(404)
  })
})

describe('deleting', () => {
  const readings = async () => {
    const rows = await bench.services.catalog.selectFrom('readings').select('reading_id').execute()
    return rows.map(({ reading_id }) => reading_id).sort()
  }

  it('takes readings away with their points', async () => {
    expect(await readings()).toEqual([1, 1, 2, 3, 4, 9, 9])
    const end = '2026-01-01T00:00:20Z'
    const gone = await bench.ask(`stream/${S1}/data/?end=${end}`, { method: 'DELETE' })
    expect(gone.body).toEqual({ count: 2 })
    expect(await readings()).toEqual([1, 1, 2, 4, 9, 9])
    expect(await list(`data/?filter=${S1}`)).toBe('35:-:70 30:1:1 20:4:4')
    expect((await bench.ask(`stream/${S1}/`, { method: 'DELETE' })).status).toBe(204)
    expect(await readings()).toEqual([1, 2, 9, 9])
  })
})
