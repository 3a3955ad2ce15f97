/** Sends a batch of lines until the server has them, or says that it will not. */
import { type Connection, sleep } from '../api/connection.ts'
import { type HttpClientError, RestConnectionError, RestTimeoutError, refusalOf } from '../api/http-errors.ts'
import { withParameters } from '../api/parameters.ts'
import type { PointInput, PointLine } from './point-line.ts'

export interface WriteTarget {
  /** Name, slug or UUID; left out, the token's own, else `default`. */
  readonly project?: string | undefined
  /** Name or slug; needed only where several have a project of that name. */
  readonly org?: string | undefined
  /** How often a batch is sent again before it fails. */
  readonly retries: number
}

export interface QueuedPoint extends PointLine {
  readonly point: PointInput
}

export interface Rejection {
  readonly point: PointInput
  readonly reason: string
}

export interface BatchOutcome {
  readonly rejectedCount: number
  /** The first hundred. */
  readonly rejected: readonly Rejection[]
}

/** The server, or what stands before it, is too busy or away for a moment. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504])
const BACKOFF_FIRST_MS = 250
const BACKOFF_MS_MAX = 30_000
const RETRY_AFTER_MS_MAX = 300_000

/**
 * Sending twice does no harm: points with the same time replace one another.
 * @throws {RestBaseException} the batch is not stored, at least not whole.
 */
export async function writeBatch(
  connection: Connection,
  points: readonly QueuedPoint[],
  { project, org, retries }: WriteTarget,
): Promise<BatchOutcome> {
  const url = withParameters(`${connection.domain}/api/v2/write`, { bucket: project, org, precision: 'us' })
  const body = points.map(({ text }) => `${text}\n`).join('')
  for (let retry = 0; ; retry++) {
    const outcome = await attempt(connection, { url, body, points })
    if (!(outcome instanceof Error)) return outcome
    const waitMs = waitBefore(outcome, retry)
    if (waitMs === undefined || retry >= retries) throw outcome
    await sleep(waitMs)
  }
}

async function attempt(
  connection: Connection,
  { url, body, points }: { url: string; body: string; points: readonly QueuedPoint[] },
): Promise<BatchOutcome | Error> {
  try {
    const { response, content } = await connection.send({
      method: 'POST',
      url,
      headers: {
        'Content-Type': 'text/plain; charset=utf-8',
        ...(connection.token === null ? {} : { Authorization: `Bearer ${connection.token}` }),
      },
      body,
    })
    if (response.status < 400) return { rejectedCount: 0, rejected: [] }
    const refusal = refusalOf(response, url, content)
    return refusal.status === 400 ? (partialOf(refusal.body, points) ?? refusal) : refusal
  } catch (error) {
    return error as Error
  }
}

/** How long to wait before the next try; undefined when it would be of no use. */
function waitBefore(error: Error, retry: number): number | undefined {
  const backoffMs = Math.min(BACKOFF_MS_MAX, BACKOFF_FIRST_MS * 2 ** retry) * (0.5 + Math.random() / 2)
  if (error instanceof RestConnectionError || error instanceof RestTimeoutError) return backoffMs
  const { response } = error as HttpClientError
  if (response === undefined || !PASSING.has(response.status)) return undefined
  return retryAfterMs(response.headers.get('retry-after')) ?? backoffMs
}

/** Seconds, or a date. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now()
  return Number.isNaN(waitMs) ? undefined : Math.min(RETRY_AFTER_MS_MAX, Math.max(0, waitMs))
}

interface PartialAnswer {
  readonly rejected_count?: unknown
  readonly rejected?: readonly { readonly line: number; readonly reason: string }[]
}

/** The rows that were rejected while the others were stored; undefined when the answer is about the whole. */
function partialOf(body: unknown, points: readonly QueuedPoint[]): BatchOutcome | undefined {
  const { rejected_count: count, rejected } = Object(body) as PartialAnswer
  if (typeof count !== 'number' || !Array.isArray(rejected)) return undefined
  const pointAtLine = new Map<number, PointInput>()
  let line = 1
  for (const { point, lineCount } of points) {
    pointAtLine.set(line, point)
    line += lineCount
  }
  return {
    rejectedCount: count,
    rejected: rejected.flatMap((one: { line: number; reason: string }) => {
      const point = pointAtLine.get(one.line)
      return point === undefined ? [] : [{ point, reason: one.reason }]
    }),
  }
}
