import { describe, expect, it } from 'vitest'
import { InvalidError } from '../errors.ts'
import { zoneClock } from './zone-clock.ts'

describe('zoneClock', () => {
  it('finds a zone by its name', () => {
    expect(zoneClock('europe/madrid').name).toBe('Europe/Madrid')
  })

  it('refuses what is none, on the parameter', () => {
    for (const name of ['', '+01:00', 'Mars/Olympus']) {
      expect(() => zoneClock(name)).toThrow(InvalidError)
      expect(() => zoneClock(name)).toThrow(/^tz: give the IANA name/)
    }
  })
})
