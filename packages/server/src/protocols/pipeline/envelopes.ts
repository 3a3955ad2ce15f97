/** Answers as boards know them: keys in alphabetical order, the time without its zone. */
import type { FastifyBaseLogger } from 'fastify'
import { OverloadedError, RateLimitedError, TooLargeError } from '../../errors.ts'
import { type Answer, JSON_TYPE, jsonAnswer } from '../../http/answer.ts'
import { retryAfterOf } from '../../http/failure.ts'
import type { Clock } from '../../model/clock.ts'
import { US_PER_MS } from '../../model/time.ts'
import { findZoneClock, type ZoneClock } from '../../model/zone-clock.ts'
import { RefusedRequest } from './errors.ts'
import type { PinRecord } from './pins.ts'

/** A GET changes things here; nobody may answer it from memory. */
const HEADERS = { 'cache-control': 'no-store' } as const
/** The same object for all of them, whose bytes then need not be made again. */
const SUCCESS_HEADERS = { ...HEADERS, 'content-type': JSON_TYPE }

export type IdAsSent = string | null

export class Envelopes {
  readonly #clock: Clock
  /** Undefined for UTC. */
  readonly #zone: ZoneClock | undefined
  readonly #log: Pick<FastifyBaseLogger, 'error'>
  /** Many answers go out in one moment. */
  #lastUs = Number.NaN
  #lastTimestamp = ''

  constructor(options: { clock: Clock; timeZone: string; log: Pick<FastifyBaseLogger, 'error'> }) {
    this.#clock = options.clock
    this.#zone = options.timeZone === 'UTC' ? undefined : findZoneClock(options.timeZone)
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
    return { status: 201, headers: SUCCESS_HEADERS, body: JSON.stringify(body) }
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
    if (nowUs !== this.#lastUs) {
      const localUs = nowUs + (this.#zone?.at(nowUs).offsetUs ?? 0)
      const localMs = Math.floor(localUs / US_PER_MS)
      const restUs = localUs - localMs * US_PER_MS
      this.#lastTimestamp = new Date(localMs).toISOString().slice(0, -1) + String(restUs).padStart(3, '0')
      this.#lastUs = nowUs
    }
    return this.#lastTimestamp
  }
}

function refusalOf(error: unknown): { status: number; message: string } {
  if (error instanceof RefusedRequest) return { status: 400, message: error.message }
  if (error instanceof RateLimitedError) return { status: 429, message: 'Too many requests' }
  if (error instanceof OverloadedError) return { status: 503, message: 'Too many requests' }
  const status = error instanceof TooLargeError ? 413 : 500
  return { status, message: 'Invalid request' }
}
