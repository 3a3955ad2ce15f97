/**
 * Errors of the native REST API. Field errors are `{"field": ["reason"]}`, general ones of validation
 * `["reason"]`; everything else is `{"detail": "…"}`.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { AppError, InvalidError } from '../../errors.ts'
import { setRetryAfter, statusOf } from '../../http/failure.ts'

/** An answer of this API that no code of the core stands for: a status with a body of its own. */
export class RestAnswer extends AppError {
  readonly code = 'invalid'
  readonly status: number
  readonly body: unknown
  constructor(status: number, body: unknown) {
    super(JSON.stringify(body))
    this.status = status
    this.body = body
  }

  /** `{"error": "…"}`, as the hand-written checks answer. */
  static error(status: number, text: string): RestAnswer {
    return new RestAnswer(status, { error: text })
  }
}

export function replyWithError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof RestAnswer) return replyWith(reply, error)
  const status = statusOf(error)
  if (status === 500) {
    request.log.error({ err: error }, 'request failed')
    return reply.code(500).send({ detail: 'Internal error.' })
  }
  if (status === 401) reply.header('www-authenticate', 'JWT realm="api"')
  setRetryAfter(reply, error)
  return reply.code(status).send(bodyOf(error as Error))
}

/** A text as well is answered as JSON; left to itself it would go out bare. */
function replyWith(reply: FastifyReply, { status, body }: RestAnswer): FastifyReply {
  const json = JSON.stringify(body)
  return reply.code(status).type('application/json; charset=utf-8').send(json)
}

function bodyOf(error: Error & Partial<FastifyError>): unknown {
  if (error.validation) return validationBody(error.validation)
  return error instanceof InvalidError ? (error.fields ?? [error.message]) : { detail: error.message }
}

/** Reasons by field, in the words that clients of this API know. */
function validationBody(validation: NonNullable<FastifyError['validation']>): Record<string, string[]> {
  const fields: Record<string, string[]> = {}
  for (const { keyword, params, instancePath, message } of validation) {
    const missing =
      keyword === 'required' ? String(params.missingProperty ?? params.requiredProperties) : undefined
    const field = missing ?? (instancePath.split('/')[1] || 'non_field_errors')
    fields[field] ??= []
    fields[field].push(
      missing === undefined ? `This value ${message ?? 'is not valid'}.` : 'This field is required.',
    )
  }
  return fields
}
