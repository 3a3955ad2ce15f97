import { describe, expect, it } from 'vitest'
import { formatIsoUs, parseIsoUs, US_PER_HOUR } from '../model/time.ts'
import { zoneClock } from './zone-clock.ts'

const us = (text: string) => parseIsoUs(text) ?? Number.NaN

describe('zone clock', () => {
  it('is known by an IANA name in any letter case', () => {
    expect(zoneClock('europe/madrid').name).toBe('Europe/Madrid')
    expect(zoneClock('Etc/GMT+5').name).toBe('Etc/GMT+5')
    expect(zoneClock('utc').name).toBe('UTC')
  })

  it('is no offset, no made-up place and no longer text that holds a zone', () => {
    for (const name of [
      '',
      '+01:00',
      'Mars/Olympus',
      '2024-05-01T00:00Z',
      '2024-01-01[Europe/Madrid]',
      'é',
    ]) {
      expect(() => zoneClock(name)).toThrow(/^tz: give the IANA name/)
    }
  })

  it('keeps its offset from one change of the clock to the next', () => {
    expect(zoneClock('Europe/Madrid').at(us('2024-03-31T01:00:00Z'))).toEqual({
      fromUs: us('2024-03-31T01:00:00Z'),
      toUs: us('2024-10-27T01:00:00Z'),
      offsetUs: 2 * US_PER_HOUR,
      previousOffsetUs: US_PER_HOUR,
    })
    expect(zoneClock('Europe/Madrid').at(us('2024-03-31T00:59:59.999999Z'))).toMatchObject({
      toUs: us('2024-03-31T01:00:00Z'),
      offsetUs: US_PER_HOUR,
    })
  })

  it('has one span without end where the clock never changes', () => {
    const span = zoneClock('UTC').at(0)
    expect(span).toMatchObject({ fromUs: -Infinity, toUs: Infinity, offsetUs: 0, previousOffsetUs: 0 })
    expect(zoneClock('Asia/Kathmandu').at(us('2024-01-01')).toUs).toBe(Infinity)
  })

  it('finds when the wall clock first shows a time', () => {
    const first = (zone: string, local: string) => formatIsoUs(zoneClock(zone).firstInstantUs(us(local)))
    expect(first('UTC', '2024-05-01')).toBe('2024-05-01T00:00:00Z')
    // Clocks went from 24:00 straight to 1:00.
    expect(first('America/Sao_Paulo', '2018-11-04')).toBe('2018-11-04T03:00:00Z')
    // A whole day that never was.
    expect(first('Pacific/Apia', '2011-12-30T12:00')).toBe('2011-12-30T10:00:00Z')
  })
})
