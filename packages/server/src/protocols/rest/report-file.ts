/** Which reader an uploaded report goes to, by the ending of its name. */
import type { DeviceReport } from '../../ingest/reports/device-report.ts'
import { parseDictionaryReport } from '../../ingest/reports/dictionary-report.ts'
import { readJsonDocument, readMsgpackDocument } from '../../ingest/reports/report-document.ts'
import { parseSignedListReport } from '../../ingest/reports/signed-list-report.ts'
import { RestAnswer } from './errors.ts'

type ReadReport = (bytes: Uint8Array, username: string) => DeviceReport

const READERS: Readonly<Record<string, ReadReport>> = {
  '': parseSignedListReport,
  bin: parseSignedListReport,
  mp: (bytes) => parseDictionaryReport(readMsgpackDocument(bytes)),
  json: (bytes) => parseDictionaryReport(readJsonDocument(bytes)),
}

/** @throws {RestAnswer} a name with another ending than reports have. */
export function reportReader(fileName: string): ReadReport {
  const ending = fileName.includes('.') ? fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase() : ''
  if (Object.hasOwn(READERS, ending)) return READERS[ending]
  throw new RestAnswer(400, ['Streamer Report file extension not supported. Expected: .bin, .json or .mp'])
}
