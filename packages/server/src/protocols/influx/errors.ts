/**
 * Failures as InfluxDB's clients read them: version 2 `{"code", "message"}`, version 1 `{"error"}`. Both tell
 * of lines that were left out after the good ones were stored.
 */
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'
import { type Answer, jsonAnswer, sendAnswer } from '../../http/answer.ts'
import { retryAfterOf, statusOf } from '../../http/failure.ts'
import { INFLUX_HEADERS } from './headers.ts'
import type { LineOutcome } from './line-writer.ts'

export type InfluxVersion = 1 | 2

const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not found',
  405: 'method not allowed',
  409: 'conflict',
  413: 'request too large',
  429: 'too many requests',
  500: 'internal error',
  503: 'unavailable',
}

const CHALLENGES = { 1: 'Basic realm="InfluxDB"', 2: 'Token' } as const satisfies Record<
  InfluxVersion,
  string
>

/** Good lines were stored, these were not. */
export class PartialWriteError extends AppError {
  readonly code = 'invalid'
  readonly outcome: LineOutcome
  constructor(outcome: LineOutcome) {
    const [first] = outcome.rejected
    super(`partial write: line ${first?.line}: ${first?.reason}`)
    this.outcome = outcome
  }
}

export function errorHandler(version: InfluxVersion) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    sendAnswer(reply, failureAnswer(version, error, request.log))
}

/** A bug is logged, and the client learns nothing about it. */
export function failureAnswer(
  version: InfluxVersion,
  error: unknown,
  log: Pick<FastifyBaseLogger, 'error'>,
): Answer {
  const status = statusOf(error)
  if (status === 500) log.error({ err: error }, 'line protocol request failed')
  const retryAfter = retryAfterOf(error)
  const headers = {
    ...INFLUX_HEADERS,
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    ...(status === 401 ? { 'www-authenticate': CHALLENGES[version] } : {}),
  }
  const body = version === 1 ? bodyOfVersion1(error, status) : bodyOfVersion2(error, status)
  return jsonAnswer(status, headers, body)
}

function messageOf(error: unknown, status: number): string {
  return status === 500 ? 'internal error' : (error as Error).message
}

function bodyOfVersion1(error: unknown, status: number): object {
  if (!(error instanceof PartialWriteError)) return { error: messageOf(error, status) }
  return { error: `${error.message} dropped=${error.outcome.rejectedCount}` }
}

function bodyOfVersion2(error: unknown, status: number): object {
  const code = CODE_OF_STATUS[status] ?? 'invalid'
  const message = messageOf(error, status)
  if (!(error instanceof PartialWriteError)) return { code, message }
  const { rejected, rejectedCount } = error.outcome
  return { code, message, line: rejected[0]?.line, rejected_count: rejectedCount, rejected }
}
