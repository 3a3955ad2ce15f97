/** The page that draws a series, as a browser shows it. Needs Debian's Chromium. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN, discardServer, type RunningServer, startServer, temporaryFolder } from '../server.fixture.ts'

const CHROMIUM = '/usr/bin/chromium'
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
/** Where pictures of the pages go when somebody wants to look at them. */
const PICTURES = process.env.SCREENSHOTS

describe('the page of a series', () => {
  let server: RunningServer
  let browser: Browser

  beforeAll(async () => {
    if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing; install Debian's package chromium`)
    server = await startServer(await temporaryFolder())
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  })
  afterAll(async () => {
    await browser?.close()
    await discardServer(server)
  })

  async function open(path: string, { expected = 0 } = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1_100, height: 800 } })
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security/.test(message.text())) problems.push(message.text())
    })
    page.on('response', (reply) => {
      if (reply.status() >= 400 && reply.status() !== expected)
        problems.push(`${reply.status()} ${reply.url()}`)
    })
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url())
      if (protocol.startsWith('http') && origin !== server.url) problems.push(`leaves: ${request.url()}`)
    })
    await page.goto(server.url + path, { waitUntil: 'networkidle' })
    expect(problems).toEqual([])
    return page
  }

  async function put(path: string, body: object): Promise<number> {
    const reply = await fetch(server.url + path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: ADMIN.token, ...body }),
    })
    return Number(await reply.text())
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}.png` })
  }

  it('says that there is nothing yet, of series and of points', async () => {
    expect(await (await open('/plot')).textContent('#charts')).toContain('There are no series yet')
    const id = await put('/series/new', { device_id: 'Cellar <b>', device_desc: 'by the wine' })
    const page = await open(`/plot/${id}`)
    expect(await page.textContent('h1')).toBe('Cellar <b>')
    expect(await page.textContent('#charts')).toContain('There are no points between these times')
    await picture(page, 'plot-empty')
  })

  it('draws each field, follows new points, and finds its way from the list and under /api', async () => {
    const id = await put('/series/new', {
      device_id: 'Greenhouse',
      device_desc: 'south bed',
      desc: 'tomatoes',
    })
    const add = (i: number) =>
      put('/point/new', {
        series_id: id,
        fields: { temp_C: 20 + 5 * Math.sin(i / 8), humidity: 60 + (i % 7), pump: i % 10 > 6, note: 'x' },
      })
    for (let i = 0; i < 80; i++) await add(i)
    const page = await open(`/plot/${id}?from=2000-01-01`)
    expect(await page.locator('section h2').allTextContents()).toEqual([
      expect.stringMatching(/^temp_C/),
      expect.stringMatching(/^humidity/),
      expect.stringMatching(/^pump/),
    ])
    const curve = await page.locator('.curve').first().getAttribute('d')
    expect(curve?.split('L').length).toBeGreaterThan(20)
    expect(await page.textContent('#state')).toBe('80 of 80 points')
    expect(await page.inputValue('[name=from]')).toBe('2000-01-01')
    await picture(page, 'plot')
    await page
      .locator('section svg')
      .first()
      .hover({ position: { x: 70, y: 60 } })
    expect(await page.locator('.cursor').first().getAttribute('visibility')).toBe('visible')
    await add(80)
    await page.getByText('81 of 81 points').waitFor({ timeout: 15_000 })

    const list = await open('/api/plot')
    await picture(list, 'plot-list')
    await list.getByText(`${id}: Greenhouse`).click()
    await list.getByText('81 of 81 points').waitFor()
    expect(new URL(list.url()).pathname).toBe(`/api/plot/${id}`)
    await list.getByRole('button', { name: '7 days' }).click()
    await list.getByText('81 of 81 points').waitFor()
    expect(new URL(list.url()).search).toMatch(/^\?from=/)
  })

  it('shows what is wrong', async () => {
    const page = await open('/plot/77', { expected: 404 })
    expect(await page.textContent('[role=alert]')).toBe("Series 77 doesn't exist")
    await picture(page, 'plot-missing')
  })
})
