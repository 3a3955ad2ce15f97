/** What HTTP says of a failure, the same in every protocol; what they tell about it is their own. */
import type { FastifyError, FastifyReply } from 'fastify'
import { AppError, type ErrorCode, OverloadedError, RateLimitedError } from '../errors.ts'

/** A new code does not compile until it has a status here, and a line in `docs/reference/errors.md`. */
const STATUS = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  overloaded: 503,
  unavailable: 503,
} as const satisfies Record<ErrorCode, number>

/** The framework's own refusals, such as of a body that is too large, carry their status. A bug is 500. */
export function statusOf(error: unknown): number {
  if (error instanceof AppError) return STATUS[error.code]
  const { statusCode } = Object(error) as Partial<FastifyError>
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? statusCode : 500
}

/** Seconds until it may go better, if the failure knows. */
export function retryAfterOf(error: unknown): string | undefined {
  if (!(error instanceof OverloadedError || error instanceof RateLimitedError)) return undefined
  return String(Math.ceil(error.retryAfterMs / 1_000))
}

export function setRetryAfter(reply: FastifyReply, error: unknown): void {
  const retryAfter = retryAfterOf(error)
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
}
