import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRestBench, type RestBench } from '../rest.fixture.ts'

const PROJECT = 'p--0000-0077'

describe('datablock/', () => {
  let bench: RestBench
  let nextDevice = 1
  const cleanups: (() => Promise<void>)[] = []
  beforeAll(async () => {
    bench = await openRestBench({}, (cleanup) => cleanups.unshift(cleanup))
    await post('project/', { name: 'Trips', org: 'home', slug: PROJECT })
    await post('variable/', { project: PROJECT, lid: 0x5001, name: 'temperature' })
  })
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup()
  })
  const post = (path: string, body: unknown, token?: string) =>
    bench.ask(path, { method: 'POST', body, ...(token && { token }) })
  const get = async (path: string) => (await bench.ask(path)).body

  /** A device of its own with a stream that has a record and `pointCount` points. */
  async function logger({ pointCount = 3 } = {}) {
    const id = nextDevice++
    const hex = id.toString(16).padStart(4, '0')
    const device = `d--0000-0000-0000-${hex}`
    await post('device/', { id, label: `logger ${id}`, sg: 'trip-v1', project: PROJECT })
    await post('stream/', { variable: 'v--0077--5001', device })
    const stream = `s--0000-0077--0000-0000-0000-${hex}--5001`
    const archived = (block: number) => `s--0000-0000--000${block}-0000-0000-${hex}--5001`
    const write = (second: number, slug = stream) =>
      post('data/', { stream: slug, timestamp: new Date(second * 1_000).toISOString(), value: second })
    for (let second = 1; second <= pointCount; second++) await write(second)
    return {
      device,
      hex,
      stream,
      archived,
      write,
      block: (block: number) => `b--000${block}-0000-0000-${hex}`,
    }
  }
  const countOf = async (filter: string) => (await get(`data/?filter=${filter}`)).count as number

  it('puts away what a device has measured', async () => {
    const { device, stream, archived, block } = await logger()
    const made = await post('datablock/', { device, title: 'Trip to Ghent', description: 'cold' })
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      id: made.body.id,
      slug: block(1),
      title: 'Trip to Ghent',
      description: 'cold',
      block: 1,
      org: 'home',
      sg: 'trip-v1',
      created_on: expect.stringMatching(/^2026-/),
      created_by: 'admin',
      pid: '',
    })
    expect(await get(`datablock/${block(1)}/`)).toEqual(made.body)
    expect([await countOf(stream), await countOf(device)]).toEqual([0, 0])
    expect([await countOf(archived(1)), await countOf(block(1))]).toEqual([3, 3])
    expect((await get(`data/?filter=${block(1)}`)).results[0]).toMatchObject({
      stream: archived(1),
      device: block(1),
      variable: 'v--0000-0077--5001',
      value: 1,
    })
  })

  it('is read like any stream', async () => {
    const { device, hex, stream, archived, block } = await logger()
    const record = await get(`stream/${stream}/`)
    await post('datablock/', { device })
    expect(await get(`stream/${archived(1)}/data/`)).toMatchObject({ count: 3 })
    expect((await bench.ask(`df/?filter=${block(1)}`)).text.split('\n')).toHaveLength(4)
    const query = await get(`query/?filter=${archived(1)}&agg=sum`)
    expect(query.results).toMatchObject([{ stream: archived(1), values: [6] }])
    expect(await get(`stream/${stream}/`)).toEqual(record)
    const inBlock = { ...record, slug: archived(1), device: null, block: block(1), id: expect.any(String) }
    expect((await get(`stream/?block=${block(1)}`)).results).toEqual([inBlock])
    expect((await get(`stream/?device=${device}&archived=1`)).results).toEqual([inBlock])
    expect((await get(`stream/?device=${device}`)).results).toEqual([record])
    expect((await get(`stream/?device=${device}&all=1`)).count).toBe(2)
    expect((await get(`device/${block(1)}/`)).slug).toBe(`d--0000-0000-0000-${hex}`)
  })

  it('is not found by the names of its device, nor among the points of its project', async () => {
    const { device, write } = await logger({ pointCount: 2 })
    const { label } = await get(`device/${device}/`)
    await post('datablock/', { device })
    await write(9)
    const sums = async (selection: string) => {
      const { results } = await get(`query/?${selection}&agg=sum`)
      return results.map(({ values }: { values: number[] }) => values[0])
    }
    expect(await sums(`project=Trips&device=${label}&variable=temperature`)).toEqual([9])
    expect(await sums(`device=${label}`)).toEqual([9])
    const { results } = await get(`data/?filter=${PROJECT}`)
    expect(results.filter((point: { stream: string }) => point.stream.includes('s--0000-0000'))).toEqual([])
  })

  it('takes events and what people described the device with along', async () => {
    const { device, stream, archived, block } = await logger()
    const { id } = (await post('event/', { stream, timestamp: '2026-01-01T00:00:00Z', data: { a: 1 } })).body
    await post(`device/${device}/new_property/`, { name: 'cargo', str_value: 'pears' })
    await post(`device/${device}/new_property/`, { name: 'model', str_value: 'x', is_system: true })
    await post('datablock/', { device })
    expect(await get(`event/${id}/`)).toMatchObject({ stream: archived(1), device: block(1) })
    expect(await get(`event/${id}/data/`)).toEqual({ a: 1 })
    expect((await get(`event/?filter=${block(1)}`)).count).toBe(1)
    expect((await get(`event/?filter=${device}`)).count).toBe(0)
    const names = async (path: string) =>
      (await get(`${path}/properties/`)).map((row: { name: string }) => row.name)
    expect(await names(`device/${device}`)).toEqual(['model'])
    expect(await names(`datablock/${block(1)}`)).toEqual(['cargo', 'model'])
    expect(await get(`datablock/${block(1)}/extra/`)).toEqual({
      id: expect.any(Number),
      slug: block(1),
      title: expect.stringMatching(/^Archive: logger \d+ \(\w{4}\)$/),
      description: '',
      created_on: expect.any(String),
      stream_counts: { [archived(1)]: { data_cnt: 3, event_cnt: 1, has_streamid: true } },
    })
  })

  it('loses and doubles nothing that comes meanwhile', async () => {
    const { device, write, stream, archived } = await logger({ pointCount: 1 })
    const writes: Promise<{ status: number }>[] = []
    for (let second = 2; second <= 40; second++) {
      writes.push(write(second))
      if (second % 10 === 0) expect((await post('datablock/', { device })).status).toBe(201)
    }
    const statuses = (await Promise.all(writes)).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([201]))
    const counts = await Promise.all([stream, ...[1, 2, 3, 4].map(archived)].map(countOf))
    expect(counts.reduce((sum, count) => sum + count)).toBe(40)
  })

  it('sends points that come by name to the device, not to its archive', async () => {
    const { device, stream, archived } = await logger()
    const { label } = await get(`device/${device}/`)
    const { ingest, catalog } = bench.services
    const { id: projectId } = await catalog
      .selectFrom('projects')
      .select('id')
      .where('name', '=', 'Trips')
      .executeTakeFirstOrThrow()
    const named = (timeUs: number) =>
      ingest.writeNamed(
        { projectId },
        {
          series: [{ device: label, variable: 'temperature' }],
          seriesOf: Uint32Array.of(0),
          timesUs: Float64Array.of(timeUs),
          values: Float64Array.of(1),
        },
      )
    await named(50_000_000)
    await post('datablock/', { device })
    expect(await named(60_000_000)).toMatchObject({ acceptedCount: 1 })
    expect([await countOf(archived(1)), await countOf(stream)]).toEqual([4, 1])
  })

  it.each<[string, (device: string) => object, number, unknown]>([
    ['a device that is not there', () => ({ device: 'd--9999' }), 400, { device: [expect.any(String)] }],
    ['what is no device', () => ({ device: 'p--0077' }), 400, { device: [expect.any(String)] }],
    ['no device', () => ({ device: undefined }), 400, { device: ['This field is required.'] }],
    [
      'a device without data',
      (device) => ({ device }),
      400,
      { device: ['The device has no data to archive.'] },
    ],
    [
      'a slug of another device',
      (device) => ({ device, slug: 'b--0001-0000-0000-9999' }),
      400,
      { slug: [expect.any(String)] },
    ],
    ['no title', (device) => ({ device, title: '' }), 400, { title: [expect.any(String)] }],
  ])('refuses %s', async (_name, body, status, expected) => {
    const { device } = await logger({ pointCount: 0 })
    expect(await post('datablock/', body(device))).toMatchObject({ status, body: expected })
  })

  it('leaves a busy device and one of nobody alone', async () => {
    const { device } = await logger()
    await bench.ask(`device/${device}/`, { method: 'PATCH', body: { busy: true } })
    expect(await post('datablock/', { device })).toMatchObject({
      status: 403,
      body: { detail: expect.stringMatching('busy') },
    })
    await post('device/', { id: 0x9000, label: 'free' })
    expect(await post('datablock/', { device: 'd--9000' })).toMatchObject({
      status: 400,
      body: { device: [expect.stringMatching('claim it first')] },
    })
  })

  it('gets the number that staff choose, once, and may then be empty', async () => {
    const { device, block } = await logger({ pointCount: 0 })
    expect((await post('datablock/', { device, slug: block(3) })).body).toMatchObject({
      slug: block(3),
      block: 3,
    })
    expect((await post('datablock/', { device, slug: block(3) })).status).toBe(409)
    const token = await bench.user('chooser', 'a0')
    expect((await post('datablock/', { device, slug: block(4) }, token)).status).toBe(403)
  })

  it('is described anew, listed and searched', async () => {
    const { device, block } = await logger()
    await post('datablock/', { device, title: 'A trip' })
    const change = { title: 'Lemons 50%', slug: 'b--0009-0000-0000-0001' }
    const changed = await bench.ask(`datablock/${block(1)}/`, { method: 'PATCH', body: change })
    expect(changed).toMatchObject({
      status: 200,
      body: { slug: block(1), title: 'Lemons 50%', description: '' },
    })
    const slugs = async (path: string) => (await get(path)).results.map((row: { slug: string }) => row.slug)
    for (const path of [
      'datablock/?q=lemons',
      `datablock/?device=${device}`,
      'datablock/?org=home&q=0%25',
      'org/home/archives/?q=lemons',
    ]) {
      expect(await slugs(path), path).toEqual([block(1)])
    }
    expect(await slugs('datablock/?org=nobody')).toEqual([])
    expect((await slugs('datablock/?page_size=1')).length).toBe(1)
    expect((await get('org/home/archives/')).count).toBe((await get('datablock/')).count)
    expect((await bench.ask('datablock/?device=x')).status).toBe(400)
  })

  it('is deleted by staff, with all that is in it', async () => {
    const { device, stream, archived, block, write } = await logger()
    await post('datablock/', { device })
    await write(7)
    const token = await bench.user('keeper', 'a0')
    expect((await bench.ask(`datablock/${block(1)}/`, { method: 'DELETE', token })).status).toBe(403)
    expect((await bench.ask(`datablock/${block(1)}/`, { method: 'DELETE' })).status).toBe(204)
    expect((await bench.ask(`datablock/${block(1)}/`)).status).toBe(404)
    expect((await bench.ask(`stream/${archived(1)}/`)).status).toBe(404)
    expect([await countOf(archived(1)), await countOf(stream)]).toEqual([0, 1])
  })

  it('lets roles do what they are for, and strangers nothing', async () => {
    const { device, archived, block, write } = await logger()
    await post('datablock/', { device })
    await write(9)
    const tryAll = async (token: string) => {
      const replies = [
        await bench.ask(`datablock/${block(1)}/`, { token }),
        await bench.ask(`datablock/${block(1)}/extra/`, { token }),
        await bench.ask(`stream/${archived(1)}/data/`, { token }),
        await bench.ask(`datablock/${block(1)}/`, { token, method: 'PATCH', body: { title: 'Mine' } }),
        await post('datablock/', { device, title: 'Another' }, token),
      ]
      const { count } = (await bench.ask(`datablock/?device=${device}`, { token })).body
      return [...replies.map(({ status }) => status), count]
    }
    expect(await tryAll(await bench.user('stranger'))).toEqual([404, 404, 404, 404, 400, 0])
    expect(await tryAll(await bench.user('operator', 'r1'))).toEqual([200, 200, 403, 403, 403, 1])
    expect(await tryAll(await bench.user('member', 'm1'))).toEqual([200, 200, 200, 403, 403, 1])
    expect(await tryAll(await bench.user('developer', 'd1'))).toEqual([200, 200, 200, 200, 201, 2])
  })
})
