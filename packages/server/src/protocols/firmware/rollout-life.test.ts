import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FirmwareBench, openFirmwareBench, type RolloutSteps, rolloutSteps } from './firmware.fixture.ts'

const cleanups: (() => Promise<void>)[] = []
let bench: FirmwareBench
let at: RolloutSteps
beforeAll(async () => {
  bench = await openFirmwareBench((cleanup) => void cleanups.unshift(cleanup))
  at = rolloutSteps(bench)
  await bench.publish('blinker', '1.0', { 'blinker-1.bin': 'the old program' })
  await bench.publish('blinker', '2.0', { 'blinker-2.bin': 'the new program' })
})
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

describe('the life of a rollout', () => {
  it('has actions that need their states', async () => {
    const { fleet } = await at.fleetOf(1)
    const { id } = await bench.create('rollout/', { org: 'home', package: 'blinker', tag: '2.0', fleet })
    for (const action of ['pause', 'resume', 'advance', 'abort', 'rollback']) {
      expect(await at.act(id, action)).toBe(409)
    }
    expect(await at.act(id, 'start')).toBe('running')
    expect(await at.act(id, 'start')).toBe(409)
    expect((await bench.ask(`rollout/${id}/`, { method: 'DELETE' })).status).toBe(409)
    expect((await bench.ask(`fleet/${fleet}/`, { method: 'DELETE' })).status).toBe(409)
    expect(await at.act(id, 'pause')).toBe('paused')
    expect(await at.act(id, 'abort')).toBe('aborted')
    const change = { method: 'PATCH', body: { name: 'x' } } as const
    expect((await bench.ask(`rollout/${id}/`, change)).status).toBe(409)
    expect(await bench.remove('blinker', '2.0')).toMatch('tag is assigned')
    expect((await bench.ask(`rollout/${id}/`, { method: 'DELETE' })).status).toBe(204)
    expect((await bench.ask(`rollout/${id}/`)).status).toBe(404)
    expect((await bench.ask(`fleet/${fleet}/`, { method: 'DELETE' })).status).toBe(204)
  })

  it('has a device in one at a time, and nothing assigned meanwhile', async () => {
    const { fleet, slugs } = await at.fleetOf(1)
    const id = await bench.rollout({ fleet })
    const second = await bench.create('rollout/', { org: 'home', package: 'blinker', tag: '2.0', fleet })
    expect(await at.act(second.id, 'start')).toBe(409)
    const body = { package: 'blinker', tag: '1.0' }
    expect((await bench.ask(`device/${slugs[0]}/firmware/`, { method: 'PUT', body })).status).toBe(409)
    expect(await at.act(id, 'abort')).toBe('aborted')
    expect((await bench.ask(`device/${slugs[0]}/firmware/`, { method: 'PUT', body })).status).toBe(200)
    expect(await at.act(second.id, 'start')).toBe('running')
  })

  it('loses a device that changes hands', async () => {
    const { fleet, slugs } = await at.fleetOf(2)
    const id = await bench.rollout({ fleet })
    await bench.update(slugs[0], '1.0')
    await bench.ask(`device/${slugs[0]}/unclaim/`, { method: 'POST', body: {} })
    expect((await at.read(id)).devices).toMatchObject({ verifying: 0, pending: 1 })
    await at.flash(slugs[1])
    expect((await at.read(id)).state).toBe('completed')
  })

  it.each([
    [{ tag: '9.9' }, 'tag'],
    [{ package: 'nothing' }, 'package'],
    [{ rollback_tag: '2.0' }, 'rollback_tag'],
    [{ fleet: 'g--0000-0000-ffff' }, 'fleet'],
    [{ stages: [] }, 'stages'],
    [{ stages: [{}] }, 'stages'],
    [{ stages: [{ percent: 10 }, { percent: 10 }] }, 'stages'],
    [{ stages: [{ fleet: 'x' }] }, 'stages'],
    [{ failure_percent_max: 101 }, 'failure_percent_max'],
    [{ attempts_max: 0 }, 'attempts_max'],
    [{ on_failure: 'panic' }, 'on_failure'],
  ])('is refused with %j', async (wrong, field) => {
    const body = { org: 'home', package: 'blinker', tag: '2.0', ...wrong }
    const reply = await bench.ask('rollout/', { method: 'POST', body })
    expect([reply.status, Object.keys(reply.body)]).toEqual([400, [field]])
  })

  it('is listed by fleet and state, and leaves a trace', async () => {
    const { fleet } = await at.fleetOf(1)
    const id = await bench.rollout({ fleet })
    const list = async (query: string) =>
      (await bench.ask(`rollout/?${query}`)).body.results.map((found: { id: number }) => found.id)
    expect(await list(`fleet=${fleet}`)).toEqual([id])
    expect(await list(`fleet=${fleet}&state=paused`)).toEqual([])
    expect(await list('org=nothing')).toEqual([])
    await bench.ask(`rollout/${id}/`, { method: 'PATCH', body: { attempts_max: 7 } })
    expect((await at.read(id)).attempts_max).toBe(7)
    const trace = await bench.services.catalog
      .selectFrom('audit')
      .select('action')
      .where('target', '=', `rollout ${id}`)
      .execute()
    expect(trace).toEqual([{ action: 'rollout start' }])
  })
})
