/** One server as one client sees it: address, credentials, and how requests are sent and sent again. */
import { Deadline } from './deadline.ts'
import { networkFailureOf, RestConnectionError, refusalOf } from './http-errors.ts'

export interface ConnectionOptions {
  /** Without a slash at the end. */
  readonly domain: string
  readonly timeoutMs: number
  readonly retries: number
  readonly fetch: () => Promise<typeof fetch>
}

export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: NonNullable<RequestInit['body']> | undefined
  readonly signal?: AbortSignal | undefined
  /** Time that the body needs to go out, on top of `timeoutMs`. */
  readonly extraMs?: number | undefined
  /** Left out, what HTTP says of the method: POST and PATCH are not repeated. */
  readonly isIdempotent?: boolean
}

export interface Incoming {
  readonly response: Response
  readonly content: Uint8Array
}

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'PUT', 'DELETE'])
const BACKOFF_FIRST_MS = 100
const BACKOFF_MS_MAX = 2_000

export class Connection {
  readonly domain: string
  readonly #options: ConnectionOptions
  #fetch: Promise<typeof fetch> | undefined

  /** Sent with every request but a login; null sends none. */
  token: string | null = null
  tokenType = 'jwt'
  username: string | null = null

  constructor(options: ConnectionOptions) {
    this.domain = options.domain
    this.#options = options
  }

  get authorization(): Record<string, string> {
    return this.token === null ? {} : { Authorization: `${this.tokenType} ${this.token}` }
  }

  /**
   * Sends a request and reads its answer whole, whatever the status.
   * @throws {RestBaseException} there was no answer.
   */
  send(outgoing: Outgoing): Promise<Incoming> {
    return this.#withRetries(outgoing, async (response, deadline) => {
      const content = await readWhole(chunksOf(response, deadline))
      deadline.end()
      return { response, content }
    })
  }

  /**
   * Sends a request and hands out the body of its answer while it comes; breaking off the iteration ends it.
   * @throws {RestHttpBaseException} the status says no.
   */
  stream(outgoing: Outgoing): Promise<AsyncGenerator<Uint8Array>> {
    return this.#withRetries(outgoing, async (response, deadline) => {
      const chunks = chunksOf(response, deadline)
      if (response.ok) return chunks
      throw refusalOf(response, outgoing.url, await readWhole(chunks))
    })
  }

  /** Lost connections are tried again, with pauses that double, where that does no harm. */
  async #withRetries<Answer>(
    outgoing: Outgoing,
    read: (response: Response, deadline: Deadline) => Promise<Answer>,
  ): Promise<Answer> {
    const { method, isIdempotent = IDEMPOTENT.has(method) } = outgoing
    const retriesMax = isIdempotent ? this.#options.retries : 0
    for (let retry = 0; ; retry++) {
      try {
        return await this.#once(outgoing, read)
      } catch (error) {
        if (!(error instanceof RestConnectionError) || retry >= retriesMax) throw error
        const pauseMs = Math.min(BACKOFF_MS_MAX, BACKOFF_FIRST_MS * 2 ** retry)
        // Clients that lost one server must not come back at one time.
        await sleep(pauseMs * (0.5 + Math.random() / 2), outgoing.signal)
      }
    }
  }

  async #once<Answer>(
    { method, url, headers, body, signal, extraMs }: Outgoing,
    read: (response: Response, deadline: Deadline) => Promise<Answer>,
  ): Promise<Answer> {
    this.#fetch ??= this.#options.fetch()
    const fetching = await this.#fetch
    const deadline = new Deadline({ timeoutMs: this.#options.timeoutMs, url, signal, extraMs })
    const init = {
      method,
      headers: { ...headers },
      ...(body instanceof ReadableStream
        ? { body: body.pipeThrough(touching(deadline)), duplex: 'half' as const }
        : body === undefined
          ? {}
          : { body }),
      // No cookies: the token is all that tells who asks.
      credentials: 'omit' as const,
      signal: deadline.signal,
    }
    try {
      const response = await fetching(url, init)
      deadline.touch()
      return await read(response, deadline)
    } catch (error) {
      deadline.end()
      throw deadline.reason ?? networkFailureOf(error, url)
    }
  }
}

/** Passes on what it gets; as long as something goes out, nobody is silent. */
function touching(deadline: Deadline): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      deadline.touch()
      controller.enqueue(chunk)
    },
  })
}

async function* chunksOf(response: Response, deadline: Deadline): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  let isWhole = false
  try {
    for (;;) {
      const part = await reader?.read()
      if (part === undefined || part.done) {
        isWhole = true
        return
      }
      deadline.pause()
      yield part.value
      deadline.touch()
    }
  } catch (error) {
    throw deadline.reason ?? networkFailureOf(error, response.url)
  } finally {
    deadline.end()
    if (!isWhole) deadline.abort()
  }
}

async function readWhole(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of chunks) parts.push(part)
  if (parts.length === 1) return parts[0]
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** @throws what the signal says, when it ends the wait. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
