import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { InvalidError } from '../../errors.ts'
import { signReport, writeSignedListReport } from './signed-list-report.fixture.ts'
import { parseSignedListReport } from './signed-list-report.ts'

const parse = (bytes: Uint8Array) => parseSignedListReport(bytes, 'rick')
const TWO = () =>
  writeSignedListReport({
    device: 10,
    streamerIndex: 1,
    selector: 0xabcd,
    reportId: 9,
    sentS: 120,
    readings: [
      { lid: 0x5001, id: 7, deviceS: 10, raw: 0xffffffff },
      { lid: 0x5c00, id: 8, deviceS: 0xffffffff, raw: 0 },
    ],
  })

function changed(change: (bytes: Buffer) => void, { sign = true } = {}): Buffer {
  const bytes = TWO()
  change(bytes)
  if (sign) signReport(bytes)
  return bytes
}

describe('parseSignedListReport', () => {
  it('reads header, readings and footer', () => {
    expect(parse(TWO())).toEqual({
      device: 10,
      streamerIndex: 1,
      selector: 0xabcd,
      reportId: 9,
      sentS: 120,
      lowestId: 7,
      highestId: 8,
      isChopped: false,
      readings: [
        { lid: 0x5001, id: 7, deviceS: 10, timeUs: undefined, raw: 0xffffffff },
        { lid: 0x5c00, id: 8, deviceS: null, timeUs: undefined, raw: 0 },
      ],
      events: [],
    })
  })

  it('reads a report without readings, and one that begins in the middle of a buffer', () => {
    expect(parse(writeSignedListReport({})).readings).toEqual([])
    const shifted = Buffer.concat([Buffer.alloc(3), TWO()]).subarray(3)
    expect(parse(shifted)).toEqual(parse(TWO()))
  })

  it('tells a report that the device chopped off', () => {
    const readings = Array.from({ length: 12_285 }, (_, i) => ({ id: i + 1, deviceS: i, raw: 0 }))
    expect(parse(writeSignedListReport({ readings })).isChopped).toBe(true)
    expect(parse(writeSignedListReport({ readings: readings.slice(1) })).isChopped).toBe(false)
  })

  it.each<[string, () => Uint8Array, string]>([
    ['an empty file', () => new Uint8Array(0), 'Invalid Report Length: 0 bytes; the shortest report has 44'],
    [
      'less than header and footer',
      () => TWO().subarray(0, 43),
      'Invalid Report Length: 43 bytes; the shortest report has 44',
    ],
    [
      'one byte less',
      () => TWO().subarray(0, 75),
      'Invalid Report Length: the header says 76 bytes, the file has 75',
    ],
    [
      'one byte more',
      () => Buffer.concat([TWO(), Buffer.alloc(1)]),
      'Invalid Report Length: the header says 76 bytes, the file has 77',
    ],
    [
      'half a reading',
      () => changed((bytes) => bytes.writeUInt8(68, 1)).subarray(0, 68),
      'Invalid Report Length: 24 bytes of readings are no multiple of 16',
    ],
    ['another format', () => changed((bytes) => bytes.writeUInt8(2, 0)), 'Unsupported Report Format: 2'],
    [
      'a user key',
      () => changed((bytes) => bytes.writeUInt8(1, 16)),
      'Unrecognized signature flags (user=rick)',
    ],
    [
      'a device key',
      () => changed((bytes) => bytes.writeUInt8(2, 16)),
      'Unrecognized signature flags (user=rick)',
    ],
    [
      'another value',
      () => changed((bytes) => bytes.writeUInt8(0, 32), { sign: false }),
      'Invalid Hash: d--0000-0000-0000-000a (idx=1, user=rick)',
    ],
    [
      'another hash',
      () => changed((bytes) => bytes.writeUInt8(bytes[75] ^ 1, 75), { sign: false }),
      'Invalid Hash: d--0000-0000-0000-000a (idx=1, user=rick)',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parse(bytes())).toThrow(new InvalidError(message))
  })
})

const SAMPLE = fileURLToPath(
  new URL('../../../../../../shared/data/report_100readings_10dev.bin', import.meta.url),
)
const IS_MISSING = !existsSync(SAMPLE) && process.env.CI !== 'true'

describe.skipIf(IS_MISSING)(
  IS_MISSING ? 'sample (skipped: it is not beside the repository)' : 'sample',
  () => {
    it('has 100 readings of one stream, a second apart', () => {
      const { readings, ...report } = parse(readFileSync(SAMPLE))
      expect(report).toMatchObject({
        device: 10,
        streamerIndex: 1,
        selector: 43_981,
        reportId: 101,
        sentS: 0,
      })
      expect(report).toMatchObject({ lowestId: 1, highestId: 100 })
      expect(readings).toEqual(
        Array.from({ length: 100 }, (_, i) => ({
          lid: 0x5001,
          id: i + 1,
          deviceS: i,
          timeUs: undefined,
          raw: 100 + i,
        })),
      )
    })
  },
)
