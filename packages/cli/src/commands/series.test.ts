import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../../../../tests/server.fixture.ts'
import { sondeHere } from '../here.fixture.ts'

describe('sonde series', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(await temporaryFolder())
    const put = async (path: string, body: object) => {
      const response = await fetch(`${server.url}${path}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: ADMIN.token, ...body }),
      })
      expect(response.status).toBe(201)
    }
    await put('/series/new', { device_id: 'ESP8266', device_desc: 'on the balcony', desc: 'air' })
    await put('/series/new', { device_id: 'quiet', device_desc: 'says nothing' })
    for (let i = 0; i < 40; i++) {
      const fields = { temp_C: i === 20 ? 99 : 13.5, state: 'open', odd: { nested: [1] }, humidity: i }
      await put('/point/new', { series_id: 1, fields })
    }
    const many = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`f${i}`, i]))
    await put('/series/new', { device_id: 'many', device_desc: 'fields' })
    await put('/point/new', { series_id: 3, fields: many })
  })
  afterAll(() => discardServer(server))

  const run = (...args: string[]) =>
    sondeHere(['series', ...args], { environment: { SONDE_URL: server.url } })

  it('lists series without any login', async () => {
    const { code, out, err } = await run('list')
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(out[0]).toMatch(/^id +device +description +about +points +since +user$/)
    expect(out[2]).toMatch(/^ ?1 +ESP8266 +on the balcony +air +40 +20/)
    expect(JSON.parse((await run('list', '--json')).text)).toMatchObject([{ id: 1, count: 40 }, {}, {}])
  })

  it('draws the fields that have numbers', async () => {
    const { code, out, err } = await run('plot', '1', '--width', '60', '--height', '10')
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(out.filter((line) => line.startsWith('━━'))).toEqual([
      '━━ temp_C  min 13.5  max 99  last 13.5',
      '━━ humidity  min 0  max 39  last 39',
    ])
    expect(out[1]).toMatch(/[⠁-⣿]/)
  })

  it('draws the fields that are named, and prints them as JSON', async () => {
    const { text } = await run('plot', '1', '--field', 'temp_C', '--width', '24', '--json')
    const [series, ...others] = JSON.parse(text)
    expect(others).toEqual([])
    expect([series.label, Math.max(...series.max)]).toEqual(['temp_C', 99])
  })

  it('draws six fields of many, and says so', async () => {
    const { out, err } = await run('plot', '3')
    expect(out.filter((line) => line.startsWith('━━'))).toHaveLength(6)
    expect(err).toEqual(['2 more fields; name some with --field'])
  })

  it.each<[string, string[], number, RegExp]>([
    ['nothing', ['plot', '2'], 0, /^No numbers to draw in this time/],
    ['a time of nothing', ['plot', '1', '--from', '2001-01-01', '--to', '2001-02-01'], 0, /^No numbers/],
    ['a series that is none', ['plot', '77'], 1, /^error: Series 77 doesn't exist; "sonde series list"/],
    ['too small a picture', ['plot', '1', '--width', '3'], 2, /^error: --width takes 24 to 1000/],
  ])('says that there is no picture of %s', async (_, args, code, reason) => {
    const ended = await run(...args)
    expect(ended.err[0]).toMatch(reason)
    expect([ended.code, ended.out]).toEqual([code, []])
  })
})
