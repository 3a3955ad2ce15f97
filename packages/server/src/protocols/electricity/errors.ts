/**
 * Failures in the shape of this API: `statusCode` is a string here, and a number in data answers. 405 and
 * 406 speak of the token.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError, type ErrorCode, OverloadedError, RateLimitedError } from '../../errors.ts'

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

export const TOKEN_MISSING = { status: 'Token is missing', statusCode: '405' } as const
export const TOKEN_INVALID = {
  message: 'Invalid token',
  status: 'Token is invalid',
  statusCode: '406',
} as const

/** An error handler whose answers carry this text as their `status`. */
export function failureHandler(status: string) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const statusCode = statusOf(error)
    if (statusCode === 500) request.log.error({ err: error }, 'electricity request failed')
    if (error instanceof RateLimitedError || error instanceof OverloadedError) {
      reply.header('retry-after', Math.ceil(error.retryAfterMs / 1_000))
    }
    if (statusCode === 401) reply.header('www-authenticate', 'Basic realm="Login Required"')
    const message = statusCode === 500 ? 'Internal error' : (error as Error).message
    return reply.code(statusCode).send({ message, status, statusCode: String(statusCode) })
  }
}

/** The framework's own refusals, such as of a body that is too large, carry their status. */
function statusOf(error: unknown): number {
  if (error instanceof AppError) return STATUS[error.code]
  const { statusCode } = Object(error) as { statusCode?: unknown }
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : 500
}
