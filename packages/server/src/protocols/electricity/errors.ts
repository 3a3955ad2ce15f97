/**
 * Failures in the shape of this API: `statusCode` is a string here, and a number in data answers. 405 and
 * 406 speak of the token.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { setRetryAfter, statusOf } from '../../http/failure.ts'

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
    setRetryAfter(reply, error)
    if (statusCode === 401) reply.header('www-authenticate', 'Basic realm="Login Required"')
    const message = statusCode === 500 ? 'Internal error' : (error as Error).message
    return reply.code(statusCode).send({ message, status, statusCode: String(statusCode) })
  }
}
