/** Points as `POST data/` brings them: each names its stream and carries a raw or an internal value. */
import type { FastifyRequest } from 'fastify'
import { AppError, InvalidError } from '../../errors.ts'
import { PointBatchBuilder, type PointValue } from '../../model/point-batch.ts'
import { internalOf } from '../../model/value-chain.ts'
import type { ChainedStream } from './data-access.ts'
import type { RestServices } from './services.ts'
import type { Point } from './views/point.ts'
import { readTime, WriteTargets } from './write-targets.ts'

/** One item of the body, as it came. */
export interface WrittenPoint {
  readonly stream?: unknown
  readonly timestamp?: unknown
  readonly type?: unknown
  readonly int_value?: unknown
  readonly value?: unknown
}

export interface WriteRejection {
  /** Position in the list, from 0. */
  readonly row: number
  readonly reason: string
  readonly error: AppError
}

export interface WriteOutcome {
  readonly stored: readonly (Point & { readonly target: ChainedStream })[]
  readonly rejected: readonly WriteRejection[]
}

/**
 * Stores what is good of a list and says what is wrong with the rest.
 * @throws {OverloadedError} and the like: the store takes nothing now, and nothing was stored.
 */
export async function writePoints(
  services: RestServices,
  request: FastifyRequest,
  items: readonly WrittenPoint[],
): Promise<WriteOutcome> {
  const targets = new WriteTargets(services, request)
  const stored: (Point & { target: ChainedStream })[] = []
  const rejected: WriteRejection[] = []
  const batch = new PointBatchBuilder(items.length)
  for (const [row, item] of items.entries()) {
    try {
      const target = await targets.find(item.stream)
      const timeUs = readTime(item.timestamp)
      const value = readValue(item, target)
      batch.add(target.stream.id, timeUs, value)
      stored.push({ target, timeUs, value })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      rejected.push({ row, reason: error.message, error })
    }
  }
  const result = await services.ingest.write(batch.take())
  if (result.rejectedCount === 0) return { stored, rejected }
  // The last checks are those of the ingest service, which counts rows among those that were handed on.
  const late = result.rejected.map(({ row, reason }) => ({ row, reason, error: new InvalidError(reason) }))
  const lateRows = new Set(late.map(({ row }) => row))
  return { stored: stored.filter((_, row) => !lateRows.has(row)), rejected: [...rejected, ...late] }
}

/** Exactly one of `int_value`, a raw one, and `value`, an internal one or a text. */
function readValue(item: WrittenPoint, { chain }: ChainedStream): PointValue {
  const { type, int_value: raw, value } = item
  const hasRaw = raw !== undefined && raw !== null
  const hasValue = value !== undefined && value !== null
  if (hasRaw === hasValue) throw new InvalidError('Give either int_value or value.')
  if (hasRaw) {
    if (type !== undefined && type !== 'Num')
      throw InvalidError.field('type', 'int_value goes with type Num.')
    if (!Number.isSafeInteger(raw)) throw InvalidError.field('int_value', 'A valid integer is required.')
    return internalOf(chain, raw as number)
  }
  if (typeof value === 'string') return value
  if (type !== undefined && type !== 'ITR') throw InvalidError.field('type', 'value goes with type ITR.')
  if (typeof value !== 'number') throw InvalidError.field('value', 'A valid number is required.')
  return value
}
