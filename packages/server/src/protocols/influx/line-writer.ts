/**
 * From the body of a write to stored points: reads it slice by slice, finds the stream of every field, and
 * hands the rows on while the next slice is read. Between slices others get their turn.
 */
import { strict as assert } from 'node:assert'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { TooLargeError } from '../../errors.ts'
import type { FoundStreams, IngestService } from '../../ingest/ingest-service.ts'
import { NO_STREAM, type SeriesName } from '../../ingest/name-resolver.ts'
import type { PointBatch } from '../../model/point-batch.ts'
import {
  type LineLimits,
  type LineOptions,
  LineParser,
  type LineRejection,
  type LineSlice,
} from './line-parser.ts'
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

/** Slices of one body that wait for the disk; over it, reading waits too. */
const SLICES_WAITING_MAX = 2

export class LineWriter {
  readonly #ingest: IngestService
  readonly #limits: LineLimits
  readonly #parser: LineParser
  #namesEpoch: number

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
  async write(
    body: Buffer,
    target: WriteTarget,
    options: Omit<LineOptions, 'projectId'>,
  ): Promise<LineOutcome> {
    const outcome = new OutcomeBuilder(this.#limits.rejectionsListedMax)
    const stored = new StoreQueue()
    const reader = this.#parser.open(body, { ...options, projectId: target.scope.projectId })
    try {
      while (!reader.isAtEnd) {
        if (stored.hasStarted) await nextTurn()
        this.#forgetOutdated()
        const slice = reader.read()
        outcome.addSlice(slice)
        this.#ingest.countRejected(slice.rejectedCount)
        await this.#store(slice, target, stored, outcome)
      }
    } finally {
      await stored.settled()
    }
    stored.throwFailure()
    return outcome.take()
  }

  async #store(
    slice: LineSlice,
    target: WriteTarget,
    stored: StoreQueue,
    outcome: OutcomeBuilder,
  ): Promise<void> {
    const { table, fields, timesUs, values, texts } = slice
    if (fields.length === 0) return
    // Whoever may write to one device only gets every name looked at.
    const streamIds =
      target.device === undefined ? knownStreams(table, fields) : new Uint32Array(fields.length)
    const batch = { streamIds, timesUs, values, ...(texts.size === 0 ? {} : { texts }) }
    if (!streamIds.includes(NO_STREAM)) return stored.add(() => this.#ingest.writeChecked(batch))
    // Other bodies write over these while the catalog is asked.
    const rows = { fields: fields.slice(), lines: slice.lines.slice() }
    const problems = await this.#findMissing(batch, { ...rows, table }, target)
    await stored.add(async () => {
      const { rejected, rejectedCount } = await this.#ingest.writeFound(batch, (row) => {
        return problems.get(rows.fields[row]) ?? 'There is no stream'
      })
      const listed = rejected.map(({ row, reason }) => ({ line: rows.lines[row], reason }))
      outcome.add(rejectedCount, listed)
    })
  }

  /** Fills in the streams of a batch as far as there are any; why there is none, by field. */
  async #findMissing(
    batch: PointBatch,
    { table, fields }: { table: SeriesTable; fields: Int32Array },
    target: WriteTarget,
  ): Promise<ReadonlyMap<number, string>> {
    const missing = [...new Set(fields.filter((_, row) => batch.streamIds[row] === NO_STREAM))]
    const names = namesOf(table, missing)
    const problems = new Map<number, string>()
    const wanted = missing.filter((field, i) => {
      if (target.device === undefined || names[i].device === target.device) return true
      problems.set(field, `This token may not write to device "${names[i].device}"`)
      return false
    })
    const epoch = this.#ingest.namesEpoch
    const wantedNames = names.filter((_, i) => !problems.has(missing[i]))
    const found = await this.#findStreams(target, wantedNames)
    const streams = new Map<number, number>()
    for (const [i, field] of wanted.entries()) {
      streams.set(field, found.streamIds[i])
      const problem = found.problems.get(i)
      if (problem !== undefined) problems.set(field, problem)
      if (epoch === this.#ingest.namesEpoch) table.setStreamId(field, found.streamIds[i])
    }
    for (const [row, field] of fields.entries()) {
      if (batch.streamIds[row] === NO_STREAM) batch.streamIds[row] = streams.get(field) ?? NO_STREAM
    }
    return problems
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

/** Writes under way. Their order is that of the calls; a failure shows when all of them are over. */
class StoreQueue {
  #waiting: Promise<void>[] = []
  #failure: { error: unknown } | undefined
  hasStarted = false

  /** Resolves when there is room for another one. */
  async add(write: () => Promise<void>): Promise<void> {
    this.hasStarted = true
    if (this.#failure !== undefined) return
    this.#waiting.push(
      write().catch((error) => {
        this.#failure ??= { error }
      }),
    )
    if (this.#waiting.length >= SLICES_WAITING_MAX) await this.#waiting.shift()
  }

  async settled(): Promise<void> {
    await Promise.all(this.#waiting)
  }

  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
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
    const rejected = this.#rejected.sort((a, b) => a.line - b.line).slice(0, this.#listedMax)
    return { rejectedCount: this.#rejectedCount, rejected, roundedCount: this.#roundedCount }
  }
}

function knownStreams(table: SeriesTable, fields: Int32Array): Uint32Array {
  const streamIds = new Uint32Array(fields.length)
  for (let row = 0; row < fields.length; row++) streamIds[row] = table.streamId(fields[row])
  return streamIds
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
