/**
 * The embedded points store: a commit log, two heads in memory and compressed chunks in SQLite.
 *
 * A batch is durable in the log and in the active head before it is acknowledged. A full or old head is
 * frozen and flushed into chunks while the other one takes over; then its part of the log is cut. Opening
 * replays what the log still holds. `docs/internals/chunk-format.md` describes the files.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { TooLargeError } from '../../errors.ts'
import { type Clock, systemClock } from '../../model/clock.ts'
import type { PointBatch } from '../../model/point-batch.ts'
import { US_PER_MS } from '../../model/time.ts'
import type {
  AggregateCells,
  AggregateRequest,
  LatestColumns,
  PointColumns,
  PointStore,
  ReadRange,
  StoreStats,
  TimeRange,
} from '../point-store.ts'
import { type Meta, openChunkDatabase } from './chunk-database.ts'
import { CommitLog, diskFiles, type SegmentExtent, type SegmentFiles, type TornTail } from './commit-log.ts'
import { CommitQueue } from './commit-queue.ts'
import type { Head } from './head.ts'
import { Heads } from './heads.ts'
import { RecordWriter } from './log-record.ts'
import { Merger } from './merger.ts'
import { partOf } from './parts.ts'
import { Readers } from './readers.ts'
import { openSettler, type SettlerCalls } from './settler.ts'
import { forEachStream } from './stream-blocks.ts'
import { StreamStates } from './stream-states.ts'
import { type Callee, CallsHere, CallThread } from './thread-calls.ts'

export interface ChunkStoreOptions {
  /** Folder of the log and the database; created when missing. */
  readonly folder: string
  /** Points that one head holds; two of them lie in memory at most, 24 bytes a point. */
  readonly headPointsMax?: number
  readonly batchPointsMax?: number
  readonly groupPointsMax?: number
  readonly queuedPointsMax?: number
  /** Memory for the summaries of chunks that queries have asked for. */
  readonly summaryBytesMax?: number
  /** How often finished slices are looked through for chunks to merge, and for those that have expired. */
  readonly mergeEveryMs?: number
  /** A slice is finished once it ended so long ago; points that come later are merged as well, just later. */
  readonly mergeAfterMs?: number
  /** Slices all of whose points are older are dropped; nothing is when it is left out. */
  readonly retentionMs?: number | undefined
  /** Streams from which on an aggregate keeps summaries of heads, in place of reading their points. */
  readonly wideStreamsMin?: number
  /** How long a read may hold its caller's thread; with 0 all reads of points are made in other threads. */
  readonly heldMsMax?: number
  /** False: chunks are written in the caller's thread, for tests and short work. */
  readonly hasThreads?: boolean
  readonly clock?: Clock
  /** A head older than this is flushed, so that the log stays short. */
  readonly headAgeMsMax?: number
  /** Hears of what a replay found behind the last whole record. */
  readonly onTornTail?: (tail: TornTail) => void
  /** Hears once of the failed write or fdatasync after which no points are taken any more. */
  readonly onIntakeStopped?: (error: unknown) => void
  /** Hears of a flush, merge or drop that failed; what it was about stays as it is, and the next one tries again. */
  readonly onSettleFailure?: (error: unknown) => void
  /** Where segments are written; tests put in files that fail. */
  readonly files?: SegmentFiles
}

/** Where the store is on the disk, at one moment. */
export interface StoreFiles {
  readonly databasePath: string
  /** All segments of the log; those that the database has already go unread at the next open. */
  readonly segments: readonly SegmentExtent[]
  /** As `stats` counts them. */
  readonly pointCount: number
}

const DEFAULTS = {
  headPointsMax: 2_000_000,
  batchPointsMax: 1_000_000,
  groupPointsMax: 100_000,
  queuedPointsMax: 4_000_000,
  summaryBytesMax: 64 * 1024 * 1024,
  headAgeMsMax: 60 * 60 * 1_000,
  mergeEveryMs: 60 * 1_000,
  mergeAfterMs: 60 * 60 * 1_000,
  retentionMs: undefined,
  wideStreamsMin: 64,
  heldMsMax: 10,
  hasThreads: true,
  clock: systemClock,
  onTornTail: () => {},
  onIntakeStopped: () => {},
  onSettleFailure: () => {},
  files: diskFiles,
} as const

type AllOptions = Required<ChunkStoreOptions>

export class ChunkStore implements PointStore {
  #options: AllOptions
  #log: CommitLog
  #settler: Callee<SettlerCalls>
  #readers: Readers
  #queue: CommitQueue
  #merger: Merger
  #partUs: number
  #heads: Heads
  #states: StreamStates
  #records = new RecordWriter()
  #flushing: Promise<void> | undefined
  #settledPoints: number
  #timers: readonly NodeJS.Timeout[]

  private constructor(options: AllOptions, log: CommitLog, { meta, states }: Opened) {
    const { folder, headPointsMax, summaryBytesMax, wideStreamsMin, heldMsMax, headAgeMsMax, mergeEveryMs } =
      options
    const path = databasePath(folder)
    this.#options = options
    this.#log = log
    this.#settler = options.hasThreads
      ? new CallThread<SettlerCalls>(new URL('./settler-thread.ts', import.meta.url), { path })
      : new CallsHere(() => openSettler({ path }))
    this.#heads = new Heads(meta.flushedGeneration + 1, headPointsMax)
    this.#readers = new Readers(this.#heads, { path, summaryBytesMax, wideStreamsMin, heldMsMax })
    this.#queue = new CommitQueue(options, (batches) => this.#commit(batches), options.onIntakeStopped)
    this.#merger = new Merger({
      settler: this.#settler,
      finishedBefore: () => partOf(this.#beforeUs(options.mergeAfterMs), this.#partUs),
      onStep: (pointCount) => {
        this.#settledPoints = pointCount
      },
    })
    this.#partUs = meta.partUs
    this.#settledPoints = meta.pointCount
    this.#states = states
    this.#timers = [
      setInterval(() => void this.#flushOld(), headAgeMsMax).unref(),
      setInterval(() => void this.#tidy(), mergeEveryMs).unref(),
    ]
  }

  /**
   * Opens the store and replays its log: afterwards it holds every acknowledged point.
   * @throws {UnavailableError} the files were written by a newer version.
   */
  static async open(options: ChunkStoreOptions): Promise<ChunkStore> {
    await mkdir(options.folder, { recursive: true })
    const all = { ...DEFAULTS, ...options }
    const opened = openDatabase(databasePath(all.folder))
    const log = await CommitLog.open(join(all.folder, 'log'), { files: all.files })
    const store = new ChunkStore(all, log, opened)
    await store.#replay(opened.meta.flushedGeneration)
    return store
  }

  append(batch: PointBatch): Promise<void> {
    const { batchPointsMax } = this.#options
    const count = batch.timesUs.length
    if (count === 0) return Promise.resolve()
    if (count > batchPointsMax) {
      return Promise.reject(new TooLargeError(`${count} points at once; the limit is ${batchPointsMax}`))
    }
    return this.#queue.push(batch)
  }

  readRange(streamId: number, range: ReadRange): Promise<PointColumns> {
    return this.#readers.read(streamId, range)
  }

  aggregate(request: AggregateRequest): Promise<AggregateCells> {
    return this.#readers.aggregate(request)
  }

  latest(streamIds: Uint32Array): LatestColumns {
    return this.#states.latest(streamIds)
  }

  async extent(streamIds: Uint32Array): Promise<{ firstUs: number; lastUs: number } | undefined> {
    return this.#states.extent(streamIds)
  }

  deleteRange(streamIds: Uint32Array, range: TimeRange): Promise<number> {
    return this.#queue.exclusive(async () => {
      // With everything in chunks there is one place to delete from, and no log record to replay.
      await this.#flushAll()
      const { deletedCount, remains, pointCount } = await this.#settler.call('deleteRange', {
        streamIds,
        range,
      })
      for (const [streamId, left] of remains) this.#states.set(streamId, left)
      this.#settledPoints = pointCount
      return deletedCount
    })
  }

  async stats(): Promise<StoreStats> {
    const reason = this.#queue.stoppedReason
    return {
      pointCount: this.#settledPoints + this.#heads.pointCount,
      streamCount: this.#states.streamCount,
      diskBytes: this.#readers.sizeBytes() + this.#log.diskBytes,
      acceptsWrites: reason === undefined,
      ...(reason === undefined ? {} : { stoppedReason: reason }),
    }
  }

  async flush(): Promise<void> {
    await this.#queue.exclusive(() => this.#flushAll())
  }

  /**
   * Runs `look` between two groups of writes. The database as it is then, and the segments up to the given
   * lengths, together are what was acknowledged. None of these files goes away before `look` is done; what
   * wants to write or delete waits for it, so that it has to be short.
   */
  pause<T>(look: (files: StoreFiles) => Promise<T>): Promise<T> {
    return this.#queue.exclusive(() =>
      this.#log.hold((segments) =>
        look({
          databasePath: databasePath(this.#options.folder),
          segments,
          pointCount: this.#settledPoints + this.#heads.pointCount,
        }),
      ),
    )
  }

  /** Merges the chunks of finished slices; resolves when nothing is left to merge, or the store is closing. */
  async merge(): Promise<void> {
    await this.#merger.merge()
  }

  /**
   * Drops the slices all of whose points are older than `retentionMs`, and gives their space back.
   * @returns how many slices there were.
   */
  async dropExpired(): Promise<number> {
    const { retentionMs } = this.#options
    if (retentionMs === undefined) return 0
    const expired = await this.#settler.call('expiredParts', this.#beforeUs(retentionMs))
    for (const part of expired) {
      await this.#queue.exclusive(async () => {
        // Late points of the slice may be in a head.
        await this.#flushAll()
        const { streamIds, firstsUs, pointCount } = await this.#settler.call('dropPart', part)
        for (const [i, streamId] of streamIds.entries()) this.#states.setFirst(streamId, firstsUs[i])
        this.#settledPoints = pointCount
      })
    }
    if (expired.length > 0) await this.#merger.giveBackSpace()
    return expired.length
  }

  /** The log keeps what is not in chunks yet; the next open replays it. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#merger.close()
    this.#queue.stop('The points store is closed')
    await this.#queue.drained()
    await this.#flushing?.catch(() => {})
    await this.#log.close()
    await this.#settler.close()
    await this.#readers.close()
  }

  /** Makes one group durable, then visible. */
  async #commit(batches: readonly PointBatch[]): Promise<void> {
    const count = batches.reduce((sum, batch) => sum + batch.timesUs.length, 0)
    const { active } = this.#heads
    if (active.pointCount > 0 && !active.hasRoomFor(count)) await this.#freeze()
    await this.#log.append(this.#records.encode(batches))
    for (const batch of batches) {
      this.#heads.append(batch)
      this.#states.apply(batch)
    }
  }

  /** Puts a new head in place of the full one, which is flushed in the background. */
  async #freeze(): Promise<void> {
    // Two full heads are the most that memory has room for: writers wait here for the disk.
    await this.#flushFrozen()
    await this.#log.begin(this.#heads.active.generation + 1)
    this.#heads.freeze()
    this.#flushFrozen().catch(this.#options.onSettleFailure)
  }

  /** Resolves when no head is frozen any more; one whose flush failed before is tried again. */
  async #flushFrozen(): Promise<void> {
    await this.#flushing?.catch(() => {})
    const { frozen } = this.#heads
    if (!frozen) return
    this.#flushing = this.#settle(frozen).finally(() => {
      this.#flushing = undefined
    })
    await this.#flushing
  }

  async #settle(head: Head): Promise<void> {
    this.#settledPoints = await this.#settler.call('flush', head.memory())
    this.#heads.settled({ isRead: this.#readers.areReading })
    await this.#log.cut(head.generation)
  }

  /** For a caller that has the store to itself. */
  async #flushAll(): Promise<void> {
    if (this.#heads.active.pointCount > 0) await this.#freeze()
    await this.#flushFrozen()
  }

  async #flushOld(): Promise<void> {
    if (this.#heads.active.pointCount === 0 || this.#queue.stoppedReason) return
    await this.flush().catch(this.#options.onSettleFailure)
  }

  async #tidy(): Promise<void> {
    try {
      if (!this.#queue.stoppedReason) await this.dropExpired()
      await this.#merger.merge({ onlyQuiet: true })
    } catch (error) {
      this.#options.onSettleFailure(error)
    }
  }

  async #replay(flushedGeneration: number): Promise<void> {
    await this.#log.cut(flushedGeneration)
    for (const generation of await this.#log.generations()) {
      // Of several generations all but the last were frozen: their heads go to chunks right away.
      if (this.#heads.active.pointCount > 0) {
        this.#heads.freeze()
        await this.#flushFrozen()
      }
      this.#heads.begin(generation)
      const torn = await this.#log.replay(generation, (batch) => {
        this.#heads.append(batch)
        this.#states.apply(batch)
      })
      torn.forEach(this.#options.onTornTail)
    }
    await this.#log.begin(this.#heads.active.generation)
  }

  #beforeUs(ageMs: number): number {
    return this.#options.clock.nowUs() - ageMs * US_PER_MS
  }
}

interface Opened {
  readonly meta: Meta
  readonly states: StreamStates
}

function databasePath(folder: string): string {
  return join(folder, 'chunks.db')
}

/** Makes the database when there is none, and reads what the store has to know of it. */
function openDatabase(path: string): Opened {
  const database = openChunkDatabase(path)
  try {
    const states = new StreamStates()
    forEachStream(database, (streamId, facts) => states.set(streamId, facts))
    return { meta: database.meta(), states }
  } finally {
    database.close()
  }
}
