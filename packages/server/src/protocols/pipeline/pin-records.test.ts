import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { FIRST_PAGE } from '../../catalog/catalog.fixture.ts'
import { claimDevice, deleteDevice, unclaimDevice, updateDevice } from '../../catalog/devices.ts'
import { listProjects } from '../../catalog/projects.ts'
import { listStreamReferences, updateStream } from '../../catalog/streams.ts'
import { updateVariable } from '../../catalog/variables.ts'
import { OverloadedError, UnavailableError } from '../../errors.ts'
import { PointBatchBuilder } from '../../model/point-batch.ts'
import { US_PER_HOUR, US_PER_MIN, US_PER_S } from '../../model/time.ts'
import { MemoryStore } from '../../points/memory-store.ts'
import { ALL_TIME } from '../../points/point-store.ts'
import { KEY, openPipelineBench, type PipelineBench } from './pipeline.fixture.ts'
import { pipelinePlugin } from './plugin.ts'

const EMPTY = { int_virtual_pin: {}, str_virtual_pin: {} }

let bench: PipelineBench
beforeEach(async () => {
  bench = await openPipelineBench({ limits: { loginFailuresPerAddressMax: 30 } })
})

const call = (opt: string, rest = '', id = '00000001') =>
  bench.ask(`POST ?opt=${opt}&id=${id}&key=${KEY}${rest}`)

async function received(id = '00000001'): Promise<unknown> {
  const { body } = await call('rcv', '', id)
  return body.stream ?? body.message
}

const streams = () => listStreamReferences(bench.catalog, { sight: {} }, FIRST_PAGE)

describe('pins', () => {
  it('are streams of a device in the project Pipelines', async () => {
    await call('cre')
    await call('snd', '&ivp1=1&svp2=on')
    bench.clock.advance(US_PER_S)
    await call('snd', '&ivp1=2')
    const rows = await streams()
    expect(rows).toMatchObject([
      { project_name: 'Pipelines', device_label: '00000001', variable_name: 'ivp1' },
      { project_name: 'Pipelines', device_label: '00000001', variable_name: 'svp2' },
    ])
    const { timesUs, values } = await bench.store.readRange(rows[0].id, ALL_TIME)
    expect([...values]).toEqual([1, 2])
    expect(timesUs[1] - timesUs[0]).toBe(US_PER_S)
    const texts = await bench.store.readRange(rows[1].id, ALL_TIME)
    expect([...texts.texts!.values()]).toEqual(['on'])
  })

  it('agree with a record that every send replaces, also when sent in the same moment', async () => {
    await call('cre')
    const values = fc.record(
      { ivp1: fc.nat(9_999), ivp5: fc.nat(9_999), svp4: fc.constantFrom('a', 'b') },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(values, { maxLength: 5 }), async (sends) => {
        const results = await Promise.all(
          sends.map((send) =>
            bench.ask(`GET ?opt=snd&id=00000001&key=${KEY}&${new URLSearchParams(send as never)}`),
          ),
        )
        const good = sends.filter((send) => Object.keys(send).length > 0)
        expect(results.filter(({ status }) => status === 201)).toHaveLength(good.length)
        if (good.length === 0) return
        const last = await received()
        const isOneOf = good.map(({ svp4, ...integers }) => ({
          int_virtual_pin: integers,
          str_virtual_pin: svp4 === undefined ? {} : { svp4 },
        }))
        // Parallel requests come in any order; the record is one of them, whole.
        expect(isOneOf).toContainEqual(last)
        await bench.ask(`GET ?opt=snd&id=00000001&key=${KEY}&ivp1=7`)
        expect(await received()).toEqual({ ...EMPTY, int_virtual_pin: { ivp1: 7 } })
      }),
      { numRuns: 25 },
    )
  })

  it('are what somebody wrote last, by whichever door', async () => {
    await call('cre')
    await call('snd', '&ivp1=1&ivp2=2&svp1=x')
    const rows = await streams()
    bench.clock.advance(US_PER_S)
    const batch = new PointBatchBuilder()
    batch.add(rows[0].id, bench.clock.nowUs(), 42)
    batch.add(rows[2].id, bench.clock.nowUs(), 8)
    await bench.services.ingest.write(batch.take())
    expect(await received()).toEqual({ int_virtual_pin: { ivp1: 42 }, str_virtual_pin: { svp1: '8' } })
    await call('snd', '&ivp2=3')
    expect(await received()).toEqual({ ...EMPTY, int_virtual_pin: { ivp2: 3 } })
    await bench.services.ingest.deletePoints(Uint32Array.from(rows, ({ id }) => id))
    expect(await received()).toBe('Data not received')
  })

  it('hold their order when the clock is put back', async () => {
    await call('cre')
    await call('snd', '&ivp1=1&ivp2=1')
    bench.clock.advance(-US_PER_HOUR)
    await call('snd', '&ivp2=2')
    expect(await received()).toEqual({ ...EMPTY, int_virtual_pin: { ivp2: 2 } })
  })

  it('stay what they are when device, project and variables get other names', async () => {
    await call('cre')
    await call('snd', '&ivp1=1')
    const [{ device_id, project_id, variable_lid }] = await streams()
    await updateDevice(bench.catalog, device_id, { label: 'Cellar' })
    await updateVariable(bench.catalog, { projectId: project_id, lid: variable_lid }, { name: 'Temperature' })
    await bench.catalog.updateTable('projects').set({ name: 'Boards' }).execute()
    await call('snd', '&ivp1=2')
    expect(await received()).toEqual({ ...EMPTY, int_virtual_pin: { ivp1: 2 } })
    await call('cre', '', '00000002')
    await call('snd', '&ivp1=3', '00000002')
    expect(await streams()).toHaveLength(2)
    expect(
      (await listProjects(bench.catalog, { sight: {}, filter: { name: 'Pipelines' } }, FIRST_PAGE)).count,
    ).toBe(0)
  })

  it('take nothing while their stream is disabled', async () => {
    await call('cre')
    await call('snd', '&ivp1=1&ivp2=1')
    await updateStream(bench.catalog, (await streams())[0].id, { enabled: 0 })
    expect((await call('snd', '&ivp1=2')).body.message).toBe('Data not sent')
    expect((await call('snd', '&ivp1=2&ivp2=2')).status).toBe(201)
    expect(await received()).toEqual({ ...EMPTY, int_virtual_pin: { ivp2: 2 } })
  })

  it('go where the device goes, and nowhere while it belongs to nobody', async () => {
    await call('cre')
    await call('snd', '&ivp1=1')
    const [{ device_id }] = await streams()
    await unclaimDevice(bench.catalog, device_id)
    expect((await call('snd', '&ivp1=2')).body.message).toBe('ID not found')
    expect((await call('cre')).body.message).toBe('ID already exists')
    const project = await bench.catalog
      .selectFrom('projects')
      .select('id')
      .where('name', '=', 'Garden')
      .executeTakeFirstOrThrow()
    await claimDevice(bench.catalog, { id: device_id, projectId: project.id, accountId: 1, nowUs: 0 })
    expect((await call('snd', '&ivp1=3')).status).toBe(201)
    expect((await streams()).map((row) => row.project_name)).toEqual(['Pipelines', 'Garden'])
  })

  it('are gone with their device', async () => {
    await call('cre')
    const device = await bench.catalog.selectFrom('devices').select('id').executeTakeFirstOrThrow()
    await deleteDevice(bench.catalog, device.id)
    expect(await received()).toBe('ID not found')
    expect((await call('cre')).status).toBe(201)
  })
})

describe('desired pins', () => {
  const desire = async (desired: Record<string, unknown>) => {
    const device = await bench.catalog.selectFrom('devices').select('id').executeTakeFirstOrThrow()
    return bench.services.shadows.change(device.id, { desired })
  }
  const integers = (values: object) => ({ ...EMPTY, int_virtual_pin: values })

  it('are in what the board reads next, and until it sends again', async () => {
    await call('cre')
    await desire({ ivp8: 1, mode: 'eco' })
    expect(await received()).toEqual(integers({ ivp8: 1 }))
    await call('snd', '&ivp1=5')
    expect(await received()).toEqual(integers({ ivp1: 5 }))
    await desire({ ivp8: 1 })
    // Not read yet: what is sent meanwhile does not push it out.
    await call('snd', '&ivp1=6&ivp8=0')
    expect(await received()).toEqual(integers({ ivp1: 6, ivp8: 1 }))
    expect(await received()).toEqual(integers({ ivp1: 6, ivp8: 1 }))
    await call('snd', '&ivp1=7&ivp8=0')
    expect(await received()).toEqual(integers({ ivp1: 7, ivp8: 0 }))
    await desire({ ivp2: 2 })
    await desire({ ivp2: null, ivp8: null })
    expect(await received()).toEqual(integers({ ivp1: 7, ivp8: 0 }))
  })

  it('are noted as delivered once', async () => {
    await call('cre')
    await desire({ svp1: 'go' })
    const shadow = () => bench.catalog.selectFrom('shadows').selectAll().executeTakeFirstOrThrow()
    expect((await shadow()).delivered_at_us).toBeNull()
    await received()
    const { delivered_at_us } = await shadow()
    expect(delivered_at_us).toBe(bench.clock.nowUs())
    bench.clock.advance(US_PER_S)
    expect(await received()).toEqual({ ...EMPTY, str_virtual_pin: { svp1: 'go' } })
    expect((await shadow()).delivered_at_us).toBe(delivered_at_us)
  })
})

describe('limits', () => {
  it('refuse wrong keys and guessed numbers after too many, for a while', async () => {
    await call('cre')
    const guess = () => bench.ask(`GET ?opt=rcv&id=00000001&key=${'x'.repeat(16)}`)
    for (let i = 0; i < 20; i++) expect((await guess()).status).toBe(400)
    const refused = await guess()
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': '900' },
      body: { response: 'error!', message: 'Too many requests', id: '00000001' },
    })
    // A right key is not told from a wrong one meanwhile; other pipelines go on.
    expect((await call('snd', '&ivp1=1')).status).toBe(429)
    expect((await call('cre', '', '00000002')).status).toBe(201)
    for (let i = 100; i < 110; i++)
      expect((await call('rcv', '', `00000${i}`)).body.message).toBe('ID not found')
    expect((await call('rcv', '', '00000111')).status).toBe(429)
    bench.clock.advance(16 * US_PER_MIN)
    expect((await call('snd', '&ivp1=1')).status).toBe(201)
  })

  it('let a board send and create again and again, and count whose key is another one', async () => {
    await call('cre')
    for (let i = 0; i < 60; i++) expect((await call(i % 2 ? 'snd' : 'cre', '&ivp1=1')).status).not.toBe(429)
    const taken = () => bench.ask(`GET ?opt=cre&id=00000001&key=${'x'.repeat(16)}`)
    for (let i = 0; i < 20; i++) expect((await taken()).body.message).toBe('ID already exists')
    expect((await taken()).status).toBe(429)
  })

  it('bound the pipelines made from one address, and all of them', async () => {
    bench = await openPipelineBench({ limits: { pipelineCreationsPerAddressMax: 2, pipelinesMax: 3 } })
    const create = async (id: string) => (await call('cre', '', id)).status
    expect([await create('00000001'), await create('00000002'), await create('00000003')]).toEqual([
      201, 201, 429,
    ])
    bench.clock.advance(US_PER_HOUR)
    expect([await create('00000003'), await create('00000004')]).toEqual([201, 429])
    expect((await call('snd', '&ivp1=1')).status).toBe(201)
  })

  it.each([
    [503, 'Too many requests', new OverloadedError('too much is waiting', 1_500)],
    [500, 'Invalid request', new UnavailableError('the disk is full')],
  ])('answer %i when nothing can be stored', async (status, message, error) => {
    class FailingStore extends MemoryStore {
      override append(): Promise<void> {
        return Promise.reject(error)
      }
    }
    bench = await openPipelineBench({ store: new FailingStore() })
    await call('cre')
    const reply = await call('snd', '&ivp1=1')
    expect([reply.status, reply.body.message]).toEqual([status, message])
    expect(reply.headers['retry-after']).toBe(status === 503 ? '2' : undefined)
    expect(await received()).toBe('Data not received')
  })
})

it('finds everything again after a restart', async () => {
  await call('cre')
  await call('snd', '&ivp1=1&ivp2=2')
  await call('snd', '&ivp2=3&svp1=x')
  const { openHttp } = await import('../../http/open-http.ts')
  const { pino } = await import('pino')
  const http = openHttp(bench.services.config, pino({ enabled: false }))
  await http.register(pipelinePlugin, bench.services)
  const reply = await http.inject(`/pipeline/stream?opt=rcv&id=00000001&key=${KEY}`)
  expect(reply.json().stream).toEqual({ int_virtual_pin: { ivp2: 3 }, str_virtual_pin: { svp1: 'x' } })
  await http.close()
})
