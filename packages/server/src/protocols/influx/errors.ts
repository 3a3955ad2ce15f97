/**
 * Failures as InfluxDB's clients read them: version 2 `{"code", "message"}`, version 1 `{"error"}`. Both tell
 * of lines that were left out after the good ones were stored.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'
import { setRetryAfter, statusOf } from '../../http/failure.ts'
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
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const status = statusOf(error)
    if (status === 500) request.log.error({ err: error }, 'line protocol request failed')
    setRetryAfter(reply, error)
    if (status === 401) reply.header('www-authenticate', version === 1 ? 'Basic realm="InfluxDB"' : 'Token')
    return reply
      .code(status)
      .send(version === 1 ? bodyOfVersion1(error, status) : bodyOfVersion2(error, status))
  }
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
