import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { PasswordResets } from '../../../access/password-resets.ts'
import { US_PER_DAY, US_PER_HOUR, US_PER_MIN } from '../../../model/time.ts'
import { ADMIN, openRestBench } from '../rest.fixture.ts'

const bench = await openRestBench({}, afterAll)
const { clock } = bench
const { catalog, passwords, authenticator, passwordResets } = bench.services
const beth = await bench.user('beth')

// What another test asked too often is forgotten by then.
beforeEach(() => clock.advance(15 * US_PER_MIN))

const post = (path: string, body?: object, token: string | null = null) =>
  bench.ask(path, { method: 'POST', body, token })
const request = (email: unknown) => post('auth/password/reset/', { email: email as string })
const confirm = (token: string, password: string) => post('auth/password/reset/confirm/', { token, password })
const issue = async (): Promise<string> =>
  (await post('account/beth/reset_token/', undefined, ADMIN.token)).body.token
const login = (password: string) => post('auth/login/', { email: 'beth', password })
const requested = async () => (await bench.ask('auth/password/reset/')).body.results

describe('POST auth/password/reset/', () => {
  it('answers in the same words whoever is meant, and notes those who exist', async () => {
    const answers = []
    for (const email of ['Beth@example.org', 'nobody@example.org', 'beth', 'nobody']) {
      const { status, text } = await request(email)
      answers.push([status, text])
    }
    expect(new Set(answers.map(String))).toEqual(
      new Set(['200,{"detail":"Password reset e-mail has been sent."}']),
    )
    expect(await requested()).toEqual([
      {
        account: 'beth',
        username: 'beth',
        email: 'beth@example.org',
        requested_on: '2026-01-01T00:15:00Z',
      },
    ])
  })

  it.each([undefined, '', 5])('refuses %s as an address', async (email) => {
    expect((await request(email)).status).toBe(400)
  })

  it('takes five requests for a name and twenty from an address', async () => {
    for (let asked = 0; asked < 5; asked++) expect((await request('morty')).status).toBe(200)
    expect((await request('Morty ')).status).toBe(429)
    for (let asked = 5; asked < 20; asked++) expect((await request(`m${asked}`)).status).toBe(200)
    expect((await request('summer')).status).toBe(429)
  })

  it('tells the operator once an hour', async () => {
    const told: string[] = []
    const resets = new PasswordResets({
      db: catalog,
      passwords,
      authenticator,
      clock,
      onRequested: ({ username }) => told.push(username),
    })
    const ask = async (address: string) => {
      resets.request({ name: 'beth', address })
      await resets.settled()
    }
    clock.advance(US_PER_HOUR)
    await ask('192.0.2.1')
    clock.advance(US_PER_HOUR / 2)
    await ask('192.0.2.2')
    clock.advance(US_PER_HOUR)
    await ask('192.0.2.3')
    expect(told).toEqual(['beth', 'beth'])
  })

  it('forgets a request after a week', async () => {
    clock.advance(7 * US_PER_DAY)
    await passwordResets.sweep()
    expect(await requested()).toEqual([])
  })
})

describe('the token for a new password', () => {
  it('sets it once, and ends the sessions', async () => {
    const session = (await login('secret')).body
    const token = await issue()
    const done = await confirm(token, 'horse surgery')
    expect([done.status, done.body]).toEqual([
      200,
      { detail: 'Password has been reset with the new password.' },
    ])
    expect((await login('secret')).status).toBe(401)
    expect((await login('horse surgery')).status).toBe(200)
    for (const authorization of [`jwt ${session.jwt}`, `token ${session.token}`]) {
      expect((await bench.ask('account/', { token: null, headers: { authorization } })).status).toBe(401)
    }
    expect((await confirm(token, 'another')).body).toEqual({
      token: ['This token is not good, was used, or is too old. Ask for another one.'],
    })
  })

  it('is kept as a hash, and good for an hour', async () => {
    const token = await issue()
    const rows = await catalog.selectFrom('password_resets').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(token)
    clock.advance(US_PER_HOUR)
    expect((await confirm(token, 'late')).status).toBe(400)
  })

  it('ends with the next one, and when the password is changed', async () => {
    const first = await issue()
    const second = await issue()
    expect((await confirm(first, 'first')).status).toBe(400)
    await post('account/beth/set_password/', { password: 'by staff' }, ADMIN.token)
    expect((await confirm(second, 'second')).status).toBe(400)
    expect((await login('by staff')).status).toBe(200)
  })

  it('outlives a password that will not do', async () => {
    const token = await issue()
    expect((await confirm(token, '')).status).toBe(400)
    expect((await confirm(token, 'better')).status).toBe(200)
  })

  it('cannot be guessed for long', async () => {
    for (let guess = 0; guess < 20; guess++) expect((await confirm('sonde_x', 'y')).status).toBe(400)
    expect((await confirm(await issue(), 'y')).status).toBe(429)
  })

  it('is made by staff alone', async () => {
    expect((await post('account/beth/reset_token/', undefined, await bench.user('jerry'))).status).toBe(404)
    const { token } = await authenticator.login({ name: 'beth', password: 'better', address: '192.0.2.9' })
    expect((await post('account/beth/reset_token/', undefined, token)).status).toBe(403)
    expect((await bench.ask('auth/password/reset/', { token })).status).toBe(403)
    expect((await bench.ask('account/', { token: beth })).status).toBe(401)
  })
})
