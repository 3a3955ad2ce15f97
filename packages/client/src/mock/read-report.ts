/** What a mock cloud wants to know of a report that a device sends: who, what, and whether it is whole. */
import { createHash } from 'node:crypto'
import { formatDeviceSlug } from '../slugs/device-slug.ts'
import { decodeMsgpack } from './decode-msgpack.ts'
import { Refusal } from './mock-http.ts'

export interface ReportSummary {
  readonly device: number
  readonly index: number
  readonly selector: number
  readonly reportId: number
  readonly sentS: number
  readonly lowestId: number
  readonly highestId: number
  /** Of its readings. */
  readonly ids: readonly number[]
}

const HEADER_BYTES = 20
const READING_BYTES = 16
const FOOTER_BYTES = 24
const HASH_BYTES = 16

/** @throws {Refusal} 400: what is wrong with it. */
export function readReport(name: string, bytes: Uint8Array): ReportSummary {
  const extension = /\.([^.]*)$/.exec(name)?.[1]
  if (extension === undefined || extension === 'bin') return readBinary(bytes)
  if (extension === 'json') return readDictionary(() => JSON.parse(new TextDecoder().decode(bytes)))
  if (extension === 'mp') return readDictionary(() => decodeMsgpack(bytes))
  throw new Refusal(400, ['Streamer Report file extension not supported. Expected: .bin, .json or .mp'])
}

function readBinary(bytes: Uint8Array): ReportSummary {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const readingsBytes = bytes.length - HEADER_BYTES - FOOTER_BYTES
  const sizeFault = new Refusal(400, ['The report is not as long as it says'])
  if (readingsBytes < 0 || readingsBytes % READING_BYTES !== 0) throw sizeFault
  const format = view.getUint8(0)
  if (format !== 1) throw new Refusal(400, [`Unsupported Report Format: ${format}`])
  if (view.getUint8(1) + view.getUint16(2, true) * 256 !== bytes.length) throw sizeFault
  const device = view.getUint32(4, true)
  const index = view.getUint8(17)
  const flags = view.getUint8(16)
  if (flags !== 0) throw new Refusal(400, [`Unrecognized signature flags (user=${flags})`])
  const hash = createHash('sha256').update(bytes.subarray(0, -HASH_BYTES)).digest().subarray(0, HASH_BYTES)
  if (!hash.equals(bytes.subarray(-HASH_BYTES))) {
    throw new Refusal(400, [`Invalid Hash: ${formatDeviceSlug(device)} (idx=${index}, user=${flags})`])
  }
  const footer = HEADER_BYTES + readingsBytes
  return {
    device,
    index,
    selector: view.getUint16(18, true),
    reportId: view.getUint32(8, true),
    sentS: view.getUint32(12, true),
    lowestId: view.getUint32(footer, true),
    highestId: view.getUint32(footer + 4, true),
    ids: Array.from({ length: readingsBytes / READING_BYTES }, (_, reading) => {
      return view.getUint32(HEADER_BYTES + reading * READING_BYTES + 4, true)
    }),
  }
}

function readDictionary(decode: () => unknown): ReportSummary {
  let report: Record<string, unknown>
  try {
    report = Object(decode())
  } catch (error) {
    throw new Refusal(400, [`The report cannot be read: ${(error as Error).message}`])
  }
  if (report.format !== 'v100') throw new Refusal(400, [`Unsupported Report Format: ${report.format}`])
  const items = [report.events, report.data].flatMap((list) => (Array.isArray(list) ? list : []))
  return {
    device: Number(report.device),
    index: Number(report.streamer_index),
    selector: Number(report.streamer_selector),
    reportId: Number(report.incremental_id),
    sentS: Number(report.device_sent_timestamp),
    lowestId: Number(report.lowest_id),
    highestId: Number(report.highest_id),
    ids: items.map((item) => Number(Object(item).streamer_local_id)),
  }
}
