/** The pages as a browser shows them. Needs Debian's Chromium; `npm run test:browser` runs it. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN, discardServer, type RunningServer, startServer, temporaryFolder } from '../server.fixture.ts'

const CHROMIUM = '/usr/bin/chromium'
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
/** Where pictures of the pages go when somebody wants to look at them. */
const PICTURES = process.env.SCREENSHOTS

describe('pages', () => {
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

  /** Opens a page, and fails when it asks for anything that is not there or not here. */
  async function open(path: string): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1_100, height: 800 } })
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('response', (response) => {
      if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`)
    })
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url())
      if (protocol.startsWith('http') && origin !== server.url)
        problems.push(`leaves this server: ${request.url()}`)
    })
    await page.goto(server.url + path, { waitUntil: 'networkidle' })
    expect(problems).toEqual([])
    return page
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}.png` })
  }

  it('welcomes people and says that the server is ready', async () => {
    const page = await open('/')
    expect(await page.textContent('h1')).toContain('Sonde')
    expect(await page.textContent('#state')).toBe('ready.')
    await picture(page, 'welcome')
  })

  it('shows the API reference, and tries a request with a token', async () => {
    const page = await open('/docs/')
    await page.getByRole('heading', { name: 'Sonde' }).waitFor()
    await page.locator('.opblock-tag', { hasText: 'account' }).click()
    await page.getByText('List accounts').waitFor()
    await picture(page, 'docs')
    await page.getByRole('button', { name: 'Authorize' }).first().click()
    await page.locator('.modal-ux input').first().fill(ADMIN.token)
    await page.locator('.modal-ux').getByRole('button', { name: 'Apply credentials' }).click()
    await page.locator('.modal-ux').getByRole('button', { name: 'Close' }).first().click()
    await page.getByText('List accounts').click()
    await page.getByRole('button', { name: 'Execute' }).click()
    await page.getByText(`"username": "${ADMIN.username}"`).first().waitFor()
    await picture(page, 'docs-tried')
  })

  it('shows the Swagger page of the electricity API', async () => {
    const page = await open('/apielec/')
    await page.getByText('/apielec/getDataByRange').waitFor()
    expect(await page.textContent('.info .title')).toContain('API Electricity data')
    await page.getByRole('button', { name: 'Authorize' }).first().waitFor()
    await picture(page, 'electricity')
  })
})
