/**
 * Answers in the shape of this API: JSON with a line feed behind it; with `callback` a call of that function. A
 * failure is `{"message": …}`, and never a call.
 */
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { InvalidError } from '../../errors.ts'
import { type Answer, JSON_TYPE, sendAnswer } from '../../http/answer.ts'
import { retryAfterOf, statusOf } from '../../http/failure.ts'
import { formatIsoUs } from '../../model/time.ts'
import type { ZoneClock } from '../../model/zone-clock.ts'

export const HEADERS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' } as const
const CALLBACK = /^[A-Za-z_$][\w$.[\]]{0,63}$/

export const STORAGE_FAILED = 'Something happend while inserting in the database.'

export function textAnswer(status: number, json: string, headers: Answer['headers'] = HEADERS): Answer {
  return { status, headers: { ...headers, 'content-type': JSON_TYPE }, body: `${json}\n` }
}

export function messageAnswer(status: number, message: unknown, headers?: Answer['headers']): Answer {
  return textAnswer(status, JSON.stringify({ message }), headers)
}

/** The head of every answer to a creation, which is the same object for all of them. */
const CREATED_HEADERS = { ...HEADERS, 'content-type': JSON_TYPE }

export function createdAnswer(id: number): Answer {
  return { status: 201, headers: CREATED_HEADERS, body: `${id}\n` }
}

/** A bug is logged, and the client learns nothing about it but that nothing was stored. */
export function failureAnswer(error: unknown, log: Pick<FastifyBaseLogger, 'error'>): Answer {
  const status = statusOf(error)
  if (status === 500) log.error({ err: error }, 'timeseries request failed')
  const retryAfter = retryAfterOf(error)
  // The original's word for a disk that takes nothing; one that is merely behind says when to come back.
  if (status === 500 || (status === 503 && retryAfter === undefined))
    return messageAnswer(500, STORAGE_FAILED)
  const headers = retryAfter === undefined ? HEADERS : { ...HEADERS, 'retry-after': retryAfter }
  return messageAnswer(status, messageOf(error as Error), headers)
}

export function errorHandler(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendAnswer(reply, failureAnswer(error, request.log))
}

/** One missing member is an object of its name and what it is. */
function messageOf(error: Error): unknown {
  if (!(error instanceof InvalidError) || error.fields === undefined) return error.message
  return Object.fromEntries(Object.entries(error.fields).map(([name, [reason]]) => [name, reason]))
}

/** The `callback` of a request. @throws {InvalidError} it would be more than the name of a function. */
export function callbackOf({ query }: FastifyRequest): string | undefined {
  const { callback } = query as Record<string, string | undefined>
  if (callback === undefined || CALLBACK.test(callback)) return callback
  throw new InvalidError('callback must be the name of a function, of at most 64 characters')
}

/** What stands before and behind the JSON of an answer, and its type. */
export function framing(callback: string | undefined): { before: string; after: string; type: string } {
  if (callback === undefined) return { before: '', after: '\n', type: JSON_TYPE }
  return { before: `${callback}(`, after: ')', type: 'application/javascript' }
}

export function sendJson(reply: FastifyReply, json: string, callback: string | undefined): FastifyReply {
  const { before, after, type } = framing(callback)
  return reply.headers({ ...HEADERS, 'content-type': type }).send(before + json + after)
}

/** As the clock on the wall shows it, without a zone; microseconds unless they are zero. */
export function formatLocal(timeUs: number, zone: ZoneClock): string {
  return formatIsoUs(timeUs + zone.at(timeUs).offsetUs).slice(0, -1)
}
