import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listAudit } from '../../../catalog/audit.ts'
import { FIRST_PAGE } from '../../../catalog/catalog.fixture.ts'
import { createPipeline } from '../../../catalog/pipelines.ts'
import { US_PER_S } from '../../../model/time.ts'
import { openRestBench, type RestBench } from '../rest.fixture.ts'

const cleanups: (() => Promise<void>)[] = []
let bench: RestBench
let projectId: number
beforeAll(async () => {
  bench = await openRestBench({}, (cleanup) => void cleanups.unshift(cleanup))
  const { body } = await bench.ask('project/', { method: 'POST', body: { name: 'Cellar', org: 'home' } })
  const row = await bench.services.catalog
    .selectFrom('projects')
    .select('id')
    .where('uuid', '=', body.id)
    .executeTakeFirstOrThrow()
  projectId = row.id
})
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

let slug: string
beforeEach(async () => {
  slug = await newDevice()
})

async function newDevice(): Promise<string> {
  const project = (await bench.ask('project/')).body.results.find((row: any) => row.name === 'Cellar').id
  return (await bench.ask('device/', { method: 'POST', body: { label: `board ${Math.random()}`, project } }))
    .body.slug
}

const read = async () => (await bench.ask(`device/${slug}/shadow/`)).body
const patch = (body: object, token?: string) =>
  bench.ask(`device/${slug}/shadow/`, { method: 'PATCH', body, ...(token ? { token } : {}) })

async function write(variable: string, value: number | string): Promise<void> {
  const { ingest, clock } = bench.services
  const { label } = (await bench.ask(`device/${slug}/`)).body
  const texts = typeof value === 'string' ? { texts: new Map([[0, value]]) } : {}
  await ingest.writeNamed(
    { projectId, provisionAs: 1 },
    {
      series: [{ device: label, variable }],
      seriesOf: Uint32Array.of(0),
      timesUs: Float64Array.of(clock.nowUs()),
      values: Float64Array.of(typeof value === 'number' ? value : Number.NaN),
      ...texts,
    },
  )
}

async function deviceToken(device: string, scopes = ['read', 'write']): Promise<string> {
  return (await bench.ask('token/', { method: 'POST', body: { name: 'board', scopes, device } })).body.token
}

describe('shadow', () => {
  it('is empty before anybody wishes or reports anything', async () => {
    expect(await read()).toEqual({
      device: slug,
      version: 0,
      desired: {},
      reported: {},
      reported_on: {},
      delta: {},
      desired_on: null,
      delivered_on: null,
    })
  })

  it('holds what is desired and reported, and tells the difference', async () => {
    await patch({ desired: { mode: 'eco', rate: 10, nested: { a: [1] }, off: true } })
    const { status, body } = await patch({ reported: { mode: 'eco', rate: 5, nested: { a: [1] }, extra: 1 } })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      version: 2,
      desired: { mode: 'eco', rate: 10, nested: { a: [1] }, off: true },
      reported: { mode: 'eco', rate: 5, nested: { a: [1] }, extra: 1 },
      delta: { rate: 10, off: true },
    })
    await patch({ desired: { rate: null, off: null } })
    expect(await read()).toMatchObject({
      version: 3,
      desired: { mode: 'eco', nested: { a: [1] } },
      delta: {},
    })
  })

  it('joins the newest points of streams, of which the newer says what is', async () => {
    await patch({ desired: { setpoint: 20, label: 'on' }, reported: { setpoint: 18 } })
    await write('label', 'on')
    bench.clock.advance(US_PER_S)
    await write('setpoint', 19)
    expect(await read()).toMatchObject({ reported: { setpoint: 19, label: 'on' }, delta: { setpoint: 20 } })
    bench.clock.advance(US_PER_S)
    await patch({ reported: { setpoint: 20 } })
    expect(await read()).toMatchObject({ reported: { setpoint: 20 }, delta: {} })
  })

  it('does not count a report that says the same', async () => {
    await patch({ reported: { rate: 5 } })
    const first = await read()
    bench.clock.advance(US_PER_S)
    await patch({ reported: { rate: 5 } })
    const second = await read()
    expect(second.version).toBe(first.version)
    expect(second.reported_on.rate > first.reported_on.rate).toBe(true)
  })

  it('refuses a change of another version, and says which there is', async () => {
    expect((await patch({ desired: { a: 1 }, version: 0 })).status).toBe(200)
    expect(await patch({ desired: { a: 2 }, version: 0 })).toMatchObject({
      status: 409,
      body: { version: 1, detail: expect.stringContaining('Read it again') },
    })
    const replies = await Promise.all([2, 3, 4].map((a) => patch({ desired: { a }, version: 1 })))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    expect((await read()).version).toBe(2)
  })

  it.each([
    ['too many names', { desired: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`n${i}`, 1])) }],
    ['values that are too large', { desired: { a: 'x'.repeat(9_000) } }],
    ['reports that are too large', { reported: { a: 'x'.repeat(9_000) } }],
    ['a name without a letter', { desired: { '': 1 } }],
    ['a list', { desired: [1] }],
    ['a version that is no number', { desired: { a: 1 }, version: 'x' }],
  ])('refuses %s', async (_, body) => {
    expect((await patch(body)).status).toBe(400)
    expect((await read()).version).toBe(0)
  })

  it('hands the difference to the device at its next poll, and notes when', async () => {
    const token = await deviceToken(slug)
    await patch({ desired: { rate: 10 } })
    const poll = (as?: string) => bench.ask(`device/${slug}/shadow/delta/`, as ? { token: as } : {})
    expect((await poll()).body).toEqual({ version: 1, delta: { rate: 10 } })
    await bench.ask(`device/${slug}/shadow/delta/`, { token, method: 'HEAD' })
    expect((await read()).delivered_on).toBeNull()
    expect((await poll(token)).body).toEqual({ version: 1, delta: { rate: 10 } })
    expect((await read()).delivered_on).toBe((await read()).desired_on)
    await patch({ reported: { rate: 10 } }, token)
    expect((await poll(token)).body).toEqual({ version: 2, delta: {} })
    await patch({ desired: { rate: 10 } })
    expect((await read()).delivered_on).toBeNull()
  })

  it('is for those who may', async () => {
    const stranger = await bench.user(`stranger${slug}`)
    const operator = await bench.user(`operator${slug}`, 'r1')
    const member = await bench.user(`member${slug}`, 'm1')
    const own = await deviceToken(slug, ['read'])
    const other = await deviceToken(await newDevice())
    const status = async (token: string) => [
      (await bench.ask(`device/${slug}/shadow/`, { token })).status,
      (await patch({ desired: { a: 1 } }, token)).status,
      (await bench.ask(`device/${slug}/shadow/delta/`, { token })).status,
    ]
    expect(await status(stranger)).toEqual([404, 404, 404])
    expect(await status(operator)).toEqual([403, 403, 403])
    expect(await status(member)).toEqual([200, 200, 200])
    expect(await status(own)).toEqual([200, 403, 200])
    expect(await status(other)).toEqual([403, 403, 403])
    expect((await bench.ask('device/d--ffff/shadow/')).status).toBe(404)
  })

  it('leaves a trace of what was desired, and goes with its device', async () => {
    const { catalog } = bench.services
    await patch({ desired: { a: 1 } })
    const { rows } = await listAudit(catalog, { target: slug }, FIRST_PAGE)
    expect(rows).toMatchObject([{ action: 'desire', detail: '{"a":1}' }])
    expect((await bench.ask(`device/${slug}/`, { method: 'DELETE' })).status).toBe(204)
  })
})

describe('shadow of a pipeline', () => {
  it.each([
    [200, { ivp1: 9_999, svp4: 'x'.repeat(128), other: {} }],
    [400, { ivp1: 10_000 }],
    [400, { ivp1: 1.5 }],
    [400, { ivp1: '1' }],
    [400, { svp1: '' }],
    [400, { svp1: 'x'.repeat(129) }],
    [200, { svp1: null }],
  ])('answers %i to pins that boards can or cannot read: %j', async (status, desired) => {
    const number = 1 + (await bench.services.catalog.selectFrom('pipelines').selectAll().execute()).length
    const label = String(number)
    await createPipeline(bench.services.catalog, {
      number,
      keyHash: '',
      label,
      projectId,
      createdBy: 1,
      nowUs: 0,
      pipelinesMax: 100,
    })
    const devices = (await bench.ask('device/?page_size=1000')).body.results
    slug = devices.find((device: any) => device.label === label).slug
    expect((await patch({ desired })).status).toBe(status)
  })
})
