import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { InvalidError, OverloadedError } from '../errors.ts'
import { Passwords } from './passwords.ts'

const MORTY_SHA256 = 'sha256$1cd74f74444cc669da0d2a77181f8f5c9238afe0e237c3507e6c620814d490aa'

describe('Passwords', () => {
  it('hashes with scrypt at full cost, a salt each time', async () => {
    const passwords = new Passwords()
    const [one, two] = await Promise.all([passwords.hash('morty'), passwords.hash('morty')])
    expect(one).toMatch(/^scrypt\$32768\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
    expect(two).not.toBe(one)
    expect(await passwords.verify('morty', one)).toBe(true)
  })

  it('accepts the right password and nothing else', async () => {
    const passwords = new Passwords({ cost: 16 })
    const encoded = await passwords.hash('Mörty 1')
    const check = async (password: string, isRight: boolean) =>
      expect(await passwords.verify(password, encoded), password).toBe(isRight)
    await check('Mörty 1', true)
    await check('Mörty 1', true) // Remembered.
    await check('mörty 1', false)
    await check('Mörty 1 ', false)
    await check('', false)
    await check('x'.repeat(1_025), false)
  })

  it('accepts an old SHA-256 and asks for it to be replaced', async () => {
    const passwords = new Passwords({ cost: 16 })
    expect(await passwords.verify('morty', MORTY_SHA256)).toBe(true)
    expect(await passwords.verify('Morty', MORTY_SHA256)).toBe(false)
    expect(passwords.isOutdated(MORTY_SHA256)).toBe(true)
    expect(passwords.isOutdated(await passwords.hash('morty'))).toBe(false)
    expect(passwords.isOutdated(await new Passwords({ cost: 32 }).hash('morty'))).toBe(true)
  })

  it('accepts hashes of another cost', async () => {
    const encoded = await new Passwords({ cost: 32 }).hash('morty')
    expect(await new Passwords({ cost: 16 }).verify('morty', encoded)).toBe(true)
  })

  it('lets nobody in where there is no hash, or one that says nothing', async () => {
    const passwords = new Passwords({ cost: 16 })
    const refused = async (encoded: string | undefined) =>
      expect(await passwords.verify('morty', encoded), encoded).toBe(false)
    await refused(undefined)
    await refused('')
    await refused('!')
    await refused('sha256$')
    await refused('sha256')
    await refused(`md5$${createHash('md5').update('morty').digest('hex')}`)
  })

  it('computes a hash also where there is no account, or an old one', async () => {
    // One hash at a time and nobody waiting: a second one under way shows as an overload.
    const passwords = new Passwords({ cost: 2 ** 12, runningMax: 1, waitingMax: 0 })
    for (const encoded of [undefined, MORTY_SHA256, '!', await passwords.hash('other')]) {
      const checking = passwords.verify('morty', encoded)
      await expect(passwords.hash('x'), encoded).rejects.toThrow(OverloadedError)
      await checking
    }
  })

  it('refuses passwords that nobody could type', async () => {
    const passwords = new Passwords({ cost: 16 })
    await expect(passwords.hash('')).rejects.toThrow(InvalidError)
    await expect(passwords.hash('x'.repeat(1_025))).rejects.toThrow(InvalidError)
    expect(await passwords.verify('x'.repeat(1_024), await passwords.hash('x'.repeat(1_024)))).toBe(true)
  })
})

describe('the queue of hashes', () => {
  it('refuses what is over its bound and goes on with the rest', async () => {
    const passwords = new Passwords({ cost: 16, runningMax: 2, waitingMax: 3 })
    const results = await Promise.allSettled(Array.from({ length: 7 }, (_, i) => passwords.hash(`${i}`)))
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    expect(refusals).toHaveLength(2)
    for (const refusal of refusals) expect(refusal).toBeInstanceOf(OverloadedError)
    expect(await passwords.hash('after')).toMatch(/^scrypt/)
  })

  it('computes one hash for many checks of one password at once', async () => {
    const passwords = new Passwords({ cost: 16, runningMax: 1, waitingMax: 0 })
    const encoded = await passwords.hash('morty')
    const checks = Array.from({ length: 50 }, () => passwords.verify('morty', encoded))
    expect((await Promise.all(checks)).every((isRight) => isRight)).toBe(true)
  })

  it('does not compute again what has proved right', async () => {
    const passwords = new Passwords({ cost: 16, runningMax: 1, waitingMax: 0 })
    const encoded = await passwords.hash('morty')
    await passwords.verify('morty', encoded)
    const busy = passwords.hash('other')
    expect(await passwords.verify('morty', encoded)).toBe(true)
    await expect(passwords.verify('wrong', encoded)).rejects.toThrow(OverloadedError)
    await busy
  })

  it('gives its turn back when a hash fails', async () => {
    const passwords = new Passwords({ cost: 16, runningMax: 1, waitingMax: 0 })
    const impossible = `scrypt$3$8$1$${randomBytes(16).toString('base64url')}$x` // N is no power of two.
    await expect(passwords.verify('morty', impossible)).rejects.toThrow()
    expect(await passwords.hash('after')).toMatch(/^scrypt/)
  })
})
