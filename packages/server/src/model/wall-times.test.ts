import { describe, expect, it } from 'vitest'
import { formatIsoUs, parseIsoUs } from './time.ts'
import { WallTimes } from './wall-times.ts'
import { findZoneClock } from './zone-clock.ts'

const us = (text: string) => parseIsoUs(text) ?? Number.NaN

/** Times of the night of a change in Madrid, as `HH:MM` of UTC. */
function read(day: string, ...times: string[]): string[] {
  const wall = new WallTimes(findZoneClock('Europe/Madrid')!)
  return times.map((time) => formatIsoUs(wall.readUs(us(`${day}T${time}`))).slice(11, 16))
}

const BACK = '2019-10-27'
const FORWARD = '2019-03-31'

describe('WallTimes', () => {
  it.each<[what: string, rows: string[], utc: string[]]>([
    [
      'of quarter hours',
      ['01:45', '02:00', '02:30', '02:45', '02:00', '02:30', '02:45', '03:00'],
      ['23:45', '00:00', '00:30', '00:45', '01:00', '01:30', '01:45', '02:00'],
    ],
    ['of hours', ['01:00', '02:00', '02:00', '03:00'], ['23:00', '00:00', '01:00', '02:00']],
    [
      'of times that do not repeat to the minute',
      ['01:50', '02:10', '02:50', '02:05', '02:55', '03:15'],
      ['23:50', '00:10', '00:50', '01:05', '01:55', '02:15'],
    ],
    [
      'that runs backward',
      ['03:30', '03:00', '02:30', '02:00', '02:30', '02:00', '01:30', '01:00'],
      ['02:30', '02:00', '01:30', '01:00', '00:30', '00:00', '23:30', '23:00'],
    ],
    ['with a late row before', ['01:30', '01:45', '01:40', '02:00'], ['23:30', '23:45', '23:40', '00:00']],
    ['that comes back to the hour', ['02:00', '03:00', '02:00'], ['00:00', '02:00', '01:00']],
    ['that starts within the hour', ['02:30', '02:00'], ['00:30', '01:00']],
    ['of no more than the hour, three times', ['02:00', '02:00', '02:00'], ['00:00', '01:00', '01:00']],
  ])('tells the passes of a repeated hour apart in a file %s', (_, rows, utc) => {
    expect(read(BACK, ...rows)).toEqual(utc)
  })

  it('keeps times of a skipped hour apart, as if the clock had not moved yet', () => {
    expect(read(FORWARD, '01:45', '02:00', '02:30', '03:45')).toEqual(['00:45', '01:00', '01:30', '01:45'])
  })

  it('reads a clock that never changes', () => {
    const wall = new WallTimes(findZoneClock('Asia/Kolkata')!)
    expect(formatIsoUs(wall.readUs(us('2019-10-27T02:00')))).toBe('2019-10-26T20:30:00Z')
  })
})
