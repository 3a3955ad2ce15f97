/**
 * The embedded points store: a commit log, two heads in memory and compressed chunks in SQLite.
 *
 * A batch is durable in the log and in the active head before it is acknowledged. A full or old head is
 * frozen and flushed into chunks while the other one takes over; then its part of the log is cut. Opening
 * replays what the log still holds. `docs/internals/chunk-format.md` describes the files.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { TooLargeError, UnavailableError } from '../../errors.ts'
import { type Clock, systemClock } from '../../model/clock.ts'
import type { PointBatch } from '../../model/point-batch.ts'
import { BucketFinder, CellBuilder } from '../aggregate-cells.ts'
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
import { type ChunkDatabase, openChunkDatabase } from './chunk-database.ts'
import { ChunkReader } from './chunk-reader.ts'
import { CommitLog, diskFiles, type SegmentFiles, type TornTail } from './commit-log.ts'
import { CommitQueue } from './commit-queue.ts'
import { deletePoints, type Remains } from './delete-points.ts'
import { flushHead } from './flush.ts'
import { Head } from './head.ts'
import { RecordWriter } from './log-record.ts'
import { mergeStep } from './merge.ts'
import { partOf } from './parts.ts'
import { StreamStates } from './stream-states.ts'
import { SummaryCache } from './summary-cache.ts'

export interface ChunkStoreOptions {
  /** Folder of the log and the database; created when missing. */
  readonly folder: string
  /** Points that one head holds; two of them lie in memory at most, 20 bytes a point. */
  readonly headPointsMax?: number
  readonly batchPointsMax?: number
  readonly groupPointsMax?: number
  readonly queuedPointsMax?: number
  /** Memory for the summaries of chunks that queries have asked for. */
  readonly summaryBytesMax?: number
  /** How often finished slices are looked through for chunks to merge. */
  readonly mergeEveryMs?: number
  /** A slice is finished once it ended so long ago; points that come later are merged as well, just later. */
  readonly mergeAfterMs?: number
  readonly clock?: Clock
  /** A head older than this is flushed, so that the log stays short. */
  readonly headAgeMsMax?: number
  /** Hears of what a replay found behind the last whole record. */
  readonly onTornTail?: (tail: TornTail) => void
  /** Hears of a flush that failed; the head stays in memory and the next flush tries again. */
  readonly onFlushFailure?: (error: unknown) => void
  /** Where segments are written; tests put in files that fail. */
  readonly files?: SegmentFiles
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
  clock: systemClock,
  onTornTail: () => {},
  onFlushFailure: () => {},
  files: diskFiles,
} as const

/** 2 MiB. */
const VACUUM_PAGES = 256

export class ChunkStore implements PointStore {
  #options: Required<ChunkStoreOptions>
  #database: ChunkDatabase
  #log: CommitLog
  #summaries: SummaryCache
  #queue: CommitQueue
  #partUs: number
  #parts: Set<number>
  #sortedParts: number[] = []
  #states = new StreamStates()
  #records = new RecordWriter()
  #active: Head
  #frozen: Head | undefined
  #flushing: Promise<void> | undefined
  #settledPoints: number
  #ageTimer: NodeJS.Timeout
  #mergeTimer: NodeJS.Timeout
  #merging: Promise<void> | undefined
  /** Counts changes of chunks by anything but a merge, so that a merge notices them. */
  #changeCount = 0
  #isClosing = false

  private constructor(options: Required<ChunkStoreOptions>, database: ChunkDatabase, log: CommitLog) {
    const meta = database.meta()
    this.#options = options
    this.#database = database
    this.#summaries = new SummaryCache(database, options.summaryBytesMax)
    this.#log = log
    this.#queue = new CommitQueue(options, (batches) => this.#commit(batches))
    this.#partUs = meta.partUs
    this.#settledPoints = meta.pointCount
    this.#parts = new Set(database.parts())
    this.#sortedParts = [...this.#parts]
    this.#active = new Head(meta.flushedGeneration + 1, options.headPointsMax)
    this.#ageTimer = setInterval(() => void this.#flushOld(), options.headAgeMsMax).unref()
    this.#mergeTimer = setInterval(() => void this.merge(), options.mergeEveryMs).unref()
    for (const row of database.streams()) {
      this.#states.set(row.streamId, { ...row, last: row.lastText ?? row.last })
    }
  }

  /**
   * Opens the store and replays its log: afterwards it holds every acknowledged point.
   * @throws {UnavailableError} the files were written by a newer version.
   */
  static async open(options: ChunkStoreOptions): Promise<ChunkStore> {
    await mkdir(options.folder, { recursive: true })
    const all = { ...DEFAULTS, ...options }
    const database = openChunkDatabase(join(all.folder, 'chunks.db'))
    const store = new ChunkStore(
      all,
      database,
      await CommitLog.open(join(all.folder, 'log'), { files: all.files }),
    )
    await store.#replay(database.meta().flushedGeneration)
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

  async readRange(streamId: number, range: ReadRange): Promise<PointColumns> {
    return this.#reader().read(streamId, range)
  }

  async aggregate(request: AggregateRequest): Promise<AggregateCells> {
    const finder = new BucketFinder(request.edgesUs)
    const cells = new CellBuilder(request.groupCount * finder.bucketCount)
    this.#reader().aggregate(request, finder, cells)
    return cells
  }

  async latest(streamIds: Uint32Array): Promise<LatestColumns> {
    const timesUs = new Float64Array(streamIds.length)
    const values = new Float64Array(streamIds.length).fill(Number.NaN)
    const texts = new Map<number, string>()
    streamIds.forEach((streamId, i) => {
      timesUs[i] = this.#states.lastUs(streamId)
      if (Number.isNaN(timesUs[i])) return
      const last = this.#states.last(streamId)
      if (typeof last === 'string') texts.set(i, last)
      else values[i] = last
    })
    return texts.size === 0 ? { timesUs, values } : { timesUs, values, texts }
  }

  async extent(streamIds: Uint32Array): Promise<{ firstUs: number; lastUs: number } | undefined> {
    let firstUs = Number.POSITIVE_INFINITY
    let lastUs = Number.NEGATIVE_INFINITY
    for (const streamId of streamIds) {
      if (Number.isNaN(this.#states.lastUs(streamId))) continue
      firstUs = Math.min(firstUs, this.#states.firstUs(streamId))
      lastUs = Math.max(lastUs, this.#states.lastUs(streamId))
    }
    return firstUs <= lastUs ? { firstUs, lastUs } : undefined
  }

  deleteRange(streamIds: Uint32Array, range: TimeRange): Promise<number> {
    return this.#queue.exclusive(async () => {
      // With everything in chunks there is one place to delete from, and no log record to replay.
      await this.#flushAll()
      return this.#deleteSettled(new Set(streamIds), range)
    })
  }

  async stats(): Promise<StoreStats> {
    const reason = this.#queue.stoppedReason
    return {
      pointCount: this.#settledPoints + this.#active.pointCount + (this.#frozen?.pointCount ?? 0),
      streamCount: this.#states.streamCount,
      diskBytes: this.#database.sizeBytes() + this.#log.diskBytes,
      acceptsWrites: reason === undefined,
      ...(reason === undefined ? {} : { stoppedReason: reason }),
    }
  }

  async flush(): Promise<void> {
    await this.#queue.exclusive(() => this.#flushAll())
  }

  /**
   * Merges the chunks of finished slices, in the background; resolves when nothing is left to merge, or
   * the store is closing. What a failed merge leaves is whole; the next one goes on with it.
   */
  async merge(): Promise<void> {
    this.#merging ??= this.#mergeFinished()
      .catch((error) => this.#options.onFlushFailure(error))
      .finally(() => {
        this.#merging = undefined
      })
    await this.#merging
  }

  /** The log keeps what is not in chunks yet; the next open replays it. */
  async close(): Promise<void> {
    clearInterval(this.#ageTimer)
    clearInterval(this.#mergeTimer)
    this.#isClosing = true
    await this.#merging
    this.#queue.stop('The points store is closed')
    await this.#queue.drained()
    await this.#flushing?.catch(() => {})
    await this.#log.close()
    this.#database.close()
  }

  #reader(): ChunkReader {
    const heads = this.#frozen ? [this.#frozen, this.#active] : [this.#active]
    return new ChunkReader({ ...this.#settled(), parts: this.#sortedParts, heads })
  }

  #settled() {
    return { database: this.#database, summaries: this.#summaries, partUs: this.#partUs }
  }

  /** Makes one group durable, then visible. */
  async #commit(batches: readonly PointBatch[]): Promise<void> {
    const count = batches.reduce((sum, batch) => sum + batch.timesUs.length, 0)
    if (this.#active.pointCount > 0 && !this.#active.hasRoomFor(count)) await this.#freeze()
    await this.#log.append(this.#records.encode(batches))
    for (const batch of batches) {
      this.#active.append(batch)
      this.#states.apply(batch)
    }
  }

  /** Puts a new head in place of the full one, which is flushed in the background. */
  async #freeze(): Promise<void> {
    // Two full heads are the most that memory has room for: writers wait here for the disk.
    await this.#flushFrozen()
    const next = new Head(this.#active.generation + 1, this.#options.headPointsMax)
    await this.#log.begin(next.generation)
    this.#frozen = this.#active
    this.#active = next
    this.#flushFrozen().catch((error) => this.#options.onFlushFailure(error))
  }

  /** Resolves when no head is frozen any more; one whose flush failed before is tried again. */
  async #flushFrozen(): Promise<void> {
    await this.#flushing?.catch(() => {})
    if (!this.#frozen) return
    this.#flushing = this.#settleHead(this.#frozen).finally(() => {
      this.#flushing = undefined
    })
    await this.#flushing
  }

  async #settleHead(head: Head): Promise<void> {
    const parts = await flushHead({ ...this.#settled(), parts: this.#parts, states: this.#states }, head)
    // No turn of the event loop between the commit and here: a reader sees the head or its chunks, never both.
    this.#frozen = undefined
    this.#changeCount++
    this.#setParts(parts)
    this.#settledPoints = this.#database.meta().pointCount
    await this.#log.cut(head.generation)
  }

  /** For a caller that has the store to itself. */
  async #flushAll(): Promise<void> {
    if (this.#active.pointCount > 0) await this.#freeze()
    await this.#flushFrozen()
  }

  async #flushOld(): Promise<void> {
    if (this.#active.pointCount === 0 || this.#queue.stoppedReason) return
    await this.flush().catch((error) => this.#options.onFlushFailure(error))
  }

  async #mergeFinished(): Promise<void> {
    const { clock, mergeAfterMs } = this.#options
    const endUs = clock.nowUs() - mergeAfterMs * 1_000
    for (const part of this.#database.unmergedParts(partOf(endUs, this.#partUs))) {
      const changeCount = this.#changeCount
      let streamId: number | undefined = 0
      while (streamId !== undefined && !this.#isClosing) {
        // A flush keeps its transaction open over many turns of the event loop.
        await this.#flushing?.catch(() => {})
        if (this.#flushing) continue
        streamId = mergeStep(this.#settled(), part, streamId)
        await nextTurn()
      }
      if (this.#isClosing) return
      this.#settledPoints = this.#database.meta().pointCount
      if (changeCount === this.#changeCount && !this.#flushing) this.#database.setMerged(part)
    }
    await this.#giveBackSpace()
  }

  /** What merges and deletes have left unused goes back to the disk, a few megabytes at a time. */
  async #giveBackSpace(): Promise<void> {
    let left = 1
    while (left > 0 && !this.#isClosing) {
      await this.#flushing?.catch(() => {})
      if (this.#flushing) continue
      left = this.#database.giveBackPages(VACUUM_PAGES)
      await nextTurn()
    }
  }

  async #replay(flushedGeneration: number): Promise<void> {
    await this.#log.cut(flushedGeneration)
    for (const generation of await this.#log.generations()) {
      // Of several generations all but the last were frozen: their heads go to chunks right away.
      await this.#flushReplayed()
      this.#active = new Head(generation, this.#options.headPointsMax)
      const torn = await this.#log.replay(generation, (batch) => {
        this.#active.append(batch)
        this.#states.apply(batch)
      })
      torn.forEach(this.#options.onTornTail)
    }
    await this.#log.begin(this.#active.generation)
  }

  async #flushReplayed(): Promise<void> {
    if (this.#active.pointCount === 0) return
    this.#frozen = this.#active
    await this.#flushFrozen()
  }

  #deleteSettled(streamIds: ReadonlySet<number>, range: TimeRange): number {
    const context = { ...this.#settled(), parts: this.#parts }
    const left = new Map<number, Remains>()
    let count = 0
    this.#database.begin()
    try {
      for (const streamId of streamIds) {
        const { deletedCount, remains } = deletePoints(context, streamId, range)
        count += deletedCount
        left.set(streamId, remains)
      }
      this.#database.commit()
    } catch (error) {
      this.#database.rollback()
      this.#summaries.clear()
      throw new UnavailableError('The points could not be deleted; nothing was changed', { cause: error })
    }
    for (const [streamId, remains] of left) this.#states.set(streamId, remains)
    this.#changeCount++
    this.#settledPoints = this.#database.meta().pointCount
    return count
  }

  #setParts(parts: Set<number>): void {
    this.#parts = parts
    this.#sortedParts = [...parts].sort((a, b) => a - b)
  }
}
