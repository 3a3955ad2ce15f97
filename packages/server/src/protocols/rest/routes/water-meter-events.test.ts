/** The reference requests about events, properties and archives, over the water meter's real ones. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRestBench, type RestBench } from '../rest.fixture.ts'
import {
  DEVICE,
  loadWaterMeter,
  loadWaterMeterExtras,
  S1,
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
      await loadWaterMeterExtras(bench)
    })
    afterAll(async () => {
      for (const cleanup of cleanups) await cleanup()
    })

    it('reads an archive', async () => {
      const { status, body } = await bench.ask('datablock/b--0001-0000-0000-04e7/')
      expect([status, body.title, body.sg]).toEqual([200, 'Archive: POD1-M (04e7)', 'shipping-v1-0-0'])
    })

    it('lists the events of a stream', async () => {
      const { status, body } = await bench.ask(`event/?filter=${S1}`)
      expect([status, body.count]).toEqual([200, 3])
      expect(body.results.map((event: any) => [event.id, event.extra_data.meta, event.has_raw_data])).toEqual(
        [
          [1, 'hello', true],
          [2, 'goodbye', true],
          [3, 'no_data', false],
        ],
      )
    })

    it.each<[number, number, unknown]>([
      [1, 200, { test: 1, hello: 2 }],
      [3, 404, { error: 'Event has no data' }],
    ])('reads the document of event %i: %i', async (id, status, body) => {
      expect(await bench.ask(`event/${id}/data/`)).toMatchObject({ status, body })
    })

    it('lists properties', async () => {
      const { body } = await bench.ask(`property/?target=${DEVICE}`)
      expect(body.results.map((row: any) => [row.name, row.value])).toEqual([
        ['CargoDescription', 'SO# 83469'],
        ['Country', 'KOREA'],
      ])
    })

    it('shows nothing of it to a user of another organisation', async () => {
      const token = await bench.user('stranger')
      const asStranger = (path: string, body?: object) =>
        bench.ask(path, { token, ...(body && { method: 'POST', body }) })
      const event = { stream: S1, timestamp: '2026-01-01T00:00:00Z' }
      expect((await asStranger(`event/?filter=${S1}`)).body.count).toBe(0)
      expect((await asStranger('event/1/')).status).toBe(404)
      expect((await asStranger('event/1/data/')).status).toBe(404)
      expect((await asStranger('event/', event)).status).toBe(403)
      expect((await asStranger('event/', [event])).status).toBe(403)
      expect((await asStranger(`property/?target=${DEVICE}`)).status).toBe(404)
      expect((await asStranger('property/1/')).status).toBe(404)
      expect((await asStranger('datablock/b--0001-0000-0000-04e7/')).status).toBe(404)
      expect((await asStranger('datablock/')).body.count).toBe(0)
      expect((await asStranger('datablock/', { device: DEVICE })).status).toBe(400)
      expect((await asStranger('org/home/archives/')).status).toBe(404)
    })

    it('archives the meter: its points are the same under other names', async () => {
      const valuesOf = async (stream: string) => {
        const { body } = await bench.ask(`data/?filter=${stream}`)
        return body.results.map((point: any) => [point.timestamp, point.int_value, point.value])
      }
      const before = [await valuesOf(S1), await valuesOf(SC)]
      const { body } = await bench.ask('datablock/', { method: 'POST', body: { device: DEVICE } })
      expect([body.slug, body.title]).toEqual(['b--0001-0000-0000-00d2', 'Archive: Filtration Flow (00d2)'])
      const archived = (slug: string) => slug.replace('s--0000-0077--0000', 's--0000-0000--0001')
      expect([await valuesOf(archived(S1)), await valuesOf(archived(SC))]).toEqual(before)
      expect([await valuesOf(S1), await valuesOf(SC)]).toEqual([[], []])
      const extra = await bench.ask(`datablock/${body.slug}/extra/`)
      expect(extra.body.stream_counts).toMatchObject({
        [archived(S1)]: { data_cnt: 11, event_cnt: 3, has_streamid: true },
        [archived(SC)]: { data_cnt: 4, has_streamid: false },
      })
      expect((await bench.ask(`stream/?block=${body.slug}`)).body.count).toBe(2)
    })
  },
)
