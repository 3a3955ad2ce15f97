/** The native REST API of a server, as far as the commands need it. */
import { Failure } from './failure.ts'

export interface ServerAddress {
  /** Without a slash at the end. */
  readonly url: string
  readonly token: string
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
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
      throw new Failure(`No answer from ${url} (${causeOf(error)}). Does a Sonde run there?`)
    }
    if (response.ok) return response
    throw new Failure(await refusalOf(response, url))
  }
}

/** What the network says lies beneath the error of `fetch`. */
function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } }
  return cause?.code ?? cause?.message ?? String(error)
}

async function refusalOf(response: Response, url: string): Promise<string> {
  const text = reasonsOf(await response.text()) || response.statusText
  if (response.status === 401) {
    return `${url} does not accept the token: ${text} Give a valid one in SONDE_TOKEN or with --token`
  }
  return text
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
