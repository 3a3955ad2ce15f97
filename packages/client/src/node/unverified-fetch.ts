/**
 * `fetch` over connections whose certificate is not checked. Node's own `fetch` can be told so for the whole
 * process only; this one keeps it to the client that asks for it.
 */
import type { IncomingMessage } from 'node:http'
import { Agent, request as sendRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'

const REDIRECTS_MAX = 5
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308])
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304])

export function createUnverifiedFetch(): typeof fetch {
  const agent = new Agent({ rejectUnauthorized: false, keepAlive: true })
  return async (input, init) => {
    let request = new Request(input, init)
    for (let redirects = 0; ; redirects++) {
      if (!request.url.startsWith('https:')) return fetch(request)
      const incoming = await exchange(request, agent)
      const next = redirectOf(request, incoming)
      if (next === undefined || redirects === REDIRECTS_MAX) return responseOf(incoming)
      incoming.resume()
      request = next
    }
  }
}

async function exchange(request: Request, agent: Agent): Promise<IncomingMessage> {
  const headers = Object.fromEntries(request.headers)
  const outgoing = sendRequest(request.url, {
    agent,
    method: request.method,
    headers,
    signal: request.signal,
  })
  const incoming = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
  })
  if (request.body === null) outgoing.end()
  // A failure of the body ends the request, and is told as that.
  else void pipeline(Readable.fromWeb(request.body as NodeReadableStream), outgoing).catch(() => {})
  return incoming
}

/** Where a reading request goes on, if it stays with the same server: the token is for nobody else. */
function redirectOf(request: Request, { statusCode, headers }: IncomingMessage): Request | undefined {
  const isReading = request.method === 'GET' || request.method === 'HEAD'
  if (!isReading || !REDIRECTS.has(statusCode ?? 0) || headers.location === undefined) return undefined
  const target = new URL(headers.location, request.url)
  return target.origin === new URL(request.url).origin ? new Request(target, request) : undefined
}

function responseOf(incoming: IncomingMessage): Response {
  const status = incoming.statusCode ?? 500
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headersDistinct)) {
    for (const one of value ?? []) headers.append(name, one)
  }
  if (WITHOUT_BODY.has(status)) {
    incoming.resume()
    return new Response(null, { status, headers })
  }
  const body = Readable.toWeb(incoming) as unknown as ReadableStream<Uint8Array>
  return new Response(body, { status, statusText: incoming.statusMessage ?? '', headers })
}
