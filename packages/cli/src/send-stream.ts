/**
 * Requests with bodies of any size. `fetch` holds on to every chunk of a body until the request is over, which
 * for a file of a gigabyte is a gigabyte; node:http does not.
 */
import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'

/** A server that neither takes nor says anything for so long is gone. */
const IDLE_MS_MAX = 5 * 60_000

export interface StreamToSend {
  readonly method: 'POST' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  readonly body: AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
}

export interface StreamAnswer {
  readonly status: number
  readonly statusText: string
  readonly body: string
}

/** Resolves when the answer is there, also when the server does not want all of the body. */
export async function sendStream(
  url: string,
  { method, headers, body, signal }: StreamToSend,
): Promise<StreamAnswer> {
  const answer = Promise.withResolvers<StreamAnswer>()
  const open = url.startsWith('https:') ? requestSecure : requestPlain
  // An agent of its own: an idle connection that is kept would hold up a server that stops with the command.
  const request = open(url, {
    method,
    // A server that closes behind its answer would do so in the face of a body that it does not want.
    headers: { ...headers, connection: 'keep-alive' },
    agent: false,
    ...(signal ? { signal } : {}),
  })
  request.setTimeout(IDLE_MS_MAX, () => request.destroy(new Error('nothing moved for five minutes')))
  request.on('error', answer.reject)
  request.on('response', (response) => {
    const { statusCode: status = 0, statusMessage: statusText = '' } = response
    text(response).then((body) => answer.resolve({ status, statusText, body }), answer.reject)
  })
  const sending = pipeline(Readable.from(body), request)
  // What it fails with is an error of the request too; what comes after an answer is of no interest.
  sending.catch(answer.reject)
  try {
    return await answer.promise
  } finally {
    request.destroy()
  }
}
