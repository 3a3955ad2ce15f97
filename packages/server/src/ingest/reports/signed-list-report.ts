/**
 * The binary report of a device: a header of 20 bytes, readings of 16, a footer of 24, all little-endian. The
 * hash at its end shows that nothing was lost on the way; without a key it does not prove who wrote it.
 */
import { createHash } from 'node:crypto'
import { formatDeviceSlug } from '@sonde/client'
import { InvalidError } from '../../errors.ts'
import { type DeviceReport, knownDeviceTime, type ReportedReading } from './device-report.ts'

const FORMAT = 1
const HEADER_BYTES = 20
const READING_BYTES = 16
const FOOTER_BYTES = 24
const HASH_BYTES = 16

/** A device stops here, and sends the rest with the next report. */
const CHOPPED_BYTES_MIN = 196_592
const CHOPPED_BYTES_MAX = 196_608

/**
 * @param username Of the uploader, for the messages.
 * @throws {InvalidError} it is no such report, or damaged; the message says what is wrong with it.
 */
export function parseSignedListReport(bytes: Uint8Array, username: string): DeviceReport {
  const lengthBytes = bytes.length
  if (lengthBytes > 0 && bytes[0] !== FORMAT) {
    throw new InvalidError(`Unsupported Report Format: ${bytes[0]}`)
  }
  const readingsBytes = lengthBytes - HEADER_BYTES - FOOTER_BYTES
  if (readingsBytes < 0) {
    throw new InvalidError(
      `Invalid Report Length: ${lengthBytes} bytes; the shortest report has ${HEADER_BYTES + FOOTER_BYTES}`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes)
  const statedBytes = view.getUint8(1) + view.getUint16(2, true) * 256
  if (statedBytes !== lengthBytes) {
    throw new InvalidError(
      `Invalid Report Length: the header says ${statedBytes} bytes, the file has ${lengthBytes}`,
    )
  }
  if (readingsBytes % READING_BYTES !== 0) {
    throw new InvalidError(`Invalid Report Length: ${readingsBytes} bytes of readings are no multiple of 16`)
  }
  if (view.getUint8(16) !== 0) {
    throw new InvalidError(`Unrecognized signature flags (user=${username})`)
  }
  const device = view.getUint32(4, true)
  const streamerIndex = view.getUint8(17)
  if (!hasGoodHash(bytes)) {
    throw new InvalidError(
      `Invalid Hash: ${formatDeviceSlug(device)} (idx=${streamerIndex}, user=${username})`,
    )
  }
  const footerAt = HEADER_BYTES + readingsBytes
  return {
    device,
    streamerIndex,
    selector: view.getUint16(18, true),
    reportId: view.getUint32(8, true),
    sentS: view.getUint32(12, true),
    lowestId: view.getUint32(footerAt, true),
    highestId: view.getUint32(footerAt + 4, true),
    isChopped: lengthBytes >= CHOPPED_BYTES_MIN && lengthBytes <= CHOPPED_BYTES_MAX,
    readings: Array.from({ length: readingsBytes / READING_BYTES }, (_, i) =>
      readingAt(view, HEADER_BYTES + i * READING_BYTES),
    ),
    events: [],
  }
}

function readingAt(view: DataView, at: number): ReportedReading {
  return {
    lid: view.getUint16(at, true),
    id: view.getUint32(at + 4, true),
    deviceS: knownDeviceTime(view.getUint32(at + 8, true)),
    timeUs: undefined,
    raw: view.getUint32(at + 12, true),
  }
}

function hasGoodHash(bytes: Uint8Array): boolean {
  const signed = bytes.subarray(0, bytes.length - HASH_BYTES)
  const hash = createHash('sha256').update(signed).digest().subarray(0, HASH_BYTES)
  return hash.equals(bytes.subarray(bytes.length - HASH_BYTES))
}
