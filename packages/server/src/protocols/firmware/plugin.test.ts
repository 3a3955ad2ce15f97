import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FirmwareBench, openFirmwareBench } from './firmware.fixture.ts'

const OLD = 'the old program'
const NEW = 'the new program'
const MD5_OF_NEW = '72d62dd43fd742e0baefd6997bc774b9'

const cleanups: (() => Promise<void>)[] = []
let bench: FirmwareBench
let slug: string
beforeAll(async () => {
  bench = await openFirmwareBench((cleanup) => void cleanups.unshift(cleanup))
  await bench.publish('blinker', '1.0', { 'blinker-1.bin': OLD })
  await bench.publish('blinker', '2.0', { 'blinker-2.bin': NEW, 'blinker-2-minimal.bin': 'small' })
  slug = await bench.device('desk', { external_id: 'CC50E355F607' })
})
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

async function assign(device: string, tag: string | null): Promise<number> {
  const body = { package: tag === null ? null : 'blinker', tag }
  return (await bench.ask(`device/${device}/firmware/`, { method: 'PUT', body })).status
}

describe('HTTPUpdate', () => {
  it('gets 304 while nobody has decided what the device is to run', async () => {
    expect(await bench.update(slug, '1.0')).toBe(304)
  })

  it('gets the assigned tag with its length and MD5, never in chunks, and 304 once it runs it', async () => {
    expect(await assign(slug, '2.0')).toBe(200)
    const { status, text, headers } = await bench.board(slug, { headers: { 'x-ESP32-version': '1.0' } })
    expect([status, text]).toEqual([200, NEW])
    expect(headers).toMatchObject({
      'content-length': String(NEW.length),
      'x-md5': MD5_OF_NEW,
      'content-type': 'application/octet-stream',
      'x-firmware-version': '2.0',
    })
    expect(headers).not.toHaveProperty('transfer-encoding')
    expect(await bench.update(slug, '2.0')).toBe(304)
  })

  it('is known by its MD5 where the program has no version', async () => {
    const headers = { 'x-ESP8266-sketch-md5': MD5_OF_NEW.toUpperCase() }
    expect(await bench.update(slug, '', headers)).toBe(304)
  })

  it('finds the device by its MAC address', async () => {
    const headers = { 'x-ESP8266-STA-MAC': 'CC:50:E3:55:F6:07', 'x-ESP8266-version': '1.0' }
    expect((await bench.board('mac', { headers })).text).toBe(NEW)
    expect((await bench.board('mac')).status).toBe(404)
    const other = { 'x-ESP8266-STA-MAC': 'CC:50:E3:55:F6:08' }
    expect((await bench.board('mac', { headers: other })).status).toBe(404)
  })

  it('gets nothing that does not fit, and nothing for its file system', async () => {
    expect(await bench.update(slug, '1.0', { 'x-ESP8266-free-space': '10' })).toBe(304)
    expect(await bench.update(slug, '1.0', { 'x-ESP8266-free-space': '100' })).toBe(NEW)
    expect(await bench.update(slug, '1.0', { 'x-ESP8266-mode': 'spiffs' })).toBe(304)
    expect(await bench.update(`${slug}?file=blinker-2-minimal.bin`, '1.0')).toBe('small')
    expect(await bench.update(`${slug}?file=nothing.bin`, '1.0')).toBe(404)
  })

  it('is left alone after ten downloads that changed nothing, until somebody assigns again', async () => {
    const stubborn = await bench.device('stubborn')
    await assign(stubborn, '2.0')
    const answers = []
    for (let i = 0; i < 11; i++) answers.push(await bench.update(stubborn, '1.0'))
    expect(answers).toEqual([...Array(10).fill(NEW), 304])
    expect((await bench.ask(`device/${stubborn}/firmware/`)).body).toMatchObject({
      attempts: 10,
      version: '1.0',
    })
    await assign(stubborn, '2.0')
    expect(await bench.update(stubborn, '1.0')).toBe(NEW)
  })
})

describe('credentials', () => {
  beforeAll(() => assign(slug, '2.0'))
  const basic = (user: string, password: string) =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

  it('are the key of the device, in the query, as a password, or in a header; or a token', async () => {
    const key = await bench.key(slug)
    const version = { 'x-ESP8266-version': '1.0' }
    const ask = async (path: string, authorization?: string) =>
      (await bench.board(path, { headers: { ...version, authorization } })).status
    expect(await ask(`${slug}?key=${key}`)).toBe(200)
    expect(await ask(slug, basic(slug, key))).toBe(200)
    expect(await ask(slug, `a-jwt ${key}`)).toBe(200)
    expect(await ask(`${slug}?token=admin-token`)).toBe(200)
    expect(await ask(slug, basic('token', 'admin-token'))).toBe(200)
    expect(await ask(slug)).toBe(401)
    expect(await ask(slug, 'Basic bm90aGluZw==')).toBe(401)
    expect(await ask(`${slug}?key=${key}x`)).toBe(401)
    const other = await bench.device('other')
    expect(await ask(`${other}?key=${key}`)).toBe(404)
    expect(await ask('d--0000-0000-0000-ffff?token=admin-token')).toBe(404)
  })

  it('need to write data, because to ask is to say something', async () => {
    const reader = await bench.create('token/', { name: 'r', scopes: ['read'] })
    const stranger = await bench.user('stranger')
    const ask = async (token: string) =>
      (await bench.board(slug, { headers: { authorization: `Token ${token}` } })).status
    expect(await ask(reader.token)).toBe(403)
    expect(await ask(stranger)).toBe(404)
  })
})

describe('files and documents', () => {
  beforeAll(() => assign(slug, '2.0'))
  it('are served by name, for OtaUrl, while the device does not run them', async () => {
    expect((await bench.board(`${slug}/blinker-2-minimal.bin`)).text).toBe('small')
    expect((await bench.board(`${slug}/nothing.bin`)).status).toBe(404)
    expect((await bench.board(`${slug}/blinker-2.bin?version=2.0`)).status).toBe(404)
    expect((await bench.board(`${slug}/blinker-2.bin.md5`)).text).toBe(`${MD5_OF_NEW}\n`)
    expect((await bench.board(`${slug}/blinker-2.bin.sig`)).status).toBe(404)
  })

  it('have a manifest as ESPHome reads it, with the credentials of its address', async () => {
    const key = await bench.key(slug)
    const path = `/firmware/${slug}/blinker-2.bin?key=${key}`
    for (const version of ['1.0', '2.0']) {
      const { text } = await bench.board(`${slug}/manifest.json?version=${version}&chip=ESP32-C3&key=${key}`)
      expect(JSON.parse(text)).toEqual({
        name: 'desk',
        version: '2.0',
        builds: [{ chipFamily: 'ESP32-C3', ota: { path, md5: MD5_OF_NEW } }],
      })
    }
    const bare = await bench.device('bare')
    expect((await bench.board(`${bare}/manifest.json`)).status).toBe(404)
  })

  it('have an offer with everything to check them by', async () => {
    const { text } = await bench.board(`${slug}/offer.json?version=1.0`)
    expect(JSON.parse(text)).toMatchObject({
      version: '2.0',
      path: `/firmware/${slug}/blinker-2.bin`,
      size_bytes: NEW.length,
      md5: MD5_OF_NEW,
      signatures: [],
    })
    expect((await bench.board(`${slug}/offer.json?version=2.0`)).status).toBe(204)
  })

  it('take reports', async () => {
    const report = async (body: object) =>
      (await bench.board(`${slug}/report`, { method: 'POST', body })).status
    expect(await report({ version: '1.5' })).toBe(204)
    expect((await bench.ask(`device/${slug}/firmware/`)).body).toMatchObject({ version: '1.5' })
    expect((await bench.ask(`device/${slug}/versions/`)).body[0]).toMatchObject({
      type: 'app',
      version: '1.5',
    })
    expect(await report({ error: 'flash is full' })).toBe(204)
    expect(await report({})).toBe(400)
    expect(await report({ version: 7 })).toBe(400)
    expect(await report({ version: 'x'.repeat(251) })).toBe(400)
  })
})

describe('an assigned tag', () => {
  it('is neither deleted nor replaced, and shows in what IOTile clients read', async () => {
    expect((await bench.ask(`ota/device/${slug}/`)).body.firmware).toMatchObject({
      package: 'blinker',
      tag: '2.0',
    })
    expect(await assign(slug, '3.0')).toBe(400)
    expect(await bench.remove('blinker', '2.0')).toMatch('tag is assigned to devices')
    expect(await assign(slug, null)).toBe(200)
    expect(await bench.update(slug, '1.0')).toBe(304)
  })
})
