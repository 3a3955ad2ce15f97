/** A file that appears when it is whole: what a command broke off leaves nothing under its name. */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { Failure } from './failure.ts'

/** Packs what goes into a file called `….gz`. An older file of the name is replaced. */
export async function writeFile(
  path: string,
  content: Readable,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  const draft = `${path}.part`
  const packers = path.endsWith('.gz') ? [createGzip()] : []
  try {
    await pipeline([content, ...packers, createWriteStream(draft)], signal ? { signal } : {})
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    const { syscall, message } = error as NodeJS.ErrnoException
    throw syscall === undefined ? error : new Failure(`${path} cannot be written: ${message}`)
  }
}
