/**
 * Errors of the native REST API. Field errors are `{"field": ["reason"]}`, general ones of validation
 * `["reason"]`; everything else is `{"detail": "…"}`.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { AppError, type ErrorCode, InvalidError, OverloadedError, RateLimitedError } from '../../errors.ts'

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
  if (error instanceof AppError) {
    if (error.code === 'unauthenticated') reply.header('www-authenticate', 'JWT realm="api"')
    if (error instanceof OverloadedError || error instanceof RateLimitedError) {
      reply.header('retry-after', String(Math.ceil(error.retryAfterMs / 1_000)))
    }
    return reply.code(STATUS[error.code]).send(bodyOf(error))
  }
  const failure = error as FastifyError
  if (failure.validation) return reply.code(400).send(validationBody(failure))
  if (failure.statusCode && failure.statusCode < 500) {
    return reply.code(failure.statusCode).send({ detail: failure.message })
  }
  request.log.error({ err: error }, 'request failed')
  return reply.code(500).send({ detail: 'Internal error.' })
}

/** A text as well is answered as JSON; left to itself it would go out bare. */
function replyWith(reply: FastifyReply, { status, body }: RestAnswer): FastifyReply {
  const json = JSON.stringify(body)
  return reply.code(status).type('application/json; charset=utf-8').send(json)
}

function bodyOf(error: AppError): unknown {
  if (!(error instanceof InvalidError)) return { detail: error.message }
  return error.fields ?? [error.message]
}

/** Reasons by field, in the words that clients of this API know. */
function validationBody({ validation }: FastifyError): Record<string, string[]> {
  const fields: Record<string, string[]> = {}
  for (const { keyword, params, instancePath, message } of validation ?? []) {
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
