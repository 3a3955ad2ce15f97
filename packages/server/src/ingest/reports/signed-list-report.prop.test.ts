import fc from 'fast-check'
import { expect, it } from 'vitest'
import { InvalidError } from '../../errors.ts'
import { writeSignedListReport } from './signed-list-report.fixture.ts'
import { parseSignedListReport } from './signed-list-report.ts'

const u32 = fc.nat({ max: 0xffffffff })
const u16 = fc.nat({ max: 0xffff })
const reports = fc.record({
  device: u32,
  streamerIndex: fc.nat({ max: 255 }),
  selector: u16,
  reportId: u32,
  sentS: u32,
  readings: fc.array(fc.record({ lid: u16, id: u32, deviceS: u32, raw: u32 }), { maxLength: 20 }),
})

it('reads back what a device writes', () => {
  fc.assert(
    fc.property(reports, (written) => {
      const { readings, ...report } = parseSignedListReport(writeSignedListReport(written), '')
      const { readings: writtenReadings, ...header } = written
      expect(report).toMatchObject(header)
      expect(readings.map(({ timeUs: _, ...reading }) => reading)).toEqual(
        writtenReadings.map((reading) => ({
          ...reading,
          deviceS: reading.deviceS === 0xffffffff ? null : reading.deviceS,
        })),
      )
    }),
  )
})

it('finds every changed byte, and every file that is none', () => {
  fc.assert(
    fc.property(reports, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, position, change) => {
      const bytes = writeSignedListReport(written)
      bytes[position % bytes.length] ^= change
      expect(() => parseSignedListReport(bytes, '')).toThrow(InvalidError)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => parseSignedListReport(bytes, '')).toThrow(InvalidError)
    }),
  )
})
