import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRestBench, type RestBench } from '../rest.fixture.ts'

const DEVICE = 'd--0000-0000-0000-0001'
const PROJECT = 'p--0000-0077'

describe('property/', () => {
  let bench: RestBench
  let uuid: string
  const cleanups: (() => Promise<void>)[] = []
  beforeAll(async () => {
    bench = await openRestBench({}, (cleanup) => cleanups.unshift(cleanup))
    uuid = (await post('project/', { name: 'Trips', org: 'home', slug: PROJECT })).body.id
    await post('device/', { id: 1, label: 'one', project: PROJECT })
    await post('device/', { id: 2, label: 'two', project: PROJECT })
  })
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup()
  })
  const post = (path: string, body: unknown, token?: string) =>
    bench.ask(path, { method: 'POST', body, ...(token && { token }) })
  const valuesOf = (rows: { name: string; value: unknown }[]) =>
    Object.fromEntries(rows.map(({ name, value }) => [name, value]))

  it('creates, reads, changes and deletes', async () => {
    const { status, body } = await post('property/', { target: 'd--0001', name: 'cargo', str_value: 'pears' })
    const expected = {
      id: body.id,
      name: 'cargo',
      value: 'pears',
      type: 'str',
      is_system: false,
      target: DEVICE,
    }
    expect([status, body]).toEqual([201, expected])
    const path = `property/${body.id}/`
    expect((await bench.ask(path)).body).toEqual(expected)
    const patch = async (body: object) => (await bench.ask(path, { method: 'PATCH', body })).body
    expect(await patch({ int_value: 7 })).toEqual({ ...expected, value: 7, type: 'int' })
    expect(await patch({ bool_value: false, is_system: true })).toMatchObject({
      value: false,
      is_system: true,
    })
    expect(await patch({ name: 'load', target: 'p--0077' })).toMatchObject({ name: 'load', target: DEVICE })
    expect((await bench.ask(path, { method: 'DELETE' })).status).toBe(204)
    expect((await bench.ask(path)).status).toBe(404)
  })

  it.each([
    [{ str_value: 'a', int_value: 1 }, 'Only one of int_value, str_value, or bool_value can be used'],
    [{}, 'One of int_value, str_value, or bool_value is needed'],
  ])('needs one value, not %o', async (values, reason) => {
    const expected = { status: 400, body: { non_field_errors: [reason] } }
    expect(await post('property/', { target: DEVICE, name: 'x', ...values })).toMatchObject(expected)
    expect(await post(`device/${DEVICE}/new_property/`, { name: 'x', ...values })).toMatchObject(expected)
  })

  it.each<[string, object, number, string]>([
    ['a long text', { str_value: 'x'.repeat(257) }, 400, 'str_value'],
    ['a fraction', { int_value: 1.5 }, 400, 'int_value'],
    ['what is too large to be exact', { int_value: 2 ** 53 }, 400, 'int_value'],
    ['a text for a boolean', { bool_value: 'true' }, 400, 'bool_value'],
    ['no name', { int_value: 1, name: '' }, 400, 'name'],
    ['what has no properties', { int_value: 1, target: 'v--0077--0001' }, 400, 'target'],
    ['a device that is not there', { int_value: 1, target: 'd--0099' }, 404, 'detail'],
    ['an archive that is not there', { int_value: 1, target: 'b--0001-0000-0000-0001' }, 404, 'detail'],
  ])('refuses %s', async (_name, more, status, key) => {
    const reply = await post('property/', { target: DEVICE, name: 'x', ...more })
    expect([reply.status, Object.keys(reply.body)]).toEqual([status, [key]])
  })

  it('refuses a second of the same name, however its target is written', async () => {
    expect((await post('property/', { target: DEVICE, name: 'twin', int_value: 1 })).status).toBe(201)
    const again = await post('property/', { target: 'd--0001', name: 'twin', int_value: 2 })
    expect(again).toMatchObject({ status: 409, body: { detail: expect.stringMatching('change that one') } })
  })

  it.each([
    ['device', 'd--0002', 'd--0000-0000-0000-0002'],
    ['project', 'p--0077', PROJECT],
  ])('lists and sets those of a %s', async (kind, slug, target) => {
    expect((await post(`${kind}/${slug}/new_property/`, { name: 'size', int_value: 1 })).status).toBe(201)
    const set = await post(`${kind}/${slug}/new_property/`, { name: 'size', str_value: 'large' })
    expect(set).toMatchObject({ status: 201, body: { target, value: 'large', type: 'str' } })
    await post(`${kind}/${slug}/new_property/`, { name: 'is_new', bool_value: true, is_system: true })
    const list = await bench.ask(`${kind}/${slug}/properties/`)
    expect(valuesOf(list.body)).toEqual({ size: 'large', is_new: true })
    const page = await bench.ask(`property/?target=${slug}&page_size=1`)
    expect(page.body).toMatchObject({ count: 2, results: [{ name: 'is_new' }], next: expect.any(String) })
  })

  it('knows a project by its UUID, and a kind from another', async () => {
    expect((await bench.ask(`project/${uuid}/properties/`)).status).toBe(200)
    expect((await bench.ask(`project/${DEVICE}/properties/`)).status).toBe(400)
    expect((await bench.ask(`device/${PROJECT}/properties/`)).status).toBe(404)
  })

  it('lists nothing without a target, and refuses one that is none', async () => {
    expect((await bench.ask('property/')).body).toMatchObject({ count: 0, results: [] })
    expect((await bench.ask('property/?target=x')).status).toBe(400)
    expect((await bench.ask('property/size/')).status).toBe(404)
  })

  it('filters devices and projects', async () => {
    await post('device/d--0001/new_property/', { name: 'room', str_value: 'a__b' })
    await post('device/d--0002/new_property/', { name: 'room', str_value: 'c' })
    await post('project/p--0077/new_property/', { name: 'room', int_value: 5 })
    const labels = async (property: string) => {
      const { body } = await bench.ask(`device/?property=${property}`)
      return body.results.map(({ label }: { label: string }) => label)
    }
    expect(await labels('room')).toEqual(['one', 'two'])
    expect(await labels('room__a__b')).toEqual(['one'])
    expect(await labels('room__5')).toEqual([])
    expect((await bench.ask('project/?property=room__5')).body.count).toBe(1)
    expect((await bench.ask('project/?property=hall')).body.count).toBe(0)
  })

  it('goes with its device', async () => {
    await post('device/', { id: 3, label: 'three', project: PROJECT })
    const { id } = (await post('device/d--0003/new_property/', { name: 'a', int_value: 1 })).body
    expect((await bench.ask('device/d--0003/', { method: 'DELETE' })).status).toBe(204)
    expect((await bench.ask(`property/${id}/`)).status).toBe(404)
  })

  it('lets roles do what they are for, and strangers nothing', async () => {
    const { id } = (await post(`device/${DEVICE}/new_property/`, { name: 'secret', int_value: 1 })).body
    const { id: ofProject } = (
      await post(`project/${PROJECT}/new_property/`, { name: 'secret', int_value: 1 })
    ).body
    const tryAll = async (token: string) => {
      const body = { int_value: 2 }
      const replies = [
        await bench.ask(`property/${id}/`, { token }),
        await bench.ask(`property/?target=${DEVICE}`, { token }),
        await bench.ask(`device/${DEVICE}/properties/`, { token }),
        await bench.ask(`property/${id}/`, { token, method: 'PATCH', body }),
        await post(`device/${DEVICE}/new_property/`, { name: 'secret', ...body }, token),
        await bench.ask(`property/${ofProject}/`, { token, method: 'PATCH', body }),
      ]
      return replies.map(({ status }) => status)
    }
    expect(await tryAll(await bench.user('stranger'))).toEqual([404, 404, 404, 404, 404, 404])
    expect(await tryAll(await bench.user('operator', 'r1'))).toEqual([200, 200, 200, 403, 403, 403])
    expect(await tryAll(await bench.user('member', 'm1'))).toEqual([200, 200, 200, 200, 201, 403])
    expect(await tryAll(await bench.user('owner', 'a0'))).toEqual([200, 200, 200, 200, 201, 200])
  })
})
