import { expect, it } from 'vitest'
import { InvalidError } from '../errors.ts'
import { ADDRESS, openTestAccess } from './access.fixture.ts'
import { registerAccount } from './registration.ts'

const MORTY = { username: 'morty', email: 'morty@example.org', password: 'geez' }

it('makes an account that can log in at once, or waits for staff', async () => {
  const access = await openTestAccess()
  const login = (name: string) =>
    access.authenticator.login({ name, password: MORTY.password, address: ADDRESS })
  expect(await registerAccount(access, { ...MORTY, isActive: true })).toMatchObject({
    username: 'morty',
    email: 'morty@example.org',
    is_staff: 0,
    is_active: 1,
    created_at_us: access.clock.nowUs(),
  })
  expect((await login('morty@example.org')).account.username).toBe('morty')
  await registerAccount(access, { username: 'summer', password: MORTY.password, isActive: false })
  await expect(login('summer')).rejects.toThrow('This account is not Active.')
})

it('keeps no password that could be read', async () => {
  const access = await openTestAccess()
  const account = await registerAccount(access, { ...MORTY, isActive: true })
  expect(JSON.stringify(account)).not.toContain(MORTY.password)
  expect(account.password_hash).toMatch(/^scrypt\$/)
})

it('refuses what is taken or empty', async () => {
  const access = await openTestAccess()
  const refused = (change: object) =>
    expect(registerAccount(access, { ...MORTY, isActive: true, ...change })).rejects.toThrow(InvalidError)
  await refused({ username: 'Rick' })
  await refused({ password: '' })
  await refused({ email: 'nowhere' })
})
