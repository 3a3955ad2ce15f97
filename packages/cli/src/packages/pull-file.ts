/**
 * Fetches a file of a tag. Its bytes go into a draft beside it, which is named after their hash: what broke off is
 * taken up where it ended, by this command or by a later one, and a file appears under its name only when its
 * SHA-256 is right.
 */
import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, stat, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '../connection.ts'
import { Failure, SilenceFailure } from '../failure.ts'
import { hashFile } from './hash-file.ts'
import { type PackageFile, type PackageTag, packageResource } from './package-files.ts'

/** Connections that bring nothing at all, one after the other, until the command gives up. */
const IDLE_ATTEMPTS_MAX = 5
const PAUSE_MS = 500

export interface Pull {
  readonly connection: Connection
  readonly wanted: PackageTag
  readonly file: PackageFile
  /** Where it is to appear. */
  readonly path: string
  /** Bytes that are here. */
  readonly onBytes: (count: number) => void
  readonly signal: AbortSignal
}

/**
 * Resolves to whether anything had to be fetched.
 * @throws {Failure} it could not be fetched or written, or it has another SHA-256. Nothing appears then.
 */
export async function pullFile(pull: Pull): Promise<boolean> {
  const { path, file, signal } = pull
  const found = await stat(path).catch(() => undefined)
  if (found !== undefined && !found.isFile()) throw new Failure(`${path} is there and is no file`)
  if (found?.size === file.size_bytes && (await hashFile(path, { signal })) === file.sha256) return false
  const draft = `${path}.${file.sha256.slice(0, 8)}.part`
  try {
    await mkdir(dirname(path), { recursive: true })
    await fill(draft, pull)
    if ((await hashFile(draft, { signal })) !== file.sha256) {
      await rm(draft, { force: true })
      throw new Failure(
        `What came of ${file.name} has not the SHA-256 that the server names; nothing was kept. Pull it again`,
      )
    }
    await rename(draft, path)
  } catch (error) {
    const { syscall, code, message } = error as NodeJS.ErrnoException
    if (syscall === undefined || signal.aborted) throw error
    // What is there of it would only be in the way of a full disk.
    if (code === 'ENOSPC') await rm(draft, { force: true })
    throw new Failure(`${path} cannot be written: ${message}`)
  }
  return true
}

/** Fetches what the draft lacks, over as many connections as it takes. */
async function fill(draft: string, pull: Pull): Promise<void> {
  const { file, onBytes, signal } = pull
  await (await open(draft, 'a')).close()
  if ((await stat(draft)).size > file.size_bytes) await truncate(draft, 0)
  for (let idleAttempts = 0; ; ) {
    const { size } = await stat(draft)
    onBytes(size)
    if (size >= file.size_bytes) return
    const broken = await fetchInto(draft, pull, size).catch(lostConnection(signal))
    if (broken === undefined) continue
    idleAttempts = (await stat(draft)).size > size ? 0 : idleAttempts + 1
    if (idleAttempts >= IDLE_ATTEMPTS_MAX) {
      throw new Failure(
        `${broken} ${size} of ${file.size_bytes} bytes are kept, and another pull goes on there`,
      )
    }
    await sleep(PAUSE_MS * idleAttempts, undefined, { signal })
  }
}

/** Appends what comes from `start` on. */
async function fetchInto(
  draft: string,
  { connection, wanted, file, onBytes, signal }: Pull,
  start: number,
): Promise<undefined> {
  const resource = packageResource(wanted.package, wanted.tag, file.name)
  const answer = await connection.receive(resource, {
    // A tag that was replaced meanwhile answers with another file, from its beginning.
    headers: start > 0 ? { range: `bytes=${start}-`, 'if-range': `"${file.sha256}"` } : {},
    signal,
  })
  if (answer.headers['x-sha256'] !== file.sha256 || (start > 0 && answer.statusCode !== 206)) {
    answer.destroy()
    throw new Failure(`${file.name} was replaced while it was pulled; pull it again`)
  }
  let size = start
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of answer as AsyncIterable<Uint8Array>) {
        size += chunk.length
        // A server that sends on and on must not fill the disk.
        if (size > file.size_bytes) throw new Failure(`More comes of ${file.name} than the server has said`)
        onBytes(size)
        yield chunk
      }
    } catch (error) {
      throw error instanceof Failure ? error : new SilenceFailure('The connection to the server was lost')
    }
  }
  // Two pulls of one file write the same bytes to the same places.
  await pipeline(counted, createWriteStream(draft, { flags: 'r+', start }), { signal })
}

/** What is said of a connection that is lost; other errors are handed through. */
function lostConnection(signal: AbortSignal): (error: unknown) => string {
  return (error) => {
    signal.throwIfAborted()
    if (error instanceof SilenceFailure) return `${error.message};`
    throw error
  }
}
