/** Variable types and units by their slugs, and what both ways of writing a value make of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRestBench, type RestBench } from '../rest.fixture.ts'

let bench: RestBench
const cleanups: (() => Promise<void>)[] = []
beforeAll(async () => {
  bench = await openRestBench({}, (cleanup) => cleanups.unshift(cleanup))
  await post('vartype/', WATER)
  await post('project/', { name: 'Irrigation', org: 'home', slug: 'p--11' })
  await post('device/', { label: 'meter', project: 'p--11' })
})
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

const WATER = {
  name: 'Water Volume',
  storage_units_full: 'Liter',
  decoder: { kind: 'packet' },
  available_input_units: [
    { unit_full: 'Gallons', unit_short: 'G', m: 378541, d: 100000, o: 0 },
    { slug: 'in--water-volume--acre-feet', unit_full: 'Acre Feet', m: 123348185, d: 100 },
  ],
  available_output_units: [
    {
      unit_full: 'Acre Feet',
      unit_short: 'A.F.',
      m: 100,
      d: 123348185,
      decimal_places: 3,
      derived_units: { rate: { daily: { m: 6, d: 1 } } },
    },
  ],
}
const GALLONS = 'in--water-volume--gallons'
const ACRE_FEET = 'out--water-volume--acre-feet'
const AT = '2026-01-01T00:00:00Z'

async function send(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: object) {
  const reply = await bench.ask(path, { method, body })
  return { status: reply.status, body: reply.body }
}
const post = (path: string, body: object) => send('POST', path, body)

let lastLid = 0x5000
/** A variable with a stream of the device, described as given; resolves to the stream's slug. */
async function stream(changes: object, variable: object = {}): Promise<string> {
  const lid = ++lastLid
  const made = await post('variable/', { name: `v${lid}`, project: 'p--11', lid, ...variable })
  const { body } = await post('stream/', { device: 'd--1', variable: made.body.slug, ...changes })
  return body.slug
}

describe('vartype/', () => {
  it('derives slugs from names', async () => {
    const { body } = await bench.ask('vartype/water-volume/')
    expect(body).toMatchObject({
      slug: 'water-volume',
      stream_data_type: '00',
      decoder: { kind: 'packet' },
      schema: null,
      storage_units_short: '',
    })
    expect(body.available_input_units.map((unit: any) => [unit.slug, unit.o])).toEqual([
      [GALLONS, 0],
      ['in--water-volume--acre-feet', 0],
    ])
    expect(body.available_output_units[0]).toMatchObject({ slug: ACRE_FEET, decimal_places: 3 })
  })

  it('has a default from the start', async () => {
    expect(await bench.ask('vartype/default/')).toMatchObject({ status: 200, body: { slug: 'default' } })
  })

  it.each<[string, object, object]>([
    ['no name', {}, { name: ['This field is required.'] }],
    ['a name of no letters', { name: '--' }, { name: ['A name needs a letter or digit.'] }],
    [
      'a factor of zero',
      { name: 'x', available_input_units: [{ unit_full: 'a', m: 0, d: 1 }] },
      { m: ['A unit needs a whole factor that is not zero.'] },
    ],
    [
      'a unit of another type',
      { name: 'x', available_input_units: [{ slug: GALLONS, m: 1, d: 1 }] },
      { slug: ['A unit of this type has a slug such as "in--x--liters".'] },
    ],
    [
      'one unit twice',
      {
        name: 'x',
        available_input_units: [
          { unit_full: 'a', m: 1, d: 1 },
          { unit_full: 'A', m: 2, d: 1 },
        ],
      },
      { slug: ['Two units have the slug "in--x--a".'] },
    ],
  ])('refuses %s', async (_, body, reason) => {
    expect(await post('vartype/', body)).toEqual({ status: 400, body: reason })
  })

  it('is changed and deleted by staff, while nothing is of the type', async () => {
    expect((await post('vartype/', { name: 'Short lived' })).status).toBe(201)
    expect((await post('vartype/', { name: 'Short lived' })).status).toBe(409)
    const units = [{ unit_full: 'Bar', m: 1, d: 1 }]
    const changed = await send('PUT', 'vartype/short-lived/', { available_output_units: units })
    expect(changed.body).toMatchObject({ name: 'Short lived', available_input_units: [] })
    expect(changed.body.available_output_units[0].slug).toBe('out--short-lived--bar')
    const { body } = await post('variable/', { name: 'p', project: 'p--11', var_type: 'short-lived' })
    expect((await send('DELETE', 'vartype/short-lived/')).status).toBe(409)
    await send('DELETE', `variable/${body.slug}/`)
    expect((await send('DELETE', 'vartype/short-lived/')).status).toBe(204)
    expect((await bench.ask('vartype/short-lived/')).status).toBe(404)
  })

  it('is read by all and written by staff', async () => {
    const token = await bench.user('reader', 'a0')
    expect((await bench.ask('vartype/', { token })).body.count).toBe(2)
    const refused = await bench.ask('vartype/', { token, method: 'POST', body: { name: 'mine' } })
    expect(refused.status).toBe(403)
    expect((await bench.ask('vartype/', { token: null })).status).toBe(401)
  })
})

describe('units', () => {
  it('are named by slug or given whole, and answered whole', async () => {
    const slug = await stream({ input_unit: GALLONS, output_unit: ACRE_FEET })
    const { body } = await bench.ask(`stream/${slug}/`)
    expect(body.input_unit).toMatchObject({ slug: GALLONS, unit_short: 'G', m: 378541, d: 100000, o: 0 })
    expect(body.output_unit).toMatchObject({ slug: ACRE_FEET, decimal_places: 3 })
    const again = await send('PATCH', `stream/${slug}/`, { input_unit: body.input_unit, output_unit: null })
    expect([again.body.input_unit, again.body.output_unit]).toEqual([body.input_unit, null])
  })

  it('belong to variables alike', async () => {
    const variable = { name: 'flow', project: 'p--11', var_type: 'water-volume', input_unit: GALLONS }
    const made = await post('variable/', variable)
    expect(made.body.input_unit.m).toBe(378541)
    const changed = await send('PATCH', `variable/${made.body.slug}/`, { output_unit: ACRE_FEET })
    expect(changed.body.output_unit.slug).toBe(ACRE_FEET)
    const type = await bench.ask(`variable/${made.body.slug}/type/`)
    expect(type.body.slug).toBe('water-volume')
  })

  it.each([
    ['input_unit', 'in--water-volume--pints'],
    ['input_unit', ACRE_FEET],
    ['output_unit', GALLONS],
    ['output_unit', 'gallons'],
  ])('of %s that no type has are refused: %s', async (field, unit) => {
    const slug = await stream({})
    const reply = await send('PATCH', `stream/${slug}/`, { [field]: unit })
    const reason = `No variable type has a unit "${unit}"; see vartype/.`
    expect(reply).toEqual({ status: 400, body: { [field]: [reason] } })
  })
})

describe('the value chain', () => {
  it.each<[string, object, object, number, number, number, string]>([
    [
      '100 gallons a count',
      { mdo_type: 'S', multiplication_factor: 100 },
      {},
      100,
      37854.1,
      0.030688817999227146,
      '0.031',
    ],
    [
      'the factors of the variable',
      { mdo_type: 'V' },
      { multiplication_factor: 100 },
      101,
      38232.641,
      0.030995706179219422,
      '0.031',
    ],
    [
      'no factors at all',
      { mdo_type: 'X', multiplication_factor: 100 },
      { multiplication_factor: 100 },
      100,
      378.541,
      (378.541 * 100) / 123348185,
      '0.000',
    ],
  ])('takes %s', async (_, changes, variable, raw, value, output, display) => {
    const slug = await stream({ input_unit: GALLONS, output_unit: ACRE_FEET, ...changes }, variable)
    const written = await post('data/', { stream: slug, timestamp: AT, int_value: raw })
    expect(written).toMatchObject({ status: 201, body: { value, int_value: raw, type: 'ITR' } })
    const { results } = (await bench.ask(`stream/${slug}/data/`)).body
    expect(results).toMatchObject([{ value, int_value: raw, output_value: output, display_value: display }])
  })

  it.each<[string, object, number, number]>([
    ['<l', { raw_value_format: '<l', mdo_type: 'S', division_factor: 10, offset: 1 }, 0xfffffff6, 0],
    ['<f', { raw_value_format: '<f' }, 0x3fc00000, 1.5],
    ['<L', { raw_value_format: '<L' }, 0xffffffff, 0x7fffffff],
    ['auto', {}, 0x80000000, 0x7fffffff],
  ])('reads %s and holds it to 31 bits', async (_, changes, raw, value) => {
    const slug = await stream(changes)
    const { body } = await post('data/', { stream: slug, timestamp: AT, int_value: raw })
    expect([body.value, body.type]).toEqual([value, 'Num'])
  })

  it('takes internal values as they are', async () => {
    const slug = await stream({ input_unit: GALLONS, mdo_type: 'S', multiplication_factor: 100 })
    const { status, body } = await post('data/', { stream: slug, timestamp: AT, value: 37854.1, type: 'ITR' })
    expect([status, body.value, body.int_value]).toEqual([201, 37854.1, 100])
  })

  it('leaves a stream without a record its numbers, and shows the variable’s digits otherwise', async () => {
    const bare = { stream: 's--11--1--7001', timestamp: AT, int_value: 5_000_000_000 }
    expect((await post('data/', bare)).body).toMatchObject({ value: 5_000_000_000, type: 'Num' })
    const slug = await stream({}, { decimal_places: 1 })
    await post('data/', { stream: slug, timestamp: AT, value: 21.55 })
    const [point] = (await bench.ask(`stream/${slug}/data/`)).body.results
    expect(point).toMatchObject({ output_value: 21.55, display_value: '21.6' })
  })

  it('answers one of 5, a list of 5, and neither or both kinds of value', async () => {
    const slug = await stream({ mdo_type: 'S', multiplication_factor: 100, input_unit: GALLONS })
    const point = { stream: slug, timestamp: AT, int_value: 5 }
    expect(await post('data/', point)).toMatchObject({ status: 201, body: { value: 1892.705 } })
    const five = [1, 2, 3, 4, 5].map((i) => ({ ...point, timestamp: `2026-01-0${i}T00:00:00Z` }))
    expect(await post('data/', five)).toEqual({ status: 201, body: { count: 5 } })
    for (const wrong of [
      { ...point, value: 5 },
      { stream: slug, timestamp: AT },
    ]) {
      const refused = await post('data/', wrong)
      expect(refused).toEqual({ status: 400, body: ['Give either int_value or value.'] })
    }
  })

  it('goes on to a derived unit of the output unit', async () => {
    const slug = await stream({ input_unit: GALLONS, output_unit: ACRE_FEET })
    await post('data/', { stream: slug, timestamp: AT, value: 123348185 })
    const [point] = (await bench.ask(`stream/${slug}/data/?derived=rate.daily`)).body.results
    expect([point.output_value, point.derived_value]).toEqual([100, 600])
    const refused = await bench.ask(`stream/${slug}/data/?derived=rate.weekly`)
    expect(refused.body).toEqual({ derived: ['Derived units of the output unit are: rate.daily.'] })
  })
})
