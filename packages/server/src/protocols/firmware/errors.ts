/** Failures for boards, which look at the status, and for who debugs them: `{"detail": "…"}`. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { setRetryAfter, statusOf } from '../../http/failure.ts'

export function replyWithDetail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = statusOf(error)
  if (status === 500) request.log.error({ err: error }, 'firmware request failed')
  if (status === 401) reply.header('www-authenticate', 'Basic realm="firmware"')
  setRetryAfter(reply, error)
  return reply.code(status).send({ detail: status === 500 ? 'Internal error.' : (error as Error).message })
}
