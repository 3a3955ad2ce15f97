import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { US_PER_S } from '../../model/time.ts'
import { type FirmwareBench, openFirmwareBench, type RolloutSteps, rolloutSteps } from './firmware.fixture.ts'

const NEW = 'the new program'

const cleanups: (() => Promise<void>)[] = []
let bench: FirmwareBench
let at: RolloutSteps
beforeAll(async () => {
  bench = await openFirmwareBench((cleanup) => void cleanups.unshift(cleanup))
  at = rolloutSteps(bench)
  await bench.publish('blinker', '1.0', { 'blinker-1.bin': 'the old program' })
  await bench.publish('blinker', '2.0', { 'blinker-2.bin': NEW })
})
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

describe('a rollout', () => {
  it('goes from ring to ring and ends when everybody has it', async () => {
    const { fleet, slugs } = await at.fleetOf(4)
    const ring = (await bench.create('fleet/', { name: 'desk', org: 'home' })).slug
    await at.register(ring, slugs[0])
    const id = await bench.rollout({ fleet, stages: [{ fleet: ring }, { percent: 100 }] })
    expect(await bench.update(slugs[1], '1.0')).toBe(304)
    expect(await bench.update(slugs[0], '1.0')).toBe(NEW)
    expect(await bench.stateOf(id, slugs[0])).toBe('verifying 0/1')
    expect(await bench.update(slugs[0], '2.0')).toBe(304)
    expect(await bench.stateOf(id, slugs[0])).toBe('succeeded 0/1')
    expect((await at.read(id)).stages.map(({ open }: { open: boolean }) => open)).toEqual([true, true])
    for (const slug of slugs.slice(1)) await at.flash(slug)
    expect(await at.read(id)).toMatchObject({ state: 'completed', devices: { succeeded: 4, pending: 0 } })
    // What it was given stays what it is to run.
    expect((await bench.ask(`device/${slugs[1]}/firmware/`)).body).toMatchObject({
      tag: '2.0',
      rollout: null,
    })
    expect(await bench.update(slugs[1], '1.0')).toBe(NEW)
  })

  it('tries again after a reboot in the middle, and gives up after so many attempts', async () => {
    const { fleet, slugs } = await at.fleetOf(2)
    const id = await bench.rollout({ fleet, attempts_max: 2, failure_percent_max: 100 })
    await at.flash(slugs[0], '1.0')
    expect(await bench.stateOf(id, slugs[0])).toBe('verifying 1/2')
    await bench.update(slugs[0], '2.0')
    expect(await bench.stateOf(id, slugs[0])).toBe('succeeded 1/2')
    await at.flash(slugs[1], '1.0')
    expect(await bench.update(slugs[1], '1.0')).toBe(304)
    expect(await bench.stateOf(id, slugs[1])).toBe('failed 2/2')
    expect(await at.read(id)).toMatchObject({ state: 'completed', devices: { succeeded: 1, failed: 1 } })
  })

  it('counts a download that was cut off when the board comes back', async () => {
    const { fleet, slugs } = await at.fleetOf(1)
    // More than the buffers between the two hold.
    await bench.publish('blinker', 'large', { 'large.bin': 'x'.repeat(2 ** 24) })
    const id = await bench.rollout({ tag: 'large', fleet, failure_percent_max: 100 })
    const url = await bench.http.listen({ port: 0, host: '127.0.0.1' })
    const hangUp = new AbortController()
    const headers = { authorization: 'Token admin-token', 'x-ESP32-version': '1.0' }
    const reply = await fetch(`${url}/firmware/${slugs[0]}`, { headers, signal: hangUp.signal })
    await reply.body?.getReader().read()
    expect(await bench.stateOf(id, slugs[0])).toBe('downloading 0/1')
    hangUp.abort()
    expect((await bench.board(`${slugs[0]}/offer.json?version=1.0`)).status).toBe(200)
    expect(await bench.stateOf(id, slugs[0])).toBe('offered 1/1')
  })

  it('pauses when too many fail, says why, and goes on when it is told to', async () => {
    const { fleet, slugs } = await at.fleetOf(3)
    const id = await bench.rollout({ fleet, attempts_min: 2, attempts_max: 5 })
    await at.flash(slugs[0])
    expect((await at.read(id)).state).toBe('running')
    await at.flash(slugs[1], '1.0')
    expect(await at.read(id)).toMatchObject({
      state: 'paused',
      reason: 'Stage 1: 1 of 2 attempts failed, more than 10 %.',
    })
    expect(await bench.update(slugs[2], '1.0')).toBe(304)
    const { body } = await bench.ask(`rollout/${id}/devices/?state=pending`)
    expect(body.results).toMatchObject([
      { device: slugs[1], version: '1.0', previous_tag: '1.0', failures: 1 },
      { device: slugs[2], version: '1.0', previous_tag: '1.0', failures: 0 },
    ])
    expect(await at.act(id, 'resume')).toBe('running')
    expect(await at.read(id)).toMatchObject({ state: 'running', reason: '' })
    await at.flash(slugs[1])
    await at.flash(slugs[2])
    expect((await at.read(id)).state).toBe('completed')
  })

  it('fails an attempt of which nothing is heard in time', async () => {
    const { fleet, slugs } = await at.fleetOf(1)
    const id = await bench.rollout({ fleet, timeout_s: 60, attempts_max: 2, failure_percent_max: 100 })
    await bench.update(slugs[0], '1.0')
    bench.clock.advance(59 * US_PER_S)
    expect(await bench.stateOf(id, slugs[0])).toBe('verifying 0/1')
    bench.clock.advance(US_PER_S)
    expect(await bench.stateOf(id, slugs[0])).toBe('pending 1/1')
    expect((await bench.board(`${slugs[0]}/offer.json?version=1.0`)).status).toBe(200)
    bench.clock.advance(60 * US_PER_S)
    await bench.services.rollouts.sweep()
    expect(await bench.stateOf(id, slugs[0])).toBe('failed 2/2')
  })

  it('hears of a version by a point as well', async () => {
    const { fleet, slugs } = await at.fleetOf(2)
    await bench.publish('blinker', 'v3', { 'blinker-3.bin': NEW })
    await bench.publish('blinker', 'v1', { 'blinker-v1.bin': 'first' })
    const id = await bench.rollout({
      tag: 'v3',
      rollback_tag: 'v1',
      fleet,
      version_variable: 'program',
      failure_percent_max: 100,
    })
    const point = async (slug: string, version: string, timeUs: number) => {
      const body = `time,program\n${timeUs / 1_000},${version}\n`
      const headers = { 'content-type': 'text/csv', authorization: 'Token admin-token' }
      const label = (await bench.ask(`device/${slug}/`)).body.label
      const query = new URLSearchParams({ project: 'Boards', device: label, time_format: 'ms' })
      const url = `/api/v1/import/csv/?${query}`
      await bench.http.inject({ method: 'POST', url, headers, payload: body })
    }
    const nowUs = bench.clock.nowUs()
    for (const slug of slugs) {
      await point(slug, 'v1', nowUs - US_PER_S)
      // Tasmota says no version when it fetches; the point from before is no news of what it got.
      expect((await bench.board(`${slug}/blinker-3.bin`)).text).toBe(NEW)
      expect(await bench.stateOf(id, slug)).toBe('verifying 0/1')
    }
    await point(slugs[0], 'v3', nowUs + US_PER_S)
    await point(slugs[1], 'v1', nowUs + US_PER_S)
    expect(await bench.stateOf(id, slugs[0])).toBe('succeeded 0/1')
    expect(await bench.stateOf(id, slugs[1])).toBe('pending 1/1')
    expect(await at.act(id, 'rollback')).toBe('rolling_back')
    expect((await bench.board(`${slugs[0]}/blinker-v1.bin`)).text).toBe('first')
    await point(slugs[0], 'v1', nowUs + 2 * US_PER_S)
    expect(await at.read(id)).toMatchObject({ state: 'rolled_back', devices: { rolled_back: 2 } })
  })

  it('believes a board that refuses what it got', async () => {
    const { fleet, slugs } = await at.fleetOf(1)
    const id = await bench.rollout({ fleet, attempts_max: 1 })
    await bench.update(slugs[0], '1.0')
    await bench.board(`${slugs[0]}/report`, { method: 'POST', body: { error: 'signature is not valid' } })
    const { body } = await bench.ask(`rollout/${id}/devices/`)
    expect(body.results[0]).toMatchObject({ state: 'failed', reason: 'signature is not valid' })
    expect((await at.read(id)).state).toBe('paused')
  })

  it('waits between stages, and opens the next one when told', async () => {
    const { fleet, slugs } = await at.fleetOf(3)
    const ring = (await bench.create('fleet/', { name: 'r', org: 'home' })).slug
    const later = (await bench.create('fleet/', { name: 's', org: 'home' })).slug
    await at.register(ring, slugs[0])
    await at.register(later, slugs[1])
    const stages = [{ fleet: ring }, { fleet: later }, { percent: 100 }]
    const id = await bench.rollout({ fleet, stages, soak_s: 3_600 })
    await at.flash(slugs[0])
    expect(await bench.update(slugs[1], '1.0')).toBe(304)
    bench.clock.advance(3_600 * US_PER_S)
    await bench.services.rollouts.sweep()
    expect(await bench.update(slugs[1], '1.0')).toBe(NEW)
    expect(await bench.update(slugs[2], '1.0')).toBe(304)
    expect(await at.act(id, 'advance')).toBe('running')
    expect(await bench.update(slugs[2], '1.0')).toBe(NEW)
    expect(await at.act(id, 'advance')).toBe(409)
  })
})

describe('a rollback', () => {
  it('takes back whoever got bytes, to what it ran before, and nobody else', async () => {
    const { fleet, slugs } = await at.fleetOf(4)
    const id = await bench.rollout({ fleet, failure_percent_max: 100 })
    const [done, busy, back, untouched] = slugs
    await at.flash(done)
    await bench.update(busy, '1.0')
    await at.flash(back, '1.0')
    await bench.board(`${back}/report`, { method: 'POST', body: { error: 'no' } })
    expect(await at.act(id, 'rollback')).toBe('rolling_back')
    expect(await Promise.all(slugs.map((slug) => bench.stateOf(id, slug)))).toEqual([
      'rolling_back 0/1',
      'rolling_back 0/1',
      'rolled_back 2/2',
      'pending 0/0',
    ])
    expect(await bench.update(untouched, '1.0')).toBe(304)
    expect(await bench.update(done, '2.0')).toBe('the old program')
    expect(await bench.update(done, '1.0')).toBe(304)
    expect(await bench.update(busy, '2.0')).toBe('the old program')
    expect((await at.read(id)).state).toBe('rolling_back')
    await bench.update(busy, '1.0')
    expect(await at.read(id)).toMatchObject({ state: 'rolled_back', devices: { rolled_back: 3, pending: 1 } })
    expect((await bench.ask(`device/${done}/firmware/`)).body).toMatchObject({ tag: '1.0', version: '1.0' })
  })

  it('comes by itself where that is wished', async () => {
    const { fleet, slugs } = await at.fleetOf(3)
    const id = await bench.rollout({ fleet, attempts_min: 2, on_failure: 'rollback', attempts_max: 1 })
    await at.flash(slugs[0])
    await at.flash(slugs[1], '1.0')
    expect(await at.read(id)).toMatchObject({
      state: 'rolling_back',
      reason: expect.stringContaining('1 of 2'),
    })
    expect(await bench.update(slugs[0], '2.0')).toBe('the old program')
    await bench.update(slugs[0], '1.0')
    expect((await at.read(id)).state).toBe('rolled_back')
  })

  it('works after the end, and goes to the tag of the rollout for devices that were silent', async () => {
    const { fleet, slugs } = await at.fleetOf(2)
    const id = await bench.rollout({ fleet, rollback_tag: '1.0' })
    await at.flash(slugs[0])
    expect((await bench.board(slugs[1])).text).toBe(NEW)
    await bench.update(slugs[1], '2.0')
    expect((await at.read(id)).state).toBe('completed')
    expect(await at.act(id, 'rollback')).toBe('rolling_back')
    for (const slug of slugs) {
      expect(await bench.update(slug, '2.0')).toBe('the old program')
      await bench.update(slug, '1.0')
    }
    expect((await at.read(id)).state).toBe('rolled_back')
  })
})
