import { describe, expect, it } from 'vitest'
import { InvalidError } from '../../errors.ts'
import { US_PER_S } from '../../model/time.ts'
import { AnswerCache } from './answer-cache.ts'

function open(bounds: { entriesMax?: number; bytesMax?: number } = {}) {
  const clock = { nowS: 0, nowUs: () => clock.nowS * US_PER_S }
  const cache = new AnswerCache({ clock, ...bounds })
  /** What the cache answers when the truth is `text`. */
  const ask = async (key: string, text: string) => String(await cache.get(key, async () => Buffer.from(text)))
  return { cache, clock, ask }
}

/** A maker that answers when it is told to. */
function slowMaker() {
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const maker = {
    calls: 0,
    make: () => {
      maker.calls++
      return promise
    },
    answer: (text: string) => resolve(Buffer.from(text)),
  }
  return maker
}

describe('AnswerCache', () => {
  it('keeps an answer for 600 seconds from the moment of storing, however often it is asked for', async () => {
    const { clock, ask } = open()
    expect(await ask('a', 'old')).toBe('old')
    clock.nowS = 599
    expect(await ask('a', 'new')).toBe('old')
    clock.nowS = 600
    expect(await ask('a', 'new')).toBe('new')
  })

  it('counts the age from when the answer was ready', async () => {
    const { cache, clock, ask } = open()
    const slow = slowMaker()
    const asked = cache.get('a', slow.make)
    clock.nowS = 100
    slow.answer('old')
    await asked
    clock.nowS = 699
    expect(await ask('a', 'new')).toBe('old')
  })

  it('forgets everything at once', async () => {
    const { cache, ask } = open()
    await ask('a', 'old')
    await ask('b', 'old')
    cache.clear()
    expect(cache.sizeBytes).toBe(0)
    expect(await ask('a', 'new')).toBe('new')
  })

  it('drops the answer that nobody asked for the longest', async () => {
    const { ask } = open({ entriesMax: 2 })
    await ask('a', 'old')
    await ask('b', 'old')
    await ask('a', 'new')
    await ask('c', 'old')
    expect(await ask('a', 'new')).toBe('old')
    expect(await ask('b', 'new')).toBe('new')
  })

  it('stays within its bytes, keys included', async () => {
    const { cache, ask } = open({ bytesMax: 100 })
    for (const key of ['a', 'b', 'c', 'd']) await ask(key, 'x'.repeat(30))
    expect(cache.sizeBytes).toBe(96)
    expect(await ask('a', 'new')).toBe('new')
    expect(await ask('d', 'new')).toBe('x'.repeat(30))
  })

  it('gives an answer that is larger than its bytes without keeping it or losing others', async () => {
    const { cache, ask } = open({ bytesMax: 100 })
    await ask('a', 'old')
    expect(await ask('large', 'x'.repeat(101))).toBe('x'.repeat(101))
    expect(await ask('k'.repeat(51), 'x')).toBe('x')
    expect(await ask('a', 'new')).toBe('old')
    expect(cache.sizeBytes).toBe(5)
  })

  it('frees the bytes of answers that are too old', async () => {
    const { cache, clock, ask } = open()
    await ask('a', 'x'.repeat(1_000))
    clock.nowS = 600
    await ask('b', 'x')
    expect(cache.sizeBytes).toBe(3)
  })

  it('makes an answer once for all who wait for it', async () => {
    const { cache } = open()
    const slow = slowMaker()
    const waiting = [cache.get('a', slow.make), cache.get('a', slow.make)]
    slow.answer('made')
    expect((await Promise.all(waiting)).map(String)).toEqual(['made', 'made'])
    expect(slow.calls).toBe(1)
  })

  it('does not keep an answer that was begun before it was cleared', async () => {
    const { cache, ask } = open()
    const slow = slowMaker()
    const waiting = cache.get('a', slow.make)
    cache.clear()
    expect(await ask('a', 'new')).toBe('new')
    slow.answer('old')
    expect(String(await waiting)).toBe('old')
    expect(await ask('a', 'newer')).toBe('new')
  })

  it('keeps no failure', async () => {
    const { cache, ask } = open()
    const failing = cache.get('a', () => Promise.reject(new InvalidError('no')))
    await expect(failing).rejects.toThrow('no')
    expect(await ask('a', 'new')).toBe('new')
  })
})
