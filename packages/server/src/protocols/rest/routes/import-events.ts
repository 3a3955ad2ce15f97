/**
 * Answers of imports and backups: one JSON object a line while the work goes on, the last of them with the outcome. Work
 * that fails before it has anything to tell gets an ordinary error answer.
 */
import { PassThrough } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError, UnavailableError } from '../../../errors.ts'
import type { RestHttp } from '../rest-http.ts'

export interface ImportEvent {
  readonly event: string
  readonly [field: string]: unknown
}

export interface ImportContext {
  /** Tells the client; of `often` events only about twenty a second get through. */
  readonly send: (event: ImportEvent, options?: { often: boolean }) => void
  /** Aborted when the client has gone or the server stops. */
  readonly signal: AbortSignal
}

const OFTEN_MS = 50
const DRAIN_MS_MAX = 2_000

/** What some routes do; a server that stops ends them first, while the stores are open yet. */
export class Imports {
  readonly #running = new Map<Promise<unknown>, AbortController>()

  constructor(http: RestHttp) {
    http.addHook('preClose', async () => {
      const reason = new UnavailableError('The server is stopping')
      for (const controller of this.#running.values()) controller.abort(reason)
    })
    http.addHook('onClose', async () => {
      await Promise.allSettled(this.#running.keys())
    })
  }

  /**
   * Resolves when the answer has begun; the work goes on. What it resolves to is the last event, and a
   * failure of it is `{"event":"error","message":…}`.
   */
  async reply(
    request: FastifyRequest,
    reply: FastifyReply,
    work: (context: ImportContext) => Promise<ImportEvent>,
  ): Promise<FastifyReply> {
    const controller = new AbortController()
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) controller.abort()
    })
    controller.signal.addEventListener('abort', () => {
      // Nothing may wait for the rest of an upload that stands still.
      if (!request.raw.complete) request.raw.destroy()
    })
    const lines = new EventLines()
    const send: ImportContext['send'] = (event, options) => lines.send(event, options)
    const outcome = work({ send, signal: controller.signal })
    this.#running.set(outcome, controller)
    const end = outcome.finally(() => {
      this.#running.delete(outcome)
      return drained(request)
    })
    await Promise.race([lines.begun, end])
    end.then(
      (event) => lines.finish(event),
      (error: unknown) => lines.finish({ event: 'error', message: messageOf(error, request) }),
    )
    reply.type('application/x-ndjson; charset=utf-8').header('cache-control', 'no-store')
    return reply.send(lines.stream)
  }
}

class EventLines {
  readonly stream = new PassThrough()
  readonly #begun = Promise.withResolvers<void>()
  readonly begun = this.#begun.promise
  #lastOftenMs = Number.NEGATIVE_INFINITY

  /** A client that uploads without reading the answer must not be waited for, nor fill the memory. */
  send(event: ImportEvent, { often } = { often: false }): void {
    if (often) {
      const nowMs = performance.now()
      if (nowMs - this.#lastOftenMs < OFTEN_MS || this.stream.writableNeedDrain) return
      this.#lastOftenMs = nowMs
    }
    this.stream.write(`${JSON.stringify(event)}\n`)
    this.#begun.resolve()
  }

  finish(event: ImportEvent): void {
    // A client that has gone took the stream with it.
    if (!this.stream.destroyed) this.stream.end(`${JSON.stringify(event)}\n`)
  }
}

/**
 * Takes the rest of a body that nobody wants any more: a client whose connection ends while it still sends
 * never gets to read why. One that takes its time about it is not waited for.
 */
export async function drained({ raw }: FastifyRequest): Promise<void> {
  raw.unpipe()
  raw.resume()
  if (raw.readableEnded || raw.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, DRAIN_MS_MAX)
  raw.once('end', resolve).once('close', resolve)
  await promise
  clearTimeout(timer)
}

function messageOf(error: unknown, request: FastifyRequest): string {
  if (error instanceof AppError) return error.message
  const {
    name,
    statusCode = 500,
    message,
  } = Object(error) as {
    name?: string
    statusCode?: number
    message?: string
  }
  if (name === 'AbortError') return 'The client has gone'
  if (statusCode < 500 && message !== undefined) return message
  request.log.error({ err: error }, 'import or backup failed')
  return 'Internal error.'
}
