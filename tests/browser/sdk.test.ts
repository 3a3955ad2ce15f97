/** The SDK in a browser, bundled as a page would have it. Needs Debian's Chromium; `npm run test:browser`. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN, discardServer, type RunningServer, startServer, temporaryFolder } from '../server.fixture.ts'

const CHROMIUM = '/usr/bin/chromium'
const INDEX = fileURLToPath(new URL('../../packages/client/src/index.ts', import.meta.url))

describe('SDK in a browser', () => {
  let server: RunningServer
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing; install Debian's package chromium`)
    server = await startServer(await temporaryFolder())
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--headless', '--no-sandbox'] })
    page = await browser.newPage()
    await page.goto(`${server.url}/healthz`)
    const bundle = await rolldown({ input: INDEX, platform: 'browser' })
    const { output } = await bundle.generate({ format: 'iife', name: 'sonde' })
    await page.evaluate(`${output[0].code}\nglobalThis.sonde = sonde`)
  })
  afterAll(async () => {
    await browser?.close()
    await discardServer(server)
  })

  /** What a program in the page resolves to; it has `sonde`, the SDK, and `api`, a client. */
  const run = (program: string) =>
    page.evaluate(`(async () => {
      const api = new sonde.Api({ domain: location.origin, token: '${ADMIN.token}', tokenType: 'Bearer' })
      ${program}
    })()`)

  it('writes and reads', async () => {
    const result = await run(`
      const writer = api.openWriter({ project: 'Page' })
      await writer.write({ device: 'd', variable: 'v', value: 21.5, timeUs: 1777615200000001 })
      const report = await writer.close()
      const [series] = await api.query({ project: 'Page' })
      const rows = []
      for await (const row of api.queryRows({ project: 'Page' })) rows.push(row.time)
      const devices = await Array.fromAsync(api.device.items())
      return [report.writtenCount, series.values, rows, devices.map(({ label }) => label)]
    `)
    expect(result).toEqual([1, [21.5], ['2026-05-01T06:00:00.000001Z'], ['d']])
  })

  it('says what works in Node only, and what fails', async () => {
    const result = await run(`
      const messageOf = (promise) => promise.then(() => 'fine', (error) => error.name + ': ' + error.message)
      const unverified = new sonde.Api({ domain: location.origin, verify: false })
      const silent = new sonde.Api({ domain: 'http://127.0.0.1:9', retries: 0 })
      return [
        await messageOf(api.streamer.report.uploadFile('/etc/hostname')),
        await messageOf(unverified.device.get()),
        await messageOf(api.device('d--ffff').get()),
        await messageOf(silent.device.get()),
      ]
    `)
    expect(result).toEqual([
      expect.stringContaining('TypeError: uploadFile works in Node only'),
      expect.stringContaining('TypeError: verify: false works in Node only'),
      expect.stringContaining('HttpNotFoundError: Client Error 404'),
      expect.stringContaining('RestConnectionError: No answer from http://127.0.0.1:9'),
    ])
  })

  it('uploads files', async () => {
    const error = await run(`
      const file = new File(['{'], 'a.bin')
      return api.import.csv.uploadFp(file, {}, {}).then(String, (error) => error.status)
    `)
    expect(error).toBe(400)
  })
})
