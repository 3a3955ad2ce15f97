/**
 * The way in for points: checks every row, finds its stream, and hands what is good to the points store.
 * A bad row is reported with its number and a reason, and never takes its neighbours or the request down.
 */
import { strict as assert } from 'node:assert'
import type { Limits } from '../config.ts'
import { TooLargeError } from '../errors.ts'
import type { PointBatch } from '../model/point-batch.ts'
import { TIME_US_MAX, TIME_US_MIN } from '../model/time.ts'
import { ALL_TIME, type PointStore, type TimeRange } from '../points/point-store.ts'
import { GatheredWrites, type Moment } from './gathered-writes.ts'
import {
  DISABLED_STREAM,
  type NameResolver,
  NO_STREAM,
  type ResolveScope,
  type SeriesName,
} from './name-resolver.ts'

/** Rows that know their series by name; the columns are parallel, `series` holds each pair of names once. */
export interface NamedBatch {
  readonly series: readonly SeriesName[]
  /** Per row, an index into `series`. */
  readonly seriesOf: Uint32Array
  readonly timesUs: Float64Array
  /** NaN where `texts` has the row. */
  readonly values: Float64Array
  readonly texts?: ReadonlyMap<number, string>
}

export interface Rejection {
  /** Row of the batch, from 0. */
  readonly row: number
  readonly reason: string
}

export interface IngestResult {
  readonly acceptedCount: number
  readonly rejectedCount: number
  /** The first of them, up to `rejectionsListedMax`. */
  readonly rejected: readonly Rejection[]
}

/** What became of names, by their position. */
export interface FoundStreams {
  /** `NO_STREAM` where there is none. */
  readonly streamIds: Uint32Array
  /** Why there is none. */
  readonly problems: ReadonlyMap<number, string>
}

/** Hears of points that have just become durable and visible; the columns are good during the call only. */
export type PointListener = (batch: PointBatch) => void

/** Is told which points are about to be deleted, and takes what belongs to them away. */
export type DeleteListener = (streamIds: Uint32Array, range: TimeRange) => Promise<void>

export class IngestService {
  #store: PointStore
  #resolver: NameResolver
  #limits: Limits
  #listeners = new Set<PointListener>()
  #deleteListeners = new Set<DeleteListener>()
  #gathered = new GatheredWrites((batch) => this.#appendGathered(batch))
  /** Since the start; shown at `/metrics`. */
  readonly totals = { accepted: 0, rejected: 0 }

  constructor(store: PointStore, resolver: NameResolver, limits: Limits) {
    this.#store = store
    this.#resolver = resolver
    this.#limits = limits
  }

  /** Calls `listener` with every stored batch from now on; returns the way to stop that. */
  listen(listener: PointListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Calls `listener` before every deletion of points from now on; a failure of it keeps the points. */
  beforeDelete(listener: DeleteListener): void {
    this.#deleteListeners.add(listener)
  }

  /**
   * Stores rows by the names of their devices and variables.
   * @throws {TooLargeError} more than `batchRowsMax` rows, or too many streams; nothing was stored.
   * @throws {OverloadedError} the store is behind; nothing was stored.
   */
  async writeNamed(scope: ResolveScope, batch: NamedBatch): Promise<IngestResult> {
    this.#checkSize(batch.timesUs.length)
    const { streamIds: ids, problems } = await this.findStreams(scope, batch.series)
    const streamIds = batch.seriesOf.map((series) => ids[series])
    return this.#write({ ...batch, streamIds }, (row) => problems.get(batch.seriesOf[row])!)
  }

  /** Changes when streams that `findStreams` has given may not be right any more. */
  get namesEpoch(): number {
    return this.#resolver.epoch
  }

  /**
   * The streams of these names, which are made when they are missing and the scope allows it.
   * @throws {TooLargeError} the project would get more streams than it may have.
   */
  async findStreams(scope: ResolveScope, series: readonly SeriesName[]): Promise<FoundStreams> {
    const problems = new Map<number, string>()
    for (const [i, name] of series.entries()) {
      const problem = this.#nameProblem(name)
      if (problem !== undefined) problems.set(i, problem)
    }
    const good = problems.size === 0 ? series : series.filter((_, i) => !problems.has(i))
    const found = (await this.#resolver.resolve(scope, good)).values()
    const streamIds = new Uint32Array(series.length)
    for (const [i, { device, variable }] of series.entries()) {
      if (problems.has(i)) continue
      const { value: id = NO_STREAM } = found.next()
      if (id === DISABLED_STREAM) {
        problems.set(i, `Stream "${variable}" of device "${device}" is disabled`)
      } else if (id === NO_STREAM) {
        const what = `There is no stream "${variable}" of device "${device}"`
        problems.set(i, `${what}, and the credential may not make one`)
      } else {
        streamIds[i] = id
      }
    }
    return { streamIds, problems }
  }

  /**
   * Stores rows whose streams are known.
   * @throws {TooLargeError} more than `batchRowsMax` rows; nothing was stored.
   * @throws {OverloadedError} the store is behind; nothing was stored.
   */
  async write(batch: PointBatch): Promise<IngestResult> {
    this.#checkSize(batch.timesUs.length)
    return this.#write(batch, () => 'There is no such stream, or it is disabled')
  }

  /**
   * Stores rows of which some have `NO_STREAM`, for the reason that `missing` gives.
   * @throws {TooLargeError} more than `batchRowsMax` rows; nothing was stored.
   * @throws {OverloadedError} the store is behind; nothing was stored.
   */
  async writeFound(batch: PointBatch, missing: (row: number) => string): Promise<IngestResult> {
    this.#checkSize(batch.timesUs.length)
    return this.#write(batch, missing)
  }

  /**
   * Stores rows that their parser has checked: every stream takes data, every time is a whole number of
   * microseconds within the safe integers, every value finite or a text that is not too long. Once this has
   * resolved, nobody looks at the columns any more.
   * @throws {OverloadedError} the store is behind; nothing was stored.
   */
  async writeChecked(batch: PointBatch): Promise<void> {
    await this.#append(batch)
    this.totals.accepted += batch.timesUs.length
  }

  /**
   * As `writeChecked`, for a few rows: they become part of one batch with what others write in this turn of the
   * event loop, and have been copied when this returns.
   */
  writeFew(batch: PointBatch): Promise<void> {
    return this.#gathered.add(batch)
  }

  /** As `writeFew`, for values that have one time. */
  writeMoment(moment: Moment): Promise<void> {
    return this.#gathered.addMoment(moment)
  }

  /** For rows that their parser could not read. */
  countRejected(rowCount: number): void {
    this.totals.rejected += rowCount
  }

  /**
   * Removes the points of a range, or all of them, with what belongs to them, durably; resolves to how many there
   * were. Not for use within a transaction of the catalog, which it would wait for: it changes the catalog itself.
   */
  async deletePoints(streamIds: Uint32Array, range: TimeRange = ALL_TIME): Promise<number> {
    for (const listener of this.#deleteListeners) await listener(streamIds, range)
    return this.deleteBarePoints(streamIds, range)
  }

  /** The same for streams whose points nothing in the catalog belongs to, such as those of an import. */
  deleteBarePoints(streamIds: Uint32Array, range: TimeRange = ALL_TIME): Promise<number> {
    return this.#store.deleteRange(streamIds, range)
  }

  /** Whether none of these streams has a point. */
  async isEmpty(streamIds: Uint32Array): Promise<boolean> {
    return (await this.#store.extent(streamIds)) === undefined
  }

  async #write(batch: PointBatch, missing: (row: number) => string): Promise<IngestResult> {
    const rowCount = batch.timesUs.length
    assert.equal(batch.values.length, rowCount)
    assert.equal(batch.streamIds.length, rowCount)
    const rejected: Rejection[] = []
    const kept = new Uint32Array(rowCount)
    let keptCount = 0
    for (let row = 0; row < rowCount; row++) {
      const takesData = batch.streamIds[row] !== NO_STREAM && batch.streamIds[row] !== DISABLED_STREAM
      const problem = takesData ? this.#rowProblem(batch, row) : missing(row)
      if (problem === undefined) kept[keptCount++] = row
      else if (rejected.length < this.#limits.rejectionsListedMax) rejected.push({ row, reason: problem })
    }
    const good = keptCount === rowCount ? batch : pickRows(batch, kept.subarray(0, keptCount))
    if (keptCount > 0) await this.#append(good)
    this.totals.accepted += keptCount
    this.totals.rejected += rowCount - keptCount
    return { acceptedCount: keptCount, rejectedCount: rowCount - keptCount, rejected }
  }

  #append(batch: PointBatch): Promise<void> {
    // Batches become visible in the order in which they came.
    this.#gathered.send()
    return this.#appendNow(batch)
  }

  async #appendGathered(batch: PointBatch): Promise<void> {
    await this.#appendNow(batch)
    this.totals.accepted += batch.timesUs.length
  }

  async #appendNow(batch: PointBatch): Promise<void> {
    await this.#store.append(batch)
    for (const listener of this.#listeners) listener(batch)
  }

  #checkSize(rowCount: number): void {
    const { batchRowsMax } = this.#limits
    if (rowCount > batchRowsMax) throw new TooLargeError(`${rowCount} rows; the limit is ${batchRowsMax}`)
  }

  #rowProblem({ timesUs, values, texts }: PointBatch, row: number): string | undefined {
    const timeUs = timesUs[row]
    if (!Number.isInteger(timeUs)) return 'The time is not a whole number of microseconds'
    if (timeUs < TIME_US_MIN || timeUs > TIME_US_MAX || !Number.isSafeInteger(timeUs)) {
      return 'The time is outside of what can be stored'
    }
    if (Number.isFinite(values[row])) return undefined
    const text = texts?.get(row)
    if (text === undefined) return 'The value is not a finite number'
    const { textBytesMax } = this.#limits
    return Buffer.byteLength(text) > textBytesMax
      ? `The text is longer than ${textBytesMax} bytes`
      : undefined
  }

  #nameProblem({ device, variable }: SeriesName): string | undefined {
    const { nameCharsMax } = this.#limits
    for (const [kind, name] of [
      ['device', device],
      ['variable', variable],
    ]) {
      if (name.trim() === '') return `The name of the ${kind} is empty`
      if (name.includes('\0')) return `The name of the ${kind} has a zero byte in it`
      if (name.length > nameCharsMax)
        return `The name of the ${kind} is longer than ${nameCharsMax} characters`
    }
    return undefined
  }
}

function pickRows(batch: PointBatch, rows: Uint32Array): PointBatch {
  const picked = {
    streamIds: new Uint32Array(rows.length),
    timesUs: new Float64Array(rows.length),
    values: new Float64Array(rows.length),
  }
  const texts = new Map<number, string>()
  rows.forEach((row, i) => {
    picked.streamIds[i] = batch.streamIds[row]
    picked.timesUs[i] = batch.timesUs[row]
    picked.values[i] = batch.values[row]
    const text = batch.texts?.get(row)
    if (text !== undefined) texts.set(i, text)
  })
  return texts.size === 0 ? picked : { ...picked, texts }
}
