import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, buildApp } from '../../../app.ts'
import { loadConfig } from '../../../config.ts'

const HEADER = 'Date,a,b,c,d,e,f,g,h'
const row = (i: number, energy = '1') => `${(i % 28) + 1} Aug 2019 00:15:00,${energy},,,,,,,`
const file = (...lines: string[]) => fileOf(lines)
const fileOf = (lines: string[]) => new Blob([`${HEADER}\n${lines.join('\n')}\n`])

/** The door with the real import behind it: only the whole server puts the two together. */
describe('POST import/electricity/', () => {
  let folder: string
  let app: App
  let url: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sonde-import-'))
    const config = loadConfig({
      SONDE_DATA_DIR: folder,
      SONDE_INIT_PASSWORD: 'correct horse',
      SONDE_INIT_TOKEN: 'admin-token',
    })
    app = await buildApp({ ...config, host: '127.0.0.1', port: 0, logLevel: 'silent' })
    url = `${await app.start()}/api/v1/import/electricity/`
  })
  afterAll(async () => {
    await app.stop()
    await rm(folder, { recursive: true })
  })

  function form(csv: Blob | undefined, user = 'rick:morty'): FormData {
    const form = new FormData()
    form.set('user', user)
    if (csv !== undefined) form.set('file', csv, 'meter.csv')
    return form
  }
  function post(parameters: string, body: BodyOf, { token = 'admin-token', ...init }: Sending = {}) {
    const headers = { ...(token === null ? {} : { authorization: `Token ${token}` }), connection: 'close' }
    return fetch(`${url}${parameters}`, { method: 'POST', headers, body, ...init })
  }
  async function eventsOf(response: Response): Promise<{ event: string; message?: string; line?: number }[]> {
    expect(response.status).toBe(200)
    return (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  }
  /** Rows that are stored now, as the refusal of another import says. */
  async function rowCount(): Promise<number> {
    const [last] = (await eventsOf(await post('', form(file())))).slice(-1)
    return Number(/contains (\d+) rows/.exec(last.message ?? '')?.[1] ?? 0)
  }

  it('tells the steps, lines now and then, and the end', async () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => row(i))
    const events = await eventsOf(await post('?existing=replace', form(fileOf(rows))))
    expect(events.filter(({ event }) => event === 'step')).toHaveLength(8)
    expect(events[0]).toEqual({ event: 'step', text: 'Database connection' })
    const lines = events.filter(({ event }) => event === 'line').map(({ line = 0 }) => line)
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.length).toBeLessThan(500)
    expect(events.at(-1)).toEqual({ event: 'done', rows: 3_000 })
  })

  it('ends with what went wrong', async () => {
    await eventsOf(await post('?existing=replace', form(file(row(0)))))
    expect((await eventsOf(await post('', form(file(row(1)))))).at(-1)).toEqual({
      event: 'error',
      message: 'elecprod.consumpdata already contains 1 rows',
    })
    expect((await eventsOf(await post('?existing=append', form(file(row(1), 'x'))))).at(-1)).toEqual({
      event: 'error',
      message: 'Could not insert the values of row 3: it has 1 columns; there must be 9',
    })
    expect(await rowCount()).toBe(1)
  })

  it('gets a failure through to a client that has much more to send', async () => {
    const rest = Array.from({ length: 300_000 }, (_, i) => row(i))
    const events = await eventsOf(await post('?existing=replace', form(fileOf([row(0, 'bad'), ...rest]))))
    expect(events.at(-1)).toMatchObject({ event: 'error', message: expect.stringContaining('row 2: energy') })
  })

  it.each<[what: string, parameters: string, body: () => BodyOf, error: unknown]>([
    ['another wish', '?existing=maybe', () => form(file()), { existing: [expect.any(String)] }],
    ['a form without a file', '', () => form(undefined), { file: ['The form has no file.'] }],
    ['a user without a password', '', () => form(file(), 'rick'), ['Give the user as name:password']],
    ['no time zone', '?tz=Mars', () => form(file()), { tz: [expect.stringContaining('IANA')] }],
  ])('answers 400 to %s', async (_, parameters, body, error) => {
    const response = await post(parameters, body())
    expect([response.status, await response.json()]).toEqual([400, error])
  })

  it('takes a form and nothing else', async () => {
    expect((await post('', HEADER)).status).toBe(415)
  })

  it('lets in staff only', async () => {
    expect((await post('', form(file()), { token: null })).status).toBe(401)
    const account = await app.http.inject({
      method: 'POST',
      url: '/api/v1/account/',
      headers: { authorization: 'Token admin-token' },
      payload: { username: 'eve', email: 'eve@example.org', password: 'correct horse' },
    })
    expect(account.statusCode).toBe(201)
    const login = await app.http.inject({
      method: 'POST',
      url: '/api/v1/auth/login/',
      payload: { email: 'eve@example.org', password: 'correct horse' },
    })
    const response = await post('', form(file()), { token: login.json().token })
    expect(response.status).toBe(403)
  })

  it('ends with the client, and leaves nothing', async () => {
    await eventsOf(await post('?existing=replace', form(file(row(0), row(1)))))
    const controller = new AbortController()
    const rows = Array.from({ length: 150_000 }, (_, i) => row(i))
    const response = await post('?existing=append', form(fileOf(rows)), { signal: controller.signal })
    const reader = response.body!.getReader()
    await reader.read()
    controller.abort()
    await expect(reader.read()).rejects.toThrow('aborted')
    await setTimeout(200)
    expect(await rowCount()).toBe(2)
  })
})

type BodyOf = NonNullable<RequestInit['body']>

interface Sending {
  readonly token?: string | null
  readonly signal?: AbortSignal
}
