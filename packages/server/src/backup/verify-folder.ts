/** Looks whether a data folder at rest, or a backup, is whole. Nothing in it is changed. */
import { access, open, readdir, rm, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { listNamedBlobs } from '../catalog/blob-references.ts'
import { MIGRATIONS } from '../catalog/migrate.ts'
import { catalogProblems, openSqliteReadOnly } from '../catalog/open-sqlite.ts'
import { listStreamIds } from '../catalog/streams.ts'
import { ConflictError, InvalidError, UnavailableError } from '../errors.ts'
import { type FolderLock, lockFolder } from '../folder-lock.ts'
import { Check, type CheckResult } from '../points/chunk/check.ts'
import { type ChunkFindings, verifyChunks } from '../points/chunk/verify-chunks.ts'
import { verifyLog } from '../points/chunk/verify-log.ts'
import { hashFile } from './hash-file.ts'
import {
  type BackupFile,
  BLOBS_NAME,
  CATALOG_NAME,
  CHUNKS_NAME,
  MANIFEST_NAME,
  readManifest,
} from './manifest.ts'

export interface VerifyRequest {
  readonly folder: string
  /** Hears of each check when it is over. */
  readonly onCheck: (check: CheckResult) => void
  readonly onProgress: (progress: { doneBytes: number; totalBytes: number }) => void
}

export interface Verification {
  readonly folder: string
  readonly kind: 'backup' | 'data folder'
  readonly isWhole: boolean
  readonly checks: readonly CheckResult[]
}

/**
 * @throws {InvalidError} the folder is neither.
 * @throws {ConflictError} a server runs on it.
 * @throws {UnavailableError} something was written by another version, or cannot be read at all.
 */
export async function verifyFolder({ folder, onCheck, onProgress }: VerifyRequest): Promise<Verification> {
  const manifest = await readManifest(folder)
  if (manifest === undefined && !(await exists(join(folder, CATALOG_NAME)))) {
    throw new InvalidError(
      `${folder} is neither a data folder nor a whole backup: it has no ${CATALOG_NAME}, or no ${MANIFEST_NAME}`,
    )
  }
  const checks: CheckResult[] = []
  const progress = { doneBytes: 0, totalBytes: await sizeOf(folder) }
  const verifier = new FolderVerifier(folder, {
    onCheck(check) {
      checks.push(check)
      onCheck(check)
    },
    onBytes(count) {
      progress.doneBytes += count
      onProgress(progress)
    },
  })
  if (manifest === undefined) await atRest(folder, () => verifier.run())
  else {
    // Files that are not as they were say all: what they contain need not make sense.
    progress.totalBytes *= 2
    if (await verifier.checkFiles(manifest.files)) await verifier.run()
  }
  const isWhole = checks.every(({ problemCount }) => problemCount === 0)
  return { folder, kind: manifest ? 'backup' : 'data folder', isWhole, checks }
}

interface VerifierOptions {
  onCheck(check: Check): void
  onBytes(count: number): void
}

class FolderVerifier {
  readonly #folder: string
  readonly #options: VerifierOptions

  constructor(folder: string, options: VerifierOptions) {
    this.#folder = folder
    this.#options = options
  }

  /** Whether all files of a backup are as they were. */
  async checkFiles(files: readonly BackupFile[]): Promise<boolean> {
    const check = new Check('files')
    for (const file of files) {
      check.count('files')
      check.count('bytes', file.bytes)
      const problem = await this.#problemOf(file)
      if (problem !== undefined) check.problem(`${file.name} ${problem}`)
    }
    const listed = new Set([MANIFEST_NAME, ...files.map(({ name }) => name)])
    for (const name of await filesIn(this.#folder)) {
      if (!listed.has(name)) check.note(`${name} is not part of the backup`)
    }
    this.#options.onCheck(check)
    return check.problemCount === 0
  }

  async run(): Promise<void> {
    const { streamIds: known, blobs } = await this.#checkCatalog()
    await this.#checkBlobs(blobs)
    const found = await verifyChunks(join(this.#folder, CHUNKS_NAME), this.#options)
    await this.#checkLog(found, known)
  }

  async #problemOf({ name, bytes, sha256 }: BackupFile): Promise<string | undefined> {
    const file = await open(join(this.#folder, name)).catch(() => undefined)
    if (file === undefined) return 'is missing'
    try {
      const { size } = await file.stat()
      if (size !== bytes) return `has ${size} bytes, and should have ${bytes}`
      const hash = await hashFile(file, { bytes, onBytes: this.#options.onBytes })
      return hash === sha256 ? undefined : 'has other bytes than it should have'
    } finally {
      await file.close()
    }
  }

  /** Answers the numbers of all streams, and the hashes of all blobs that it names. */
  async #checkCatalog(): Promise<{ streamIds: ReadonlySet<number>; blobs: ReadonlySet<string> }> {
    const check = new Check('catalog')
    const catalog = openSqliteReadOnly(join(this.#folder, CATALOG_NAME))
    try {
      for (const text of await catalogProblems(catalog)) check.problem(text)
      const steps = await catalog.selectFrom('migrations').select(['name', 'program_version']).execute()
      const foreign = steps.find(({ name }) => !MIGRATIONS.some((known) => known.name === name))
      if (foreign)
        throw new UnavailableError(`Sonde ${foreign.program_version} wrote the catalog. Use that one`)
      const streamIds = new Set(await listStreamIds(catalog))
      check.count('streams', streamIds.size)
      return { streamIds, blobs: await listNamedBlobs(catalog) }
    } catch (error) {
      if (error instanceof UnavailableError) throw error
      check.problem((error as Error).message)
      return { streamIds: new Set(), blobs: new Set() }
    } finally {
      await catalog.destroy()
      this.#options.onCheck(check)
    }
  }

  /** A blob is whole when its bytes have the hash that is its name. */
  async #checkBlobs(named: ReadonlySet<string>): Promise<void> {
    const check = new Check('blobs')
    check.count('blobs', named.size)
    check.count('bytes', 0)
    for (const sha256 of [...named].sort()) {
      const name = `${BLOBS_NAME}/${sha256.slice(0, 2)}/${sha256}`
      const found = await stat(join(this.#folder, name)).catch(() => undefined)
      check.count('bytes', found?.size ?? 0)
      const problem = await this.#problemOf({ name, bytes: found?.size ?? 0, sha256 })
      if (problem !== undefined) check.problem(`${name} ${problem}`)
    }
    this.#options.onCheck(check)
  }

  async #checkLog(
    { flushedGeneration, streamIds }: ChunkFindings,
    known: ReadonlySet<number>,
  ): Promise<void> {
    const { onBytes, onCheck } = this.#options
    const check = new Check('log')
    try {
      const options = { check, flushedGeneration, onBytes }
      const inLog = await verifyLog(join(this.#folder, 'points/log'), options)
      const strangers = [...new Set([...streamIds, ...inLog])].filter((streamId) => !known.has(streamId))
      if (strangers.length > 0) {
        const listed = strangers.slice(0, 10).join(', ')
        check.note(`${strangers.length} streams have points and are not in the catalog: ${listed}`)
      }
    } catch (error) {
      if (error instanceof UnavailableError) throw error
      check.problem((error as Error).message)
    }
    onCheck(check)
  }
}

/** Runs `look` while no server can start, and takes away the files that SQLite makes to read. */
async function atRest(folder: string, look: () => Promise<void>): Promise<void> {
  const lock = await lockAtRest(folder)
  const sideFiles = [CATALOG_NAME, CHUNKS_NAME].flatMap((name) =>
    ['-wal', '-shm'].map((end) => join(folder, `${name}${end}`)),
  )
  const found = new Set<string>()
  for (const path of sideFiles) if (await exists(path)) found.add(path)
  try {
    await look()
  } finally {
    for (const path of sideFiles) if (!found.has(path)) await rm(path, { force: true })
    lock.release()
  }
}

async function lockAtRest(folder: string): Promise<FolderLock> {
  try {
    return await lockFolder(folder)
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    throw new ConflictError(`A Sonde runs on ${folder}. Stop it, or make a backup and verify that`, {
      cause: error,
    })
  }
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0
  for (const name of await filesIn(folder)) bytes += (await stat(join(folder, name))).size
  return bytes
}

/** Paths within the folder, with slashes. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort()
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
