/**
 * Backups of a data folder whose server goes on working. Writes stop for the milliseconds in which the moment
 * is taken that the backup shows; then a thread copies it: both databases page by page from open snapshots,
 * the log from open files, blobs as they are, for nobody changes one.
 */
import { statfs } from 'node:fs/promises'
import { basename, isAbsolute, join, resolve } from 'node:path'
import type { FileStore } from '../blobs/file-store.ts'
import { MIGRATIONS } from '../catalog/migrate.ts'
import { ConflictError, InvalidError, UnavailableError } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import { US_PER_MS } from '../model/time.ts'
import type { ChunkStore } from '../points/chunk/chunk-store.ts'
import { CHUNKS_FORMAT } from '../points/chunk/chunk-tables.ts'
import { LOG_VERSION } from '../points/chunk/commit-log.ts'
import { CallThread } from '../points/chunk/thread-calls.ts'
import type { CopierCalls, CopySource, HeldSize } from './copier.ts'
import { type EmptyFolder, isWithin, takeEmptyFolder } from './empty-folder.ts'
import { BLOBS_NAME, CATALOG_NAME, CHUNKS_NAME, type Manifest, writeManifest } from './manifest.ts'
import { SharedProgress } from './shared-progress.ts'

export interface BackupSources {
  readonly dataDir: string
  readonly store: Pick<ChunkStore, 'pause'>
  readonly blobs: Pick<FileStore, 'hold' | 'list'>
  readonly clock: Clock
  readonly programVersion: string
}

export interface BackupRequest {
  /** Absolute; missing or empty, and outside of the data folder. */
  readonly folder: string
  /** Hears several times a second how much of the work is done, both in bytes. */
  readonly onProgress: (progress: { doneBytes: number; totalBytes: number }) => void
  readonly signal: AbortSignal
}

export interface BackupSummary {
  readonly folder: string
  readonly takenAt: string
  readonly points: number
  readonly files: number
  readonly bytes: number
}

const PROGRESS_MS = 100

export class Backups {
  readonly #sources: BackupSources
  #isRunning = false

  constructor(sources: BackupSources) {
    this.#sources = sources
  }

  /**
   * Writes one backup. A failure leaves nothing of it behind.
   * @throws {ConflictError} another one is being written, or the folder is not empty.
   * @throws {InvalidError} the folder cannot be one for backups, or is on a disk with too little room.
   * @throws {UnavailableError} something could not be read or written.
   */
  async write(request: BackupRequest): Promise<BackupSummary> {
    if (this.#isRunning) throw new ConflictError('Another backup is being written; wait until it is done')
    this.#isRunning = true
    try {
      return await writeBackup(this.#sources, request)
    } finally {
      this.#isRunning = false
    }
  }
}

async function writeBackup(sources: BackupSources, request: BackupRequest): Promise<BackupSummary> {
  const target = await takeTarget(sources, request.folder)
  try {
    const manifest = await fill(sources, { ...request, folder: target.path })
    request.signal.throwIfAborted()
    await writeManifest(target.path, manifest)
    const { takenAt, points, files } = manifest
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    return { folder: target.path, takenAt, points, files: files.length, bytes }
  } catch (error) {
    await target.clear()
    request.signal.throwIfAborted()
    throw error
  }
}

async function takeTarget({ dataDir }: BackupSources, folder: string): Promise<EmptyFolder> {
  if (!isAbsolute(folder)) throw InvalidError.field('path', 'This must be an absolute path.')
  if (await isWithin(folder, dataDir)) {
    throw InvalidError.field('path', 'A backup cannot be kept in the data folder itself.')
  }
  return takeEmptyFolder(resolve(folder), 'Give each backup a folder of its own')
}

async function fill(
  sources: BackupSources,
  { folder, onProgress, signal }: BackupRequest,
): Promise<Omit<Manifest, 'backup'>> {
  const copier = new CallThread<CopierCalls>(new URL('./copier-thread.ts', import.meta.url), null)
  const releaseBlobs = sources.blobs.hold()
  const progress = new SharedProgress()
  const stop = () => progress.stop()
  signal.addEventListener('abort', stop)
  let timer: NodeJS.Timeout | undefined
  try {
    const { size, ...about } = await takeMoment(sources, copier)
    await checkRoom(folder, size.bytes)
    signal.throwIfAborted()
    const tell = () => onProgress({ doneBytes: progress.doneBytes, totalBytes: size.workBytes })
    tell()
    timer = setInterval(tell, PROGRESS_MS)
    return { ...about, files: await copier.call('copy', { folder, memory: progress.memory }) }
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    throw new UnavailableError(`The backup could not be written: ${error.message}`, { cause: error })
  } finally {
    clearInterval(timer)
    signal.removeEventListener('abort', stop)
    await copier.close()
    releaseBlobs()
  }
}

interface Moment extends Omit<Manifest, 'backup' | 'files'> {
  readonly size: HeldSize
}

/**
 * The catalog's moment comes after that of the points, and nothing is deleted in between: so it knows every
 * stream that has points. Blobs are listed after both, and none is removed: so all that the catalog names are
 * among them.
 */
async function takeMoment(
  { dataDir, store, blobs, clock, programVersion }: BackupSources,
  copier: CallThread<CopierCalls>,
): Promise<Moment> {
  // A thread takes its time to start, for which nobody should have to wait.
  await copier.call('start', null)
  const moment = await store.pause(async ({ databasePath, segments, pointCount }) => {
    const takenAt = new Date(clock.nowUs() / US_PER_MS).toISOString()
    const sources: CopySource[] = [
      ...segments.map(({ path, bytes }) => ({ name: `points/log/${basename(path)}`, path, bytes })),
      { name: CHUNKS_NAME, path: databasePath },
      { name: CATALOG_NAME, path: join(dataDir, CATALOG_NAME) },
    ]
    await copier.call('hold', sources)
    const formats = { chunks: CHUNKS_FORMAT, log: LOG_VERSION, catalog: MIGRATIONS.at(-1)!.name }
    return { program: programVersion, takenAt, formats, points: pointCount }
  })
  const files = (await blobs.list()).map(({ name, path, sizeBytes }) => ({
    name: `${BLOBS_NAME}/${name}`,
    path,
    bytes: sizeBytes,
    isSettled: true,
  }))
  return { ...moment, size: await copier.call('hold', files) }
}

/** @throws {InvalidError} what is to be written does not fit. */
async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  if (freeBytes >= bytes) return
  const [needed, free] = [bytes, freeBytes].map((bytes) => `${Math.ceil(bytes / 1e6)} MB`)
  throw InvalidError.field('path', `The backup needs about ${needed}, and ${free} are free there.`)
}
