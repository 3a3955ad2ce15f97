import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Api } from './api.ts'
import { HttpCouldNotVerifyServerError, HttpServerError } from './http-errors.ts'
import { type Answer, scriptedServer } from './scripted-server.fixture.ts'

const always = (answer: Answer) => scriptedServer({ answer: () => answer })
const CREDENTIALS = { email: 'test@arch-iot.com', password: 'test' }

describe('login', () => {
  it('keeps the token of the type that the client sends', async () => {
    const { api, asked } = await always({ body: { username: 'test', jwt: 'JWT_1', token: 'key' } })
    expect(await api.login(CREDENTIALS)).toBe(true)
    expect(api).toMatchObject({ token: 'JWT_1', username: 'test' })
    expect(asked[0]).toMatchObject({ method: 'POST', path: 'auth/login/', body: JSON.stringify(CREDENTIALS) })
    expect(asked[0].headers.authorization).toBeUndefined()
    api.setToken(null, 'token')
    await api.login(CREDENTIALS)
    await api.device.get()
    expect(asked.at(-1)?.headers.authorization).toBe('token key')
  })

  it.each([400, 401, 403])('is false for %i', async (status) => {
    const { api } = await always({ status, body: 'Username/password combination invalid.' })
    expect(await api.login(CREDENTIALS)).toBe(false)
  })

  it('fails when the answer says nothing about the password', async () => {
    await expect((await always({ status: 502 })).api.login(CREDENTIALS)).rejects.toThrow(HttpServerError)
    await expect((await always({ status: 404 })).api.login(CREDENTIALS)).rejects.toThrow('Client Error 404')
  })
})

describe('logout', () => {
  it('forgets the token on 204', async () => {
    const { api, asked } = await always({ status: 204 })
    expect(await api.logout()).toBe(true)
    expect(api.token).toBeNull()
    expect(asked[0]).toMatchObject({ method: 'POST', path: 'auth/logout/', body: '' })
    expect(asked[0].headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'jwt JWT_USER',
    })
  })

  it('keeps it on 401', async () => {
    const { api } = await always({ status: 401 })
    expect(await api.logout()).toBe(false)
    expect(api.token).toBe('JWT_USER')
  })
})

describe('refreshToken', () => {
  it('takes the new token', async () => {
    const { api, asked } = await always({ body: { token: 'JWT_2' } })
    expect(await api.refreshToken()).toBe(true)
    expect(api.token).toBe('JWT_2')
    expect(asked[0]).toMatchObject({ path: 'auth/api-jwt-refresh/', body: '{"token":"JWT_USER"}' })
    expect(asked[0].headers.authorization).toBeUndefined()
  })

  it('forgets the old one when it is refused', async () => {
    const { api } = await always({ status: 400, body: { non_field_errors: ['Error decoding signature.'] } })
    expect(await api.refreshToken()).toBe(false)
    expect(api.token).toBeNull()
  })

  it('keeps the old one when the server is in trouble', async () => {
    const { api } = await always({ status: 500 })
    await expect(api.refreshToken()).rejects.toThrow(HttpServerError)
    expect(api.token).toBe('JWT_USER')
  })
})

describe('a server whose certificate nobody has signed', () => {
  const pem = readFileSync(new URL('./self-signed.fixture.pem', import.meta.url), 'utf8')
  const open = (verify: boolean, answer: Answer = { body: { jwt: 'JWT_1', token: 'JWT_2' } }) =>
    scriptedServer({ answer: () => answer, tls: { key: pem, cert: pem }, options: { verify } })

  const calls: [string, (api: Api) => Promise<unknown>][] = [
    ['login', (api) => api.login(CREDENTIALS)],
    ['logout', (api) => api.logout()],
    ['refreshToken', (api) => api.refreshToken()],
    ['get', (api) => api.device.get()],
    ['post', (api) => api.device.post({ label: 'x' })],
    ['put', (api) => api.device('x').put({ label: 'x' })],
    ['patch', (api) => api.device('x').patch({ label: 'x' })],
    ['delete', (api) => api.device('x').delete()],
    ['uploadFp', (api) => api.streamer.report.uploadFp(new Uint8Array(3))],
  ]

  it.each(calls)('is not talked to: %s', async (_name, call) => {
    const { url, asked, api } = await open(true)
    await expect(call(api)).rejects.toThrow(HttpCouldNotVerifyServerError)
    await expect(call(api)).rejects.toThrow(url)
    expect(asked).toEqual([])
  })

  it('is talked to by the client that says so, and by no other', async () => {
    const { api, asked, url } = await open(false)
    for (const [, call] of calls) await call(api)
    expect(asked.map(({ method }) => method)).toEqual([
      'POST',
      'POST',
      'POST',
      'GET',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'POST',
    ])
    expect(asked[3].headers).toMatchObject({
      authorization: 'jwt JWT_2',
      'content-type': 'application/json',
    })
    expect(asked[4].body).toBe('{"label":"x"}')
    expect(asked[8].body).toContain('filename="file"')
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  it('may have answers without a body', async () => {
    const { api } = await open(false, { status: 204 })
    expect(await api.logout()).toBe(true)
  })

  it('is not waited for longer than allowed', async () => {
    const hanging = await scriptedServer({
      answer: () => 'hang',
      tls: { key: pem, cert: pem },
      options: { verify: false, timeoutMs: 30 },
    })
    await expect(hanging.api.device.get()).rejects.toThrow('stayed silent')
  })
})
