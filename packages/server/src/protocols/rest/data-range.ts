/** The `start`, `end` and `lastn` of data requests. */
import { InvalidError } from '../../errors.ts'
import { parseIsoUs } from '../../model/time.ts'
import { RestAnswer } from './errors.ts'

export interface RangeQuery {
  readonly start?: string | undefined
  readonly end?: string | undefined
  readonly lastn?: string | undefined
}

export interface DataRange {
  readonly startUs: number | undefined
  readonly endUs: number | undefined
  /** Only the newest so many. */
  readonly newest: number | undefined
}

const NEWEST_MAX = 100_000

/** As `stream/<slug>/data/` reads them: what cannot be read is no bound, and `lastn` is pulled into 1 … 100,000. */
export function readTolerantRange({ start, end, lastn }: RangeQuery): DataRange {
  const count = lastn === undefined ? Number.NaN : Number.parseInt(lastn, 10)
  return {
    startUs: start ? parseIsoUs(start) : undefined,
    endUs: end ? parseIsoUs(end) : undefined,
    newest: Number.isNaN(count) ? undefined : Math.min(NEWEST_MAX, Math.max(1, count)),
  }
}

/** As `data/` reads them. @throws {InvalidError} a bound is no time. @throws {RestAnswer} a bad `lastn`. */
export function readStrictRange({ start, end, lastn }: RangeQuery): DataRange {
  return {
    startUs: strictTime('start', start),
    endUs: strictTime('end', end),
    newest: lastn === undefined ? undefined : strictNewest(lastn),
  }
}

/** A time that a body sets or takes away. @throws {InvalidError} it is no time. */
export function readTimeOrNull(field: string, text: string | null): number | null {
  return strictTime(field, text ?? undefined) ?? null
}

function strictTime(field: string, text: string | undefined): number | undefined {
  if (!text) return undefined
  const timeUs = parseIsoUs(text)
  if (timeUs === undefined) throw InvalidError.field(field, 'Enter a valid date/time.')
  return timeUs
}

function strictNewest(text: string): number {
  const count = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : Number.NaN
  if (Number.isNaN(count)) throw new RestAnswer(400, ['lastn must be an integer'])
  if (count < 1) throw new RestAnswer(400, ['lastn must be greater than 0'])
  if (count > NEWEST_MAX) throw new RestAnswer(400, [`lastn limit is ${NEWEST_MAX}`])
  return count
}
