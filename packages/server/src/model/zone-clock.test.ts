import { describe, expect, it } from 'vitest'
import { formatIsoUs, parseIsoUs, US_PER_HOUR } from './time.ts'
import { findZoneClock, type ZoneClock } from './zone-clock.ts'

const us = (text: string) => parseIsoUs(text) ?? Number.NaN
const zone = (name: string): ZoneClock => findZoneClock(name)!

describe('zone clock', () => {
  it('is known by an IANA name in any letter case', () => {
    expect(zone('europe/madrid').name).toBe('Europe/Madrid')
    expect(zone('Etc/GMT+5').name).toBe('Etc/GMT+5')
    expect(zone('utc').name).toBe('UTC')
  })

  it('is no offset, no made-up place and no longer text that holds a zone', () => {
    const names = ['', '+01:00', 'Mars/Olympus', '2024-05-01T00:00Z', '2024-01-01[Europe/Madrid]', 'é']
    for (const name of names) expect(findZoneClock(name)).toBeUndefined()
  })

  it('keeps its offset from one change of the clock to the next', () => {
    expect(zone('Europe/Madrid').at(us('2024-03-31T01:00:00Z'))).toEqual({
      fromUs: us('2024-03-31T01:00:00Z'),
      toUs: us('2024-10-27T01:00:00Z'),
      offsetUs: 2 * US_PER_HOUR,
      previousOffsetUs: US_PER_HOUR,
    })
    expect(zone('Europe/Madrid').at(us('2024-03-31T00:59:59.999999Z'))).toMatchObject({
      toUs: us('2024-03-31T01:00:00Z'),
      offsetUs: US_PER_HOUR,
    })
  })

  it('has one span without end where the clock never changes', () => {
    const span = zone('UTC').at(0)
    expect(span).toMatchObject({ fromUs: -Infinity, toUs: Infinity, offsetUs: 0, previousOffsetUs: 0 })
    expect(zone('Asia/Kathmandu').at(us('2024-01-01')).toUs).toBe(Infinity)
  })

  it('finds when the wall clock first shows a time', () => {
    const first = (name: string, local: string) => formatIsoUs(zone(name).firstInstantUs(us(local)))
    expect(first('UTC', '2024-05-01')).toBe('2024-05-01T00:00:00Z')
    // Clocks went from 24:00 straight to 1:00.
    expect(first('America/Sao_Paulo', '2018-11-04')).toBe('2018-11-04T03:00:00Z')
    // A whole day that never was.
    expect(first('Pacific/Apia', '2011-12-30T12:00')).toBe('2011-12-30T10:00:00Z')
  })

  it.each<[zone: string, local: string, first: string, second: string | undefined]>([
    ['UTC', '2024-10-27T02:30', '2024-10-27T02:30:00Z', undefined],
    ['Asia/Kathmandu', '2024-10-27T02:30', '2024-10-26T20:45:00Z', undefined],
    ['Europe/Madrid', '2024-10-27T01:59:59', '2024-10-26T23:59:59Z', undefined],
    ['Europe/Madrid', '2024-10-27T02:00', '2024-10-27T00:00:00Z', '2024-10-27T01:00:00Z'],
    ['Europe/Madrid', '2024-10-27T02:59:59', '2024-10-27T00:59:59Z', '2024-10-27T01:59:59Z'],
    ['Europe/Madrid', '2024-10-27T03:00', '2024-10-27T02:00:00Z', undefined],
    ['Australia/Lord_Howe', '2024-04-07T01:30', '2024-04-06T14:30:00Z', '2024-04-06T15:00:00Z'],
    ['Europe/Madrid', '2024-03-31T01:59:59', '2024-03-31T00:59:59Z', undefined],
    ['Europe/Madrid', '2024-03-31T02:15', '2024-03-31T01:15:00Z', undefined],
    ['Europe/Madrid', '2024-03-31T03:00', '2024-03-31T01:00:00Z', undefined],
    ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T22:00:00Z', undefined],
  ])('in %s shows %s at these moments', (name, local, first, second) => {
    const { firstUs, secondUs } = zone(name).momentsUs(us(local))
    expect(formatIsoUs(firstUs)).toBe(first)
    expect(secondUs === undefined ? undefined : formatIsoUs(secondUs)).toBe(second)
  })
})
