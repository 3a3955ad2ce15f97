/** Writes binary reports as a device does, for tests. */
import { createHash } from 'node:crypto'

export interface WrittenReport {
  readonly device?: number
  readonly streamerIndex?: number
  readonly selector?: number
  readonly reportId?: number
  readonly sentS?: number
  readonly flags?: number
  readonly readings?: readonly WrittenReading[]
}

export interface WrittenReading {
  readonly lid?: number
  readonly id: number
  /** All ones means unknown. */
  readonly deviceS: number
  readonly raw: number
}

export function writeSignedListReport(report: WrittenReport): Buffer {
  const { readings = [] } = report
  const bytes = Buffer.alloc(44 + 16 * readings.length)
  bytes.writeUInt8(1, 0)
  bytes.writeUInt8(bytes.length & 0xff, 1)
  bytes.writeUInt16LE(bytes.length >> 8, 2)
  bytes.writeUInt32LE(report.device ?? 10, 4)
  bytes.writeUInt32LE(report.reportId ?? 1_000, 8)
  bytes.writeUInt32LE(report.sentS ?? 0, 12)
  bytes.writeUInt8(report.flags ?? 0, 16)
  bytes.writeUInt8(report.streamerIndex ?? 0, 17)
  bytes.writeUInt16LE(report.selector ?? 0xd7ff, 18)
  readings.forEach(({ lid = 0x5001, id, deviceS, raw }, i) => {
    const at = 20 + 16 * i
    bytes.writeUInt16LE(lid, at)
    bytes.writeUInt32LE(id, at + 4)
    bytes.writeUInt32LE(deviceS, at + 8)
    bytes.writeUInt32LE(raw, at + 12)
  })
  const ids = readings.map(({ id }) => id).filter((id) => id > 0)
  bytes.writeUInt32LE(Math.min(...ids, ids.length === 0 ? 0 : Number.MAX_SAFE_INTEGER), bytes.length - 24)
  bytes.writeUInt32LE(Math.max(0, ...ids), bytes.length - 20)
  signReport(bytes)
  return bytes
}

/** Puts the right hash at the end, after something was changed before it. */
export function signReport(bytes: Buffer): void {
  const signed = bytes.subarray(0, bytes.length - 16)
  createHash('sha256')
    .update(signed)
    .digest()
    .copy(bytes, bytes.length - 16, 0, 16)
}
