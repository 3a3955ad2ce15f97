/**
 * Errors of the native REST API. Field errors are `{"field": ["reason"]}`, general ones of validation
 * `["reason"]`; everything else is `{"detail": "…"}`.
 */
import type { FastifyBaseLogger, FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { AppError, InvalidError } from '../../errors.ts'
import { type Answer, jsonAnswer, sendAnswer } from '../../http/answer.ts'
import { retryAfterOf, statusOf } from '../../http/failure.ts'

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
  return sendAnswer(reply, failureAnswer(error, request.log))
}

/** A bug is logged, and the caller learns nothing about it. */
export function failureAnswer(error: unknown, log: Pick<FastifyBaseLogger, 'error'>): Answer {
  // A text as well is answered as JSON; left to the framework it would go out bare.
  if (error instanceof RestAnswer) return jsonAnswer(error.status, {}, error.body)
  const status = statusOf(error)
  if (status === 500) {
    log.error({ err: error }, 'request failed')
    return jsonAnswer(500, {}, { detail: 'Internal error.' })
  }
  const retryAfter = retryAfterOf(error)
  const headers = {
    ...(status === 401 ? { 'www-authenticate': 'JWT realm="api"' } : {}),
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  }
  return jsonAnswer(status, headers, bodyOf(error as Error))
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
