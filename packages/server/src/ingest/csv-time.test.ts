import { describe, expect, it } from 'vitest'
import { formatIsoUs } from '../model/time.ts'
import { findZoneClock } from '../model/zone-clock.ts'
import { parseTimeFormat } from './csv-time.ts'

function read(format: string, zone: string, ...texts: string[]): (string | undefined)[] {
  const reader = parseTimeFormat(format, findZoneClock(zone)!)()
  return texts.map((text) => {
    const timeUs = reader(text)
    return timeUs === undefined ? undefined : formatIsoUs(timeUs)
  })
}

describe('the time column', () => {
  it.each<[format: string, zone: string, text: string, time: string]>([
    ['iso', 'UTC', '2024-05-01', '2024-05-01T00:00:00Z'],
    ['iso', 'Europe/Madrid', '2024-05-01 12:00:00', '2024-05-01T10:00:00Z'],
    ['iso', 'Europe/Madrid', '2024-05-01T12:00:00Z', '2024-05-01T12:00:00Z'],
    ['iso', 'Europe/Madrid', '2024-05-01T12:00:00-0500', '2024-05-01T17:00:00Z'],
    ['s', 'Europe/Madrid', '1714557600', '2024-05-01T10:00:00Z'],
    ['s', 'UTC', '1714557600.1234567', '2024-05-01T10:00:00.123456Z'],
    ['s', 'UTC', '-1.5', '1969-12-31T23:59:58.500000Z'],
    ['s', 'UTC', '-0', '1970-01-01T00:00:00Z'],
    ['ms', 'UTC', '1714557600250', '2024-05-01T10:00:00.250000Z'],
    ['ms', 'UTC', '1714557600250.5', '2024-05-01T10:00:00.250500Z'],
    ['us', 'UTC', '1714557600250001', '2024-05-01T10:00:00.250001Z'],
    ['us', 'UTC', '1714557600250001.9', '2024-05-01T10:00:00.250001Z'],
    ['ns', 'UTC', '1714557600250001999', '2024-05-01T10:00:00.250001Z'],
    ['ns', 'UTC', '999', '1970-01-01T00:00:00Z'],
    ['ns', 'UTC', '1.5', '1970-01-01T00:00:00Z'],
    ['D MMM YYYY HH:mm:ss', 'Europe/Madrid', '1 Aug 2019 00:00:00', '2019-07-31T22:00:00Z'],
  ])('as %s in %s reads %j', (format, zone, text, time) => {
    expect(read(format, zone, text)).toEqual([time])
  })

  it.each<[format: string, text: string]>([
    ['iso', ''],
    ['iso', '1714557600'],
    ['iso', '01/05/2024'],
    ['s', ''],
    ['s', '1e9'],
    ['s', '1,714,557,600'],
    ['s', '0x10'],
    ['ms', '2024-05-01'],
    ['D MMM YYYY', '2024-05-01'],
  ])('as %s does not take %j', (format, text) => {
    expect(read(format, 'UTC', text)).toEqual([undefined])
  })

  it('knows the second pass of a repeated hour by the row before', () => {
    const texts = ['2019-10-27 02:00', '2019-10-27 02:30', '2019-10-27 02:00', '2019-10-27 02:30']
    const times = ['00:00:00', '00:30:00', '01:00:00', '01:30:00'].map((time) => `2019-10-27T${time}Z`)
    expect(read('iso', 'Europe/Madrid', ...texts)).toEqual(times)
    expect(read('YYYY-MM-DD HH:mm', 'Europe/Madrid', ...texts)).toEqual(times)
  })

  it('starts anew with each series', () => {
    const open = parseTimeFormat('iso', findZoneClock('Europe/Madrid')!)
    const [first, second] = [open(), open()]
    expect(first('2019-10-27 02:00')).toBe(second('2019-10-27 02:00'))
  })
})
