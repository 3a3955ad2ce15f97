import { describe, expect, it } from 'vitest'
import { once } from './once.ts'

describe('once', () => {
  it('makes nothing before it is asked, and one thing however often it is', () => {
    let count = 0
    const next = once(() => ++count)
    expect(count).toBe(0)
    expect([next(), next()]).toEqual([1, 1])
  })

  it('keeps undefined as well', () => {
    let count = 0
    const nothing = once(() => void count++)
    expect([nothing(), nothing(), count]).toEqual([undefined, undefined, 1])
  })

  it('tries again after a failure', () => {
    let count = 0
    const second = once(() => {
      if (++count === 1) throw new RangeError('not yet')
      return count
    })
    expect(second).toThrow('not yet')
    expect(second()).toBe(2)
  })
})
