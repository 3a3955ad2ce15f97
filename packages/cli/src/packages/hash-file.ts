/** SHA-256 of files of any size. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { Failure } from '../failure.ts'

/** Hex. @throws {Failure} it cannot be read. */
export async function hashFile(path: string, { signal }: { signal?: AbortSignal } = {}): Promise<string> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path), hash, signal ? { signal } : {})
  } catch (error) {
    signal?.throwIfAborted()
    throw unreadable(path, error)
  }
  return hash.digest('hex')
}

/** Bytes of a file. @throws {Failure} there is none, or it is a folder. */
export async function sizeOfFile(path: string): Promise<number> {
  const found = await stat(path).catch((error) => {
    throw unreadable(path, error)
  })
  if (!found.isFile()) throw new Failure(`${path} is no file`)
  return found.size
}

export function unreadable(path: string, error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException
  return new Failure(code === 'ENOENT' ? `There is no file ${path}` : `${path} cannot be read: ${message}`)
}
