/**
 * UUIDs that begin with the time (version 7): rows that are made together lie together in an index, where random
 * ones would touch a page each.
 */
import { randomFillSync } from 'node:crypto'

const RANDOM_BYTES = 4_096
/** Of each UUID, behind time and version. */
const TAIL_BYTES = 10

const random = new Uint8Array(RANDOM_BYTES)
let usedBytes = RANDOM_BYTES

/** Of some thousand that are made in the same millisecond the order is open. */
export function orderedUuid(nowMs = Date.now()): string {
  if (usedBytes + TAIL_BYTES > RANDOM_BYTES) {
    randomFillSync(random)
    usedBytes = 0
  }
  const tail = Buffer.from(random.buffer, usedBytes, TAIL_BYTES)
  usedBytes += TAIL_BYTES
  tail[0] = 0x70 | (tail[0] & 0x0f)
  tail[2] = 0x80 | (tail[2] & 0x3f)
  const time = nowMs.toString(16).padStart(12, '0')
  const hex = tail.toString('hex')
  return `${time.slice(0, 8)}-${time.slice(8)}-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8)}`
}
