/** Looks at every record of a log that nobody writes to. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Check } from './check.ts'
import { aligned, listSegments, readHeader, type Segment } from './commit-log.ts'
import { decodeRecord } from './log-record.ts'

export interface LogOptions {
  readonly check: Check
  /** Segments up to this generation are of no use any more. */
  readonly flushedGeneration: number
  onBytes(count: number): void
}

/** Answers which streams have points in what a replay would read. */
export async function verifyLog(
  folder: string,
  { check, flushedGeneration, onBytes }: LogOptions,
): Promise<Set<number>> {
  const streamIds = new Set<number>()
  for (const segment of await listSegments(folder)) {
    if (segment.generation <= flushedGeneration) {
      check.note(`${basename(segment.path)} is not needed any more; the next start removes it`)
      continue
    }
    check.count('segments')
    onBytes(await verifySegment(segment, { check, streamIds }))
  }
  return streamIds
}

/** A record is torn where a write was under way when everything ended; then nothing whole lies behind it. */
async function verifySegment(
  { path }: Segment,
  { check, streamIds }: { check: Check; streamIds: Set<number> },
): Promise<number> {
  const bytes = aligned(await readFile(path))
  let offset = readHeader(bytes, path)
  while (offset !== undefined && offset < bytes.length) {
    const record = decodeRecord(bytes, offset)
    if (record === undefined) break
    check.count('records')
    check.count('points', record.batch.timesUs.length)
    for (const streamId of record.batch.streamIds) streamIds.add(streamId)
    offset = record.nextOffset
  }
  if (offset === bytes.length) return bytes.length
  const name = basename(path)
  const rest = bytes.length - (offset ?? 0)
  if (hasRecordAfter(bytes, offset ?? 0)) {
    check.problem(`${name} is damaged ${rest} bytes before its end: a replay would miss what lies behind`)
  } else {
    check.note(`${name} ends in a torn record of ${rest} bytes, which nobody was told is stored`)
  }
  return bytes.length
}

function hasRecordAfter(bytes: Uint8Array, offset: number): boolean {
  for (let at = offset + (8 - (offset % 8)); at < bytes.length; at += 8) {
    if (decodeRecord(bytes, at) !== undefined) return true
  }
  return false
}
