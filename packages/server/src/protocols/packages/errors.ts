/** Failures in the shape of this API: `{"message": "…"}`, indented like everything else. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { setRetryAfter, statusOf } from '../../http/failure.ts'

export function replyWithMessage(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = statusOf(error)
  if (status === 500) request.log.error({ err: error }, 'package manager request failed')
  setRetryAfter(reply, error)
  const message = status === 500 ? 'Internal Server Error' : (error as Error).message
  return reply.code(status).send({ message })
}
