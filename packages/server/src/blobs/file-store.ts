/**
 * Blobs as files of a folder: `<first two hex digits>/<SHA-256>`. A blob is written in `incoming/`, and moved
 * to its name when it is whole and on the disk; nothing of a caller's choosing becomes part of a path.
 */
import { createHash, randomUUID } from 'node:crypto'
import { type Dirent, statSync, unlinkSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { NotFoundError, TooLargeError, UnavailableError } from '../errors.ts'
import { US_PER_HOUR, US_PER_MS } from '../model/time.ts'
import { syncFolder } from '../sync-folder.ts'
import type { BlobStore, ByteRange, StoredBlob, SweptBlobs } from './blob-store.ts'

/** Of bytes that came and were not named yet. */
const GRACE_MS = US_PER_HOUR / US_PER_MS

const INCOMING = 'incoming'
const HASH = /^[0-9a-f]{64}$/

export interface BlobFile {
  readonly sha256: string
  /** Path within the store's folder, with slashes. */
  readonly name: string
  readonly path: string
  readonly sizeBytes: number
}

export class FileStore implements BlobStore {
  readonly #folder: string
  #holders = 0

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Makes the folder when it is missing, and removes what a process that was killed left in `incoming/`. */
  static async open(folder: string): Promise<FileStore> {
    const incoming = join(folder, INCOMING)
    await rm(incoming, { recursive: true, force: true })
    await mkdir(incoming, { recursive: true, mode: 0o700 })
    return new FileStore(folder)
  }

  async put(bytes: AsyncIterable<Uint8Array>, { bytesMax }: { bytesMax: number }): Promise<StoredBlob> {
    const path = join(this.#folder, INCOMING, randomUUID())
    try {
      const blob = await writeNew(path, { bytes, bytesMax })
      await this.#publish(path, blob.sha256)
      return blob
    } catch (error) {
      await rm(path, { force: true }).catch(() => {})
      throw asFailure(error)
    }
  }

  async read(sha256: string, range?: ByteRange): Promise<Readable> {
    const file = await this.#open(sha256)
    if (range === undefined) return file.createReadStream()
    if (range.end <= range.start) {
      await file.close()
      throw new RangeError(`a range from ${range.start} that ends before ${range.end} has no bytes`)
    }
    return file.createReadStream({ start: range.start, end: range.end - 1 })
  }

  async sweep(named: (hashes: readonly string[]) => Promise<ReadonlySet<string>>): Promise<SweptBlobs> {
    const swept = { blobs: 0, bytes: 0 }
    for (const shelf of await this.#shelves()) {
      const hashes = await this.#hashesIn(shelf)
      const kept = await named(hashes)
      for (const sha256 of hashes) {
        if (kept.has(sha256) || this.#holders > 0) continue
        const bytes = removeOld(this.#pathOf(sha256))
        if (bytes === undefined) continue
        swept.blobs++
        swept.bytes += bytes
      }
    }
    return swept
  }

  async stats(): Promise<{ blobs: number; bytes: number }> {
    const files = await this.list()
    return { blobs: files.length, bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
  }

  /** Nothing is removed until the function that this answers has been called. */
  hold(): () => void {
    this.#holders++
    return () => void this.#holders--
  }

  /** All blobs, by shelf. */
  async list(): Promise<BlobFile[]> {
    const files: BlobFile[] = []
    for (const shelf of await this.#shelves()) {
      for (const sha256 of await this.#hashesIn(shelf)) {
        const path = this.#pathOf(sha256)
        const found = await stat(path).catch(() => undefined)
        if (found) files.push({ sha256, name: `${shelf}/${sha256}`, path, sizeBytes: found.size })
      }
    }
    return files
  }

  /** Files with the same bytes exist once; what is put again is as new as what is put first. */
  async #publish(path: string, sha256: string): Promise<void> {
    const target = this.#pathOf(sha256)
    const now = new Date()
    const isThere = await utimes(target, now, now).then(
      () => true,
      () => false,
    )
    if (isThere) return rm(path)
    const shelf = join(this.#folder, sha256.slice(0, 2))
    const made = await mkdir(shelf, { recursive: true, mode: 0o700 })
    await rename(path, target)
    await syncFolder(shelf)
    if (made !== undefined) await syncFolder(this.#folder)
  }

  async #open(sha256: string): Promise<FileHandle> {
    if (!HASH.test(sha256)) throw new NotFoundError()
    try {
      return await open(this.#pathOf(sha256))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new NotFoundError()
      throw asFailure(error)
    }
  }

  #pathOf(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2), sha256)
  }

  async #shelves(): Promise<string[]> {
    const entries: Dirent[] = await readdir(this.#folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory() && entry.name !== INCOMING).map(({ name }) => name)
  }

  async #hashesIn(shelf: string): Promise<string[]> {
    return (await readdir(join(this.#folder, shelf))).filter((name) => HASH.test(name))
  }
}

async function writeNew(
  path: string,
  { bytes, bytesMax }: { bytes: AsyncIterable<Uint8Array>; bytesMax: number },
): Promise<StoredBlob> {
  const hashes = { sha256: createHash('sha256'), md5: createHash('md5') }
  let sizeBytes = 0
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of bytes) {
      sizeBytes += chunk.length
      if (sizeBytes > bytesMax) throw new TooLargeError(`A file may have up to ${bytesMax} bytes.`)
      hashes.sha256.update(chunk)
      hashes.md5.update(chunk)
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { sha256: hashes.sha256.digest('hex'), md5: hashes.md5.digest('hex'), sizeBytes }
}

/**
 * Looks and removes in one go, so that nobody puts the same bytes in between.
 * @returns Bytes that are free now; undefined when the blob is not old enough.
 */
function removeOld(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || found.mtimeMs > Date.now() - GRACE_MS) return undefined
  unlinkSync(path)
  return found.size
}

function asFailure(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  const isOfDisk = error instanceof Error && 'syscall' in error && code !== undefined && !isOfCaller(code)
  return isOfDisk ? new UnavailableError(`The file could not be stored: ${message}`, { cause: error }) : error
}

/** The connection that the bytes come from broke. */
function isOfCaller(code: string): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE'
}
