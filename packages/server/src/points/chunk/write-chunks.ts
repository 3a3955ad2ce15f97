/** Turns a run of points into rows of the chunk database, inside a transaction that the caller has begun. */
import type { ChunkDatabase, ChunkSummary } from './chunk-database.ts'
import { encodeChunk } from './codec/chunk-codec.ts'
import { forEachPart } from './parts.ts'
import { type Run, sliceRows } from './run.ts'

/** Longer runs are cut into chunks of equal length up to this many points: fewer decode to no purpose. */
export const CHUNK_POINTS = 2_048

export interface WriteContext {
  readonly database: ChunkDatabase
  readonly partUs: number
  /** Of points with equal times the one with the higher `seq` holds. */
  readonly seq: number
  /** Slices that were written to are added. */
  readonly touched: Set<number>
  /** For chunks that are written once and read often. */
  readonly thorough?: boolean
}

/** Writes a run of one stream, slice by slice; texts and numbers go to their own tables. */
export function writeRun(context: WriteContext, streamId: number, run: Run): void {
  forEachPart(run.timesUs, context.partUs, (part, from, to) => {
    context.touched.add(part)
    const rows = sliceRows(run, from, to)
    const numbers = rows.texts ? writeTexts(context, part, streamId, rows) : rows
    if (numbers.timesUs.length > 0) writeNumbers(context, part, streamId, numbers)
  })
}

function writeNumbers(context: WriteContext, part: number, streamId: number, run: Run): void {
  const { timesUs, values } = run
  const { database, seq } = context
  const count = timesUs.length
  if (database.overlaps(part, streamId, { startUs: timesUs[0], stopUs: timesUs[count - 1] })) {
    database.markDirty(part, streamId)
  }
  const chunkCount = Math.ceil(count / CHUNK_POINTS)
  for (let i = 0; i < chunkCount; i++) {
    const from = Math.floor((i * count) / chunkCount)
    const to = Math.floor(((i + 1) * count) / chunkCount)
    const summary = summarise(timesUs, values, from, to)
    database.insertChunk(
      part,
      streamId,
      { ...summary, seq },
      encodeChunk(timesUs, values, { from, to, thorough: context.thorough ?? false }),
    )
  }
}

/** Writes the texts of a run and returns its numbers. */
function writeTexts(context: WriteContext, part: number, streamId: number, run: Run): Run {
  for (const [row, text] of run.texts ?? []) {
    context.database.insertText(part, streamId, { timeUs: run.timesUs[row], seq: context.seq, text })
  }
  // Summaries of numbers do not know of texts that may replace some of them.
  context.database.markDirty(part, streamId)
  const isNumber = (_: number, row: number) => !run.texts?.has(row)
  return { timesUs: run.timesUs.filter(isNumber), values: run.values.filter(isNumber) }
}

function summarise(
  timesUs: Float64Array,
  values: Float64Array,
  from: number,
  to: number,
): Omit<ChunkSummary, 'dataId' | 'seq'> {
  let min = values[from]
  let max = min
  let sum = 0
  for (let i = from; i < to; i++) {
    const value = values[i]
    if (value < min) min = value
    if (value > max) max = value
    sum += value
  }
  return {
    startUs: timesUs[from],
    stopUs: timesUs[to - 1],
    count: to - from,
    min,
    max,
    sum,
    first: values[from],
    last: values[to - 1],
  }
}
