/** Copies files in small steps, and says what their bytes were. */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { UnavailableError } from '../errors.ts'

const STEP_BYTES = 1024 * 1024

export interface HashOptions {
  /** How many bytes from the beginning. */
  readonly bytes: number
  /** Where they are copied to as well, if anywhere; a new file, durable when the call resolves. */
  readonly to?: string | undefined
  /** Hears of each step, and ends the work by throwing. */
  onBytes(count: number): void
}

/**
 * SHA-256 of a file, hex.
 * @throws {UnavailableError} the file is shorter.
 */
export async function hashFile(from: FileHandle, { bytes, to, onBytes }: HashOptions): Promise<string> {
  const hash = createHash('sha256')
  const buffer = new Uint8Array(Math.min(STEP_BYTES, bytes))
  const target = to === undefined ? undefined : await open(to, 'wx', 0o600)
  try {
    for (let at = 0; at < bytes; ) {
      const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, bytes - at), at)
      if (bytesRead === 0) throw new UnavailableError(`A file ends after ${at} of ${bytes} bytes`)
      const step = buffer.subarray(0, bytesRead)
      hash.update(step)
      await target?.writeFile(step)
      at += bytesRead
      onBytes(bytesRead)
    }
    await target?.sync()
  } finally {
    await target?.close()
  }
  return hash.digest('hex')
}
