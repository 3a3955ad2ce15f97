/**
 * Answers of any size that are read more slowly than they come. `fetch` of Node 24 fails an assertion, and with it
 * the process, when the server closes the connection of an answer that is held back; node:http does not.
 */
import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'

/** A server that says nothing for so long is gone. */
const IDLE_MS_MAX = 60_000

export interface StreamToReceive {
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** Resolves when the headers are there. Read the answer, or destroy it: it holds its connection. */
export async function receiveStream(
  url: string,
  { headers = {}, signal }: StreamToReceive,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const open = url.startsWith('https:') ? requestSecure : requestPlain
  // An agent of its own: an idle connection that is kept would hold up a server that stops with the command.
  const request = open(url, { headers, agent: false, ...(signal ? { signal } : {}) })
  request.setTimeout(IDLE_MS_MAX, () => request.destroy(new Error('nothing came for a minute')))
  request.on('error', reject)
  request.on('response', resolve)
  request.end()
  return promise
}
