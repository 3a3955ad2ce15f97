/** The native REST API of a server, as far as the commands need it. */
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { Failure, SilenceFailure } from './failure.ts'
import { receiveStream, type StreamToReceive } from './receive-stream.ts'
import { type StreamAnswer, type StreamToSend, sendStream } from './send-stream.ts'

export interface ServerAddress {
  /** Without a slash at the end. */
  readonly url: string
  readonly token: string
  /** Whether the token comes from a login, which ends some day. */
  readonly isLogin?: boolean
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Undefined ones are left out. */
  readonly parameters?: Readonly<Record<string, string | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: NonNullable<RequestInit['body']>
  readonly signal?: AbortSignal
}

export class Connection {
  readonly #address: ServerAddress

  constructor(address: ServerAddress) {
    this.#address = address
  }

  /**
   * Asks a resource below `/api/v1/`, such as `query/`.
   * @throws {Failure} no answer, or one that says no, in the server's words.
   */
  async ask(resource: string, { parameters = {}, headers = {}, ...ask }: Ask = {}): Promise<Response> {
    const { url, token } = this.#address
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value)
    const init = {
      ...ask,
      // An idle connection that is kept would hold up a server that stops with the command.
      headers: { ...headers, authorization: `Bearer ${token}`, connection: 'close' },
      duplex: 'half' as const,
    }
    let response: Response
    try {
      response = await fetch(`${url}/api/v1/${resource}${query.size > 0 ? `?${query}` : ''}`, init)
    } catch (error) {
      ask.signal?.throwIfAborted()
      throw new SilenceFailure(silenceText(url, error))
    }
    if (response.ok) return response
    const { status, statusText } = response
    throw new Failure(refusalText(this.#address, { status, statusText, body: await response.text() }))
  }

  /**
   * Reads an answer of any size, as slowly as is needed.
   * @throws {Failure} no answer, or one that says no, in the server's words.
   */
  async receive(resource: string, { headers, signal }: StreamToReceive): Promise<IncomingMessage> {
    const { url, token } = this.#address
    try {
      const answer = await receiveStream(`${url}/api/v1/${resource}`, {
        headers: { ...headers, authorization: `Bearer ${token}` },
        ...(signal === undefined ? {} : { signal }),
      })
      const { statusCode: status = 0, statusMessage: statusText = '' } = answer
      if (status >= 200 && status < 300) return answer
      throw new Failure(refusalText(this.#address, { status, statusText, body: await text(answer) }))
    } catch (error) {
      signal?.throwIfAborted()
      throw error instanceof Failure ? error : new SilenceFailure(silenceText(url, error))
    }
  }

  /**
   * Sends a body of any size, and resolves to the text of the answer.
   * @throws {Failure} no answer, or one that says no, in the server's words.
   */
  async send(resource: string, { headers, signal, ...stream }: StreamToSend): Promise<string> {
    const { url, token } = this.#address
    let answer: StreamAnswer
    try {
      answer = await sendStream(`${url}/api/v1/${resource}`, {
        ...stream,
        headers: { ...headers, authorization: `Bearer ${token}` },
        ...(signal === undefined ? {} : { signal }),
      })
    } catch (error) {
      signal?.throwIfAborted()
      throw new SilenceFailure(silenceText(url, error))
    }
    if (answer.status >= 200 && answer.status < 300) return answer.body
    throw new Failure(refusalText(this.#address, answer))
  }
}

/** Why there is no answer: what the network says lies beneath the error of `fetch`. */
export function silenceText(url: string, error: unknown): string {
  let deepest = error as { code?: string; message?: string; cause?: unknown }
  for (let depth = 0; depth < 5 && deepest.cause instanceof Error; depth++) deepest = deepest.cause
  return `No answer from ${url} (${deepest.code ?? deepest.message ?? String(error)}). Does a Sonde run there?`
}

/** Why an answer says no, with a remedy, in one line. */
export function refusalText(
  { url, isLogin }: ServerAddress,
  { status, statusText, body }: { status: number; statusText: string; body: string },
): string {
  const text = reasonsOf(body) || statusText
  if (status !== 401) return text
  if (isLogin) return `${url} does not accept the login: ${text} Log in again with "sonde login"`
  return `${url} does not accept the token: ${text} Give a valid one in SONDE_TOKEN or with --token`
}

/** `{"detail": "…"}`, `{"error": "…"}`, `["reason"]` or `{"field": ["reason"]}`, in one line. */
function reasonsOf(body: string): string {
  let answer: unknown
  try {
    answer = JSON.parse(body)
  } catch {
    return body.split('\n', 1)[0]
  }
  if (Array.isArray(answer)) return answer.join(' ')
  return Object.entries(Object(answer))
    .map(([field, reasons]) => {
      const text = [reasons].flat().join(' ')
      return ['detail', 'error', 'message', 'non_field_errors'].includes(field) ? text : `${field}: ${text}`
    })
    .join('; ')
}
