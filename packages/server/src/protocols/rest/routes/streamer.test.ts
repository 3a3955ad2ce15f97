/** Streamer records: who sees and changes them, and how they are found. */
import { describe, expect, it } from 'vitest'
import { openRestBench } from '../rest.fixture.ts'
import { addDevices } from '../streamer-report.fixture.ts'

const A = 'd--0000-0000-0000-0001'
const B = 'd--0000-0000-0000-0002'

describe('streamers', () => {
  it('are made by staff, found by device, selector and slug, changed and deleted', async () => {
    const bench = await openRestBench()
    await addDevices(bench, [1, 2])
    const make = async (body: object, token?: string) =>
      bench.ask('streamer/', { method: 'POST', body, ...(token ? { token } : {}) })
    const member = await bench.user('member', 'a0')
    expect((await make({ device: A, index: 10 }, member)).status).toBe(403)
    expect((await make({ device: A, index: 10 })).body).toEqual({
      id: 1,
      slug: 't--0000-0000-0000-0001--000a',
      device: A,
      process_engine_ver: 0,
      index: 10,
      last_id: 0,
      last_reboot_ts: null,
      is_system: false,
      selector: 0xffff,
    })
    expect((await make({ device: A, index: 15, selector: 0x5fff })).body).toMatchObject({ is_system: true })
    expect((await make({ device: 'd--2', index: 1 })).body).toMatchObject({
      selector: 0x5fff,
      is_system: true,
    })
    expect((await make({ device: A, index: 10 })).status).toBe(409)
    expect((await make({ device: 'd--9', index: 1 })).body).toEqual({ device: ['There is no such device.'] })
    expect((await make({ device: A, index: 65_536 })).status).toBe(400)

    const count = async (query: string, token?: string) =>
      (await bench.ask(`streamer/${query}`, token ? { token } : {})).body.count
    expect(await count('', member)).toBe(3)
    expect(await count(`?device=${A}`)).toBe(2)
    expect(await count('?device=0001')).toBe(2)
    expect(await count('?selector=24575')).toBe(2)
    expect(await count('?slug=t--1--f')).toBe(1)
    expect(await count(`?slug=t--1--f&device=${B}`)).toBe(0)
    expect(await count('', await bench.user('stranger'))).toBe(0)
    expect((await bench.ask(`device/${B}/streamers/`)).body).toMatchObject({ count: 1, next: null })
    for (const query of ['?device=x', '?slug=d--1', '?selector=x']) {
      expect((await bench.ask(`streamer/${query}`)).status).toBe(400)
    }

    const path = 'streamer/t--1--f/'
    const patch = { method: 'PATCH', body: { process_engine_ver: 2, is_system: false } } as const
    expect((await bench.ask(path, { ...patch, token: member })).status).toBe(403)
    expect((await bench.ask(path, patch)).body).toMatchObject({ process_engine_ver: 2, is_system: false })
    expect((await bench.ask(path, { method: 'DELETE', token: member })).status).toBe(403)
    expect((await bench.ask(path, { method: 'DELETE' })).status).toBe(204)
    expect((await bench.ask(path)).status).toBe(404)
    expect((await bench.ask('streamer/d--1/')).status).toBe(404)
    expect((await bench.ask(`device/${A}/`, { method: 'DELETE' })).status).toBe(204)
    expect(await count('')).toBe(1)
  })
})
