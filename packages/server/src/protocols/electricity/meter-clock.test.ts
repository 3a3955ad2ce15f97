import { describe, expect, it } from 'vitest'
import { InvalidError } from '../../errors.ts'
import { formatIsoUs } from '../../model/time.ts'
import { MeterClock } from './meter-clock.ts'

function read(timeZone: string, ...dates: string[]): string[] {
  const clock = new MeterClock(timeZone)
  return dates.map((date) => formatIsoUs(clock.readUs(date)))
}

describe('MeterClock', () => {
  it('reads summer and winter time', () => {
    expect(read('Europe/Madrid', '2019-08-01 00:00:00', '2019-11-30 23:45:00')).toEqual([
      '2019-07-31T22:00:00Z',
      '2019-11-30T22:45:00Z',
    ])
  })

  it('takes the second row of a repeated date as the second pass, and a third one too', () => {
    const night = ['01:45:00', '02:00:00', '02:45:00', '02:00:00', '02:45:00', '03:00:00', '02:00:00']
    expect(read('Europe/Madrid', ...night.map((time) => `2019-10-27 ${time}`))).toEqual([
      '2019-10-26T23:45:00Z',
      '2019-10-27T00:00:00Z',
      '2019-10-27T00:45:00Z',
      '2019-10-27T01:00:00Z',
      '2019-10-27T01:45:00Z',
      '2019-10-27T02:00:00Z',
      '2019-10-27T01:00:00Z',
    ])
  })

  it('keeps dates that the clocks jumped over apart', () => {
    const morning = ['01:45:00', '02:00:00', '02:30:00', '03:00:00'].map((time) => `2019-03-31 ${time}`)
    expect(read('Europe/Madrid', ...morning)).toEqual([
      '2019-03-31T00:45:00Z',
      '2019-03-31T01:00:00Z',
      '2019-03-31T01:30:00Z',
      '2019-03-31T01:00:00Z',
    ])
  })

  it('knows one moment only for a date of an ordinary night', () => {
    expect(read('Europe/Madrid', '2019-09-01 02:00:00', '2019-09-01 02:00:00')).toEqual([
      '2019-09-01T00:00:00Z',
      '2019-09-01T00:00:00Z',
    ])
  })

  it('remembers the first pass when the file leaves the day and comes back', () => {
    const dates = ['2019-10-27 02:00:00', '2019-10-28 00:00:00', '2019-10-27 02:00:00']
    expect(read('Europe/Madrid', ...dates)).toEqual([
      '2019-10-27T00:00:00Z',
      '2019-10-27T23:00:00Z',
      '2019-10-27T01:00:00Z',
    ])
  })

  it.each([
    ['UTC', '2019-10-27T02:00:00Z'],
    ['Asia/Kolkata', '2019-10-26T20:30:00Z'],
    ['Australia/Lord_Howe', '2019-10-26T15:00:00Z'],
  ])('reads the clock of %s', (timeZone, expected) => {
    expect(read(timeZone, '2019-10-27 02:00:00')).toEqual([expected])
  })

  it.each(['', 'Madrid', 'Europe/Nowhere', '+02:00'])('refuses %j as a time zone', (timeZone) => {
    expect(() => new MeterClock(timeZone)).toThrow(InvalidError)
  })
})
