/**
 * The append-only log that makes an acknowledged point durable. It is a folder of segment files, named
 * `<generation>-<number>.log`: a generation is the life of one head, and all of its segments go when that
 * head is in committed chunks. A segment is a 16-byte header and records (`log-record.ts`).
 *
 * Replay reads a segment up to the first record that is torn or damaged; what lies behind it there was
 * never acknowledged, unless the disk itself lost it, and is reported.
 */
import { writeSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UnavailableError } from '../../errors.ts'
import type { PointBatch } from '../../model/point-batch.ts'
import { syncFolder } from '../../sync-folder.ts'
import { decodeRecord } from './log-record.ts'

const HEADER_BYTES = 16
const MAGIC = 'SondeLog'
export const LOG_VERSION = 1
/** A long generation is cut into files of about this size, so that none is too long to read at once. */
const SEGMENT_BYTES_MAX = 128 * 1024 * 1024

/** Copying so much into the page cache takes less time than waking up another thread for it. */
const AT_ONCE_BYTES_MAX = 32 * 1024

/** An open segment. Tests put one in that fails; everything else uses `diskFiles`. */
export interface SegmentFile {
  /** Appends all bytes, or throws. */
  append(bytes: Uint8Array): Promise<void>
  /** Resolves once everything appended is on the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}

export interface SegmentFiles {
  create(path: string): Promise<SegmentFile>
}

export interface CommitLogOptions {
  readonly files?: SegmentFiles
  /** A generation that is longer goes on in another file. */
  readonly segmentBytesMax?: number
}

/** What a replay found behind the last whole record of a segment. */
export interface TornTail {
  readonly file: string
  readonly bytes: number
}

export interface Segment {
  readonly generation: number
  readonly number: number
  readonly path: string
}

/** How far a segment reaches: what lies behind was not acknowledged yet. */
export interface SegmentExtent {
  readonly path: string
  readonly bytes: number
}

export class CommitLog {
  #folder: string
  #files: SegmentFiles
  #segmentBytesMax: number
  #current: { segment: Segment; file: SegmentFile; bytes: number } | undefined
  #settledBytes = 0
  /** Ends with the last cut or hold that was asked for. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(folder: string, { files, segmentBytesMax }: Required<CommitLogOptions>) {
    this.#folder = folder
    this.#files = files
    this.#segmentBytesMax = segmentBytesMax
  }

  static async open(folder: string, options: CommitLogOptions = {}): Promise<CommitLog> {
    await mkdir(folder, { recursive: true })
    return new CommitLog(folder, { files: diskFiles, segmentBytesMax: SEGMENT_BYTES_MAX, ...options })
  }

  /** Bytes in segments that are still needed. */
  get diskBytes(): number {
    return this.#settledBytes + (this.#current?.bytes ?? 0)
  }

  /** Generations that have segments, ascending. */
  async generations(): Promise<number[]> {
    return [...new Set((await listSegments(this.#folder)).map((segment) => segment.generation))]
  }

  /**
   * Hands every whole record of a generation to `apply`, in the order of writing.
   * @throws {UnavailableError} a segment was written by a newer version.
   */
  async replay(generation: number, apply: (batch: PointBatch) => void): Promise<TornTail[]> {
    const torn: TornTail[] = []
    for (const segment of await listSegments(this.#folder)) {
      if (segment.generation !== generation) continue
      const bytes = aligned(await readFile(segment.path))
      let offset = readHeader(bytes, segment.path)
      while (offset !== undefined && offset < bytes.length) {
        const record = decodeRecord(bytes, offset)
        if (!record) break
        apply(record.batch)
        offset = record.nextOffset
      }
      if ((offset ?? 0) < bytes.length) torn.push({ file: segment.path, bytes: bytes.length - (offset ?? 0) })
      this.#settledBytes += bytes.length
    }
    return torn
  }

  /** Begins a generation, or goes on with it in a new segment. */
  async begin(generation: number): Promise<void> {
    const numbers = (await listSegments(this.#folder))
      .filter((segment) => segment.generation === generation)
      .map((segment) => segment.number)
    await this.#roll(generation, Math.max(0, ...numbers) + 1)
  }

  /** Appends one record; it is durable when this resolves. */
  async append(record: Uint8Array): Promise<void> {
    if (!this.#current || this.#current.bytes + record.length > this.#segmentBytesMax) await this.#next()
    const current = this.#current!
    await current.file.append(record)
    await current.file.sync()
    current.bytes += record.length
  }

  /** Removes all segments up to and with `generation`: their points are in committed chunks. */
  cut(generation: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#settledBytes = 0
      for (const segment of await listSegments(this.#folder)) {
        if (segment.generation <= generation) await rm(segment.path, { force: true })
        else if (segment.path !== this.#current?.segment.path)
          this.#settledBytes += (await stat(segment.path)).size
      }
    })
  }

  /** Runs `look` with all segments that there are; none of them is removed before it is done. */
  hold<T>(look: (segments: readonly SegmentExtent[]) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      const segments: SegmentExtent[] = []
      for (const { path } of await listSegments(this.#folder)) {
        const isCurrent = path === this.#current?.segment.path
        segments.push({ path, bytes: isCurrent ? this.#current!.bytes : (await stat(path)).size })
      }
      return look(segments)
    })
  }

  async close(): Promise<void> {
    await this.#current?.file.close()
    this.#current = undefined
  }

  async #next(): Promise<void> {
    const segment = this.#current?.segment
    if (!segment) throw new UnavailableError('The commit log is closed')
    await this.#roll(segment.generation, segment.number + 1)
  }

  async #roll(generation: number, number: number): Promise<void> {
    const name = `${String(generation).padStart(10, '0')}-${String(number).padStart(6, '0')}.log`
    const path = join(this.#folder, name)
    const file = await this.#files.create(path)
    await file.append(writeHeader())
    await file.sync()
    await syncFolder(this.#folder)
    if (this.#current) {
      this.#settledBytes += this.#current.bytes
      await this.#current.file.close()
    }
    this.#current = { segment: { generation, number, path }, file, bytes: HEADER_BYTES }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }
}

/** The segments of a log, in the order of writing. */
export async function listSegments(folder: string): Promise<Segment[]> {
  const segments = []
  for (const name of (await readdir(folder)).sort()) {
    const match = /^(\d{10})-(\d{6})\.log$/.exec(name)
    if (!match) continue
    segments.push({ generation: Number(match[1]), number: Number(match[2]), path: join(folder, name) })
  }
  return segments
}

/** Records are read in place as columns of 8-byte numbers. */
export function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes)
}

function writeHeader(): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  new TextEncoder().encodeInto(MAGIC, header)
  header[8] = LOG_VERSION
  return header
}

/** Offset of the first record; undefined when the segment was never finished. */
export function readHeader(bytes: Uint8Array, path: string): number | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  if (new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC) return undefined
  if (bytes[8] === LOG_VERSION) return HEADER_BYTES
  throw new UnavailableError(
    `${path} has log version ${bytes[8]}; this program knows ${LOG_VERSION}. Start the newer one`,
  )
}

export const diskFiles: SegmentFiles = {
  async create(path) {
    const handle = await open(path, 'wx')
    return {
      async append(bytes) {
        if (bytes.length <= AT_ONCE_BYTES_MAX) {
          let done = 0
          while (done < bytes.length) done += writeSync(handle.fd, bytes, done, bytes.length - done)
          return
        }
        for (let done = 0; done < bytes.length; ) {
          done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten
        }
      },
      sync: () => handle.datasync(),
      close: () => handle.close(),
    }
  },
}
