/** Sensor graphs and device templates: everybody reads them, staff write. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRestBench, type RestBench } from '../rest.fixture.ts'

let bench: RestBench
let member: string
const cleanups: (() => Promise<void>)[] = []
beforeAll(async () => {
  bench = await openRestBench({}, (cleanup) => cleanups.unshift(cleanup))
  member = await bench.user('member', 'd1')
})
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

function send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object, token?: string) {
  return bench.ask(path, { method, body, ...(token ? { token } : {}) })
}

const GRAPH = {
  name: 'Water Meter',
  org: 'home',
  major_version: 1,
  minor_version: 1,
  variable_templates: [{ name: 'Pulse', lid: 20481 }],
  ui_extra: { color: 'blue' },
  app_tag: 1024,
  app_version: '1.1',
}
const TEMPLATE = {
  external_sku: 'Pod 1',
  version: 'v2.0.0',
  os_tag: 1027,
  hw_tag: 'pod1',
  slots: [{ number: 1 }],
  released_on: '2026-01-01',
}

describe.each([
  ['sg', 'sg', GRAPH, 'water-meter-v1-1-0', { version: 'v1.1.0', report_processing_engine_ver: 0, ...GRAPH }],
  [
    'dt',
    'template',
    TEMPLATE,
    'pod-1-v2-0-0',
    { ...TEMPLATE, family: '', released_on: '2026-01-01T00:00:00Z' },
  ],
])('%s/', (key, field, written, slug, shown) => {
  it('is made with a slug of its name and version, and read by everybody', async () => {
    expect(await send('POST', `${key}/`, written)).toMatchObject({ status: 201, body: { slug, ...shown } })
    expect((await send('POST', `${key}/`, written)).status).toBe(409)
    expect((await bench.ask(`${key}/${slug}/`, { token: member })).body).toMatchObject(shown)
    expect((await bench.ask(`${key}/`, { token: member })).body).toMatchObject({ count: 1, next: null })
    expect((await bench.ask(`${key}/?org=nowhere`)).body.count).toBe(0)
    expect((await bench.ask(`${key}/`, { token: null })).status).toBe(401)
    expect((await bench.ask(`${key}/..%2f${slug}/`)).status).toBe(404)
  })

  it('is written by staff', async () => {
    expect((await send('POST', `${key}/`, written, member)).status).toBe(403)
    expect((await send('PATCH', `${key}/${slug}/`, {}, member)).status).toBe(403)
    expect((await send('DELETE', `${key}/${slug}/`, undefined, member)).status).toBe(403)
  })

  it.each([
    [{}, 400],
    [{ slug: '--' }, 400],
    [{ slug: 'only-a-slug' }, 201],
    [{ slug: 'with-an-org', org: 'nowhere' }, 400],
  ])('answers %j with %d', async (body, status) => {
    expect((await send('POST', `${key}/`, body)).status).toBe(status)
  })

  it('is changed field by field, and deleted unless a device has it', async () => {
    const { body } = await send('PUT', `${key}/${slug}/`, { org: null })
    expect(body).toMatchObject({ ...shown, org: null, slug })
    const device = (await send('POST', 'device/', { [field]: slug })).body
    expect((await bench.ask(`device/${device.slug}/${field}/`)).body).toEqual(body)
    expect((await bench.ask(`device/${device.slug}/${field}/`, { token: member })).status).toBe(404)
    expect((await send('DELETE', `${key}/${slug}/`)).status).toBe(409)
    await send('PATCH', `device/${device.slug}/`, { [field]: 'unknown' })
    expect((await bench.ask(`device/${device.slug}/${field}/`)).status).toBe(404)
    expect((await send('DELETE', `${key}/${slug}/`)).status).toBe(204)
    expect((await bench.ask(`${key}/${slug}/`)).status).toBe(404)
  })
})
