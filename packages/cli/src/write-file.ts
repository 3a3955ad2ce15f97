/** A file that appears when it is whole: what a command broke off leaves nothing under its name. */
import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { Failure } from './failure.ts'

/** Packs what goes into a file called `….gz`. An older file of the name is replaced, a pipe or device written to. */
export async function writeFile(
  path: string,
  content: Readable,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) throw new Failure(`${path} is a folder; give the name of a file in it`)
  // A device such as /dev/null must not be replaced by a file.
  const draft = found === undefined || found.isFile() ? `${path}.part` : path
  const packers = path.endsWith('.gz') ? [createGzip()] : []
  try {
    await pipeline([content, ...packers, createWriteStream(draft)], signal ? { signal } : {})
    if (draft !== path) await rename(draft, path)
  } catch (error) {
    if (draft !== path) await rm(draft, { force: true })
    const { syscall, message } = error as NodeJS.ErrnoException
    throw syscall === undefined ? error : new Failure(`${path} cannot be written: ${message}`)
  }
}
