/**
 * From the body of a write to stored points: reads it, finds the stream of every field, and hands the rows on.
 * A large body is read slice by slice, the next one while those before are stored.
 */
import { strict as assert } from 'node:assert'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { TooLargeError } from '../../errors.ts'
import type { FoundStreams, IngestService } from '../../ingest/ingest-service.ts'
import { NO_STREAM, type SeriesName } from '../../ingest/name-resolver.ts'
import { BulkLane } from './bulk-lane.ts'
import { LineParser } from './line-parser.ts'
import type { LineReader } from './line-reader.ts'
import type { LineLimits, LineOptions, LineRejection, LineSlice } from './line-slice.ts'
import { type ParsedSeries, parseSeries, seriesNameOf } from './series-name.ts'
import type { SeriesTable } from './series-table.ts'
import type { WriteTarget } from './write-target.ts'

export interface LineOutcome {
  /** Lines that could not be read, and values that have no stream. */
  readonly rejectedCount: number
  /** The first of them, up to `rejectionsListedMax`, by line. */
  readonly rejected: readonly LineRejection[]
  /** Integers that were replaced by the nearest float64. */
  readonly roundedCount: number
}

/** A slice with its streams. */
interface FoundRows {
  readonly slice: LineSlice
  /** Set when some rows may have none: why not, by field. */
  readonly reasons?: ReadonlyMap<number, string>
}

/** A body that is larger is read slice by slice, with a turn for others after each. */
const SMALL_BODY_BYTES = 64 * 1_024
/** Of a slice while small bodies come as well, which wait as long as it is read and stored. */
const SHORT_SLICE_BYTES = 32 * 1_024
/** Rows that are not worth a batch of their own. */
const FEW_ROWS = 256

const FLAWLESS: LineOutcome = { rejectedCount: 0, rejected: [], roundedCount: 0 }

export class LineWriter {
  readonly #ingest: IngestService
  readonly #limits: LineLimits
  readonly #parser: LineParser
  readonly #lane = new BulkLane()
  #namesEpoch: number
  /** Small bodies since the last slice of a large one. */
  #smallCount = 0

  constructor(ingest: IngestService, limits: LineLimits) {
    this.#ingest = ingest
    this.#limits = limits
    this.#parser = new LineParser(limits)
    this.#namesEpoch = ingest.namesEpoch
  }

  /**
   * Resolves when everything good in the body is stored.
   * @throws {OverloadedError} and the like: the store takes nothing now. What came before in the body may be
   * stored; sending it again is harmless.
   */
  write(body: Buffer, target: WriteTarget, options: Omit<LineOptions, 'projectId'>): Promise<LineOutcome> {
    const reader = this.#parser.open(body, { ...options, projectId: target.scope.projectId })
    return body.length > SMALL_BODY_BYTES
      ? this.#writeLarge(reader, target)
      : this.#writeSmall(reader, target)
  }

  async #writeSmall(reader: LineReader, target: WriteTarget): Promise<LineOutcome> {
    const outcome = new OutcomeBuilder(this.#limits.rejectionsListedMax)
    this.#smallCount++
    while (!reader.isAtEnd) {
      const found = this.#find(this.#read(reader, outcome), target)
      await this.#store(found instanceof Promise ? await found : found, outcome)
    }
    return outcome.take()
  }

  async #writeLarge(reader: LineReader, target: WriteTarget): Promise<LineOutcome> {
    const outcome = new OutcomeBuilder(this.#limits.rejectionsListedMax)
    const slices: Promise<void>[] = []
    let failure: { error: unknown } | undefined
    const leave = await this.#lane.enter()
    try {
      while (!reader.isAtEnd && failure === undefined) {
        const isBesideSmall = this.#smallCount > 0
        const sliceBytes = isBesideSmall ? SHORT_SLICE_BYTES : undefined
        this.#smallCount = 0
        const found = this.#find(this.#read(reader, outcome, sliceBytes), target)
        const stored = this.#store(found instanceof Promise ? await found : found, outcome)
        const slice = stored.catch((error) => {
          failure ??= { error }
        })
        slices.push(slice)
        await this.#lane.sent(slice, { isBesideSmall })
        await nextTurn()
      }
    } finally {
      leave()
      await Promise.all(slices)
    }
    if (failure !== undefined) throw failure.error
    return outcome.take()
  }

  #read(reader: LineReader, outcome: OutcomeBuilder, sliceBytes?: number): LineSlice {
    this.#forgetOutdated()
    const slice = reader.read(sliceBytes)
    outcome.addSlice(slice)
    this.#ingest.countRejected(slice.rejectedCount)
    return slice
  }

  /** At once when all streams are known. */
  #find(slice: LineSlice, target: WriteTarget): FoundRows | Promise<FoundRows> {
    const { table, fields, streamIds } = slice
    if (target.device === undefined) {
      for (let row = 0; row < fields.length; row++) streamIds[row] = table.streamId(fields[row])
    } else {
      // Whoever may write to one device only gets every name looked at.
      streamIds.fill(NO_STREAM)
    }
    return streamIds.includes(NO_STREAM) ? this.#findMissing(slice, target) : { slice }
  }

  async #store({ slice, reasons }: FoundRows, outcome: OutcomeBuilder): Promise<void> {
    const { fields, lines, streamIds, timesUs, values, texts } = slice
    const batch = { streamIds, timesUs, values, ...(texts.size === 0 ? {} : { texts }) }
    if (fields.length > 0 && fields.length <= FEW_ROWS && reasons === undefined) {
      const stored = this.#ingest.writeFew(batch)
      this.#parser.giveBack(slice)
      return stored
    }
    if (reasons !== undefined) {
      const { rejected, rejectedCount } = await this.#ingest.writeFound(batch, (row) => {
        return reasons.get(fields[row]) ?? 'There is no stream'
      })
      const listed = rejected.map(({ row, reason }) => ({ line: lines[row], reason }))
      outcome.add(rejectedCount, listed)
    } else if (fields.length > 0) {
      await this.#ingest.writeChecked(batch)
    }
    this.#parser.giveBack(slice)
  }

  /** Fills in the streams as far as there are any. */
  async #findMissing(slice: LineSlice, target: WriteTarget): Promise<FoundRows> {
    const { table, fields, streamIds } = slice
    const missing = [...new Set(fields.filter((_, row) => streamIds[row] === NO_STREAM))]
    const names = namesOf(table, missing)
    const reasons = new Map<number, string>()
    const wanted = missing.filter((field, i) => {
      if (target.device === undefined || names[i].device === target.device) return true
      reasons.set(field, `This token may not write to device "${names[i].device}"`)
      return false
    })
    const epoch = this.#ingest.namesEpoch
    const wantedNames = names.filter((_, i) => !reasons.has(missing[i]))
    const found = await this.#findStreams(target, wantedNames)
    const streams = new Map<number, number>()
    for (const [i, field] of wanted.entries()) {
      streams.set(field, found.streamIds[i])
      const problem = found.problems.get(i)
      if (problem !== undefined) reasons.set(field, problem)
      if (epoch === this.#ingest.namesEpoch) table.setStreamId(field, found.streamIds[i])
    }
    for (const [row, field] of fields.entries()) {
      if (streamIds[row] === NO_STREAM) streamIds[row] = streams.get(field) ?? NO_STREAM
    }
    return { slice, reasons }
  }

  /** A project that has no room for new streams still takes points of those that it has. */
  async #findStreams(target: WriteTarget, names: readonly SeriesName[]): Promise<FoundStreams> {
    try {
      return await this.#ingest.findStreams(target.scope, names)
    } catch (error) {
      if (!(error instanceof TooLargeError)) throw error
      const { projectId } = target.scope
      const existing = await this.#ingest.findStreams({ projectId }, names)
      const problems = new Map([...existing.problems.keys()].map((i) => [i, error.message]))
      return { streamIds: existing.streamIds, problems }
    }
  }

  #forgetOutdated(): void {
    if (this.#namesEpoch === this.#ingest.namesEpoch) return
    this.#namesEpoch = this.#ingest.namesEpoch
    this.#parser.forgetStreams()
  }
}

class OutcomeBuilder {
  readonly #listedMax: number
  #rejected: LineRejection[] = []
  #rejectedCount = 0
  #roundedCount = 0

  constructor(listedMax: number) {
    this.#listedMax = listedMax
  }

  addSlice({ rejected, rejectedCount, roundedCount }: LineSlice): void {
    this.#roundedCount += roundedCount
    this.add(rejectedCount, rejected)
  }

  add(count: number, rejected: readonly LineRejection[]): void {
    this.#rejectedCount += count
    this.#rejected.push(...rejected)
  }

  take(): LineOutcome {
    if (this.#rejectedCount === 0 && this.#roundedCount === 0) return FLAWLESS
    const rejected = this.#rejected.sort((a, b) => a.line - b.line).slice(0, this.#listedMax)
    return { rejectedCount: this.#rejectedCount, rejected, roundedCount: this.#roundedCount }
  }
}

/** Fields of one series mostly come together, so that each series is read once. */
function namesOf(table: SeriesTable, fields: readonly number[]): SeriesName[] {
  let series = 0
  let parsed: ParsedSeries | undefined
  return fields.map((field) => {
    if (parsed === undefined || series !== table.parent(field)) {
      series = table.parent(field)
      const read = parseSeries(table.bytesOf(series))
      assert(typeof read === 'object', 'the table has no key that cannot be read')
      parsed = read
    }
    return seriesNameOf(parsed, table.bytesOf(field))
  })
}
