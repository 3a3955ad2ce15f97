/** A server that answers as a test says, and remembers what it was asked. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { Api, type ApiOptions } from './api.ts'

export interface Asked {
  readonly method: string
  /** With the query, from `/api/v1/` on. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** `hang` never answers, `drop` ends the connection. */
export type Answer =
  | 'hang'
  | 'drop'
  | { readonly status?: number; readonly body?: unknown; readonly headers?: Record<string, string> }

export interface ScriptedServer {
  readonly url: string
  readonly asked: Asked[]
  /** A client with a token. */
  readonly api: Api
}

export interface Script {
  readonly answer: (asked: Asked, count: number) => Answer
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly options?: ApiOptions
}

export async function scriptedServer({ answer, tls, options }: Script): Promise<ScriptedServer> {
  const asked: Asked[] = []
  const handle = async (request: IncomingMessage, reply: ServerResponse) => {
    let body = ''
    for await (const part of request.setEncoding('latin1')) body += part
    const path = String(request.url).replace('/api/v1/', '')
    const one = { method: String(request.method), path, headers: request.headers, body }
    asked.push(one)
    const given = answer(one, asked.length)
    if (given === 'hang') return
    if (given === 'drop') {
      request.socket.destroy()
      return
    }
    const isText = typeof given.body === 'string' || given.body === undefined
    reply.writeHead(given.status ?? 200, { 'content-type': 'application/json', ...given.headers })
    reply.end(isText ? given.body : JSON.stringify(given.body))
  }
  const server: Server = tls ? createTlsServer(tls, handle) : createServer(handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, api: new Api({ domain: url, token: 'JWT_USER', ...options }) }
}
