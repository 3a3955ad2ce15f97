/** Answers as boards know them: keys in alphabetical order, the time without its zone. */
import type { FastifyBaseLogger } from 'fastify'
import { OverloadedError, RateLimitedError, TooLargeError } from '../../errors.ts'
import { type Answer, jsonAnswer } from '../../http/answer.ts'
import { retryAfterOf } from '../../http/failure.ts'
import type { Clock } from '../../model/clock.ts'
import { US_PER_MS } from '../../model/time.ts'
import { findZoneClock } from '../../model/zone-clock.ts'
import { RefusedRequest } from './errors.ts'
import type { PinRecord } from './pins.ts'

/** A GET changes things here; nobody may answer it from memory. */
const HEADERS = { 'cache-control': 'no-store' } as const

export type IdAsSent = string | null

export class Envelopes {
  readonly #clock: Clock
  readonly #timeZone: string
  readonly #log: Pick<FastifyBaseLogger, 'error'>

  constructor(options: { clock: Clock; timeZone: string; log: Pick<FastifyBaseLogger, 'error'> }) {
    this.#clock = options.clock
    this.#timeZone = options.timeZone
    this.#log = options.log
  }

  greeting(): Answer {
    const message = 'Welcome to Pair-Pipeline!'
    return jsonAnswer(200, HEADERS, { message, response: 'success!', timestamp: this.#timestamp() })
  }

  statistics({ serverIp, count }: { serverIp: string; count: number }): Answer {
    const body = { server_ip: serverIp, timestamp: this.#timestamp(), total_id: count }
    return jsonAnswer(200, HEADERS, body)
  }

  success(id: IdAsSent, { message, stream }: { message: string; stream?: PinRecord }): Answer {
    const body = { id, message, response: 'success!', stream, timestamp: this.#timestamp() }
    return jsonAnswer(201, HEADERS, body)
  }

  refusal(id: IdAsSent, { status, message }: { status: number; message: string }, headers = {}): Answer {
    const body = { id, message, response: 'error!', timestamp: this.#timestamp() }
    return jsonAnswer(status, { ...HEADERS, ...headers }, body)
  }

  /** A bug, or a disk that fails, is logged without the request, which holds a key. */
  failure(id: IdAsSent, error: unknown): Answer {
    const retryAfter = retryAfterOf(error)
    const refusal = refusalOf(error)
    if (refusal.status === 500) this.#log.error({ err: error }, 'pipeline request failed')
    return this.refusal(id, refusal, retryAfter === undefined ? {} : { 'retry-after': retryAfter })
  }

  /** Microseconds are always there. */
  #timestamp(): string {
    const nowUs = this.#clock.nowUs()
    const offsetUs = this.#timeZone === 'UTC' ? 0 : (findZoneClock(this.#timeZone)?.at(nowUs).offsetUs ?? 0)
    const localMs = Math.floor((nowUs + offsetUs) / US_PER_MS)
    const restUs = nowUs + offsetUs - localMs * US_PER_MS
    return new Date(localMs).toISOString().slice(0, -1) + String(restUs).padStart(3, '0')
  }
}

function refusalOf(error: unknown): { status: number; message: string } {
  if (error instanceof RefusedRequest) return { status: 400, message: error.message }
  if (error instanceof RateLimitedError) return { status: 429, message: 'Too many requests' }
  if (error instanceof OverloadedError) return { status: 503, message: 'Too many requests' }
  const status = error instanceof TooLargeError ? 413 : 500
  return { status, message: 'Invalid request' }
}
