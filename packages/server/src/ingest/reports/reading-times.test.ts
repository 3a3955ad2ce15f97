import { describe, expect, it } from 'vitest'
import { formatIsoUs, parseIsoUs } from '../../model/time.ts'
import { REBOOT_LID, type Reported } from './device-report.ts'
import { placeTimes, type TimesOfReport } from './reading-times.ts'

/** When the device was started, by a report received at a time of day after so many seconds. */
function base(received: string, sentS: number): number {
  return parseIsoUs(`2026-01-01T${received}Z`)! - sentS * 1_000_000
}

/** `10` is a reading at that uptime, `R2` a restart. */
function readings(text: string): Reported[] {
  return text.split(' ').map((word, i) => ({
    lid: word.startsWith('R') ? REBOOT_LID : 0x5001,
    id: i + 1,
    deviceS: word === '-' ? null : Number(word.replace('R', '')),
    timeUs: undefined,
  }))
}

function place(text: string, report: Partial<TimesOfReport>): string {
  const times = { previousBaseUs: null, engineVersion: 2, selector: 0xd7ff, baseUs: 0, ...report }
  return placeTimes(readings(text), times)
    .map(({ timeUs, status }) => `${timeUs === null ? '-' : formatIsoUs(timeUs).slice(11, -1)} ${status}`)
    .join(', ')
}

const CLOCK = 2 ** 31 + 60

describe('placeTimes', () => {
  it.each<[string, string, Partial<TimesOfReport>, string]>([
    [
      'counts from the start of the device',
      '10 50',
      { baseUs: base('10:00:00', 120) },
      '09:58:10 cln, 09:58:50 cln',
    ],
    [
      'goes on from the report before until the first restart',
      '10 20 50 R2 10 20',
      { baseUs: base('10:00:00', 240), previousBaseUs: base('09:56:00', 60) },
      '09:55:10 cln, 09:55:20 cln, 09:55:50 cln, 09:56:02 cln, 09:56:10 cln, 09:56:20 cln',
    ],
    [
      'takes the base of the report itself when there was no restart',
      '10 20',
      { baseUs: base('10:00:00', 240), previousBaseUs: base('09:56:00', 60) },
      '09:56:10 cln, 09:56:20 cln',
    ],
    [
      'assumes that a device ran until a second before it restarted',
      '10 50 R2 10',
      { baseUs: base('10:00:00', 240) },
      '09:55:19 drt, 09:55:59 drt, 09:56:02 cln, 09:56:10 cln',
    ],
    [
      'goes back over several restarts',
      '10 R5 30 R2 10',
      { baseUs: base('10:00:00', 240), previousBaseUs: base('09:00:00', 0) },
      '09:00:10 cln, 09:55:34 drt, 09:55:59 drt, 09:56:02 cln, 09:56:10 cln',
    ],
    [
      'takes nothing from times that a clock gave',
      `10 ${CLOCK} R2`,
      { baseUs: base('10:00:00', 240) },
      '09:55:59 drt, 00:01:00 utc, 09:56:02 cln',
    ],
    ['leaves what is unknown unknown', '- 10', { baseUs: base('10:00:00', 120) }, '- unk, 09:58:10 cln'],
    [
      'restarts twice without a reading between',
      'R3 R2',
      { baseUs: base('10:00:00', 240) },
      '09:55:59 drt, 09:56:02 cln',
    ],
    [
      'does not look for restarts in engines before',
      '50 R2',
      { baseUs: base('10:00:00', 240), engineVersion: 1 },
      '09:56:50 unk, 09:56:02 unk',
    ],
    [
      'does not look for restarts where none are reported',
      '50 R2',
      { baseUs: base('10:00:00', 240), selector: 0x57ff },
      '09:56:50 unk, 09:56:02 unk',
    ],
  ])('%s', (_, text, report, expected) => {
    expect(place(text, report)).toBe(expected)
  })

  it('believes a reading that names its time', () => {
    const [reading] = readings('10')
    const report = { baseUs: 0, previousBaseUs: null, engineVersion: 2, selector: 0 }
    expect(placeTimes([{ ...reading, timeUs: 77 }], report)).toEqual([{ timeUs: 77, status: 'unk' }])
  })
})
