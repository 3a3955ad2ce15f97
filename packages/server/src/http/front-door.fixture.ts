/** A server behind a front door, and clients that send bytes as they like. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { onTestFinished } from 'vitest'
import { NotFoundError } from '../errors.ts'
import { AnswerWriter } from './answer.ts'
import { FrontDoor } from './front-door.ts'
import { HeldBytes } from './held-bytes.ts'
import type { HotHead, HotRoute } from './hot-route.ts'

export const LIMITS = { firstMsMax: 60_000, requestMsMax: 60_000, keepAliveMs: 72_000 }

export interface DoorBench {
  readonly port: number
  readonly server: Server
  readonly door: FrontDoor
  /** What was asked of the hot route, and of `node:http`. */
  readonly hot: string[]
  readonly cold: string[]
}

/** Answers `body|query|authorization` on both ways, so that a client cannot tell which it was. */
export async function openDoorBench(changes: Partial<HotRoute> = {}): Promise<DoorBench> {
  const hot: string[] = []
  const cold: string[] = []
  const textOf = (
    body: string,
    { query, authorization = 'nobody' }: Pick<HotHead, 'query' | 'authorization'>,
  ) => `${body}|${query.q ?? ''}|${authorization}`
  const door = new FrontDoor()
  door.register({
    path: '/hot',
    methods: ['POST'],
    bodyBytesMax: 100_000,
    held: new HeldBytes(1_000_000),
    async open(head) {
      if (head.query.q === 'refused') throw new NotFoundError()
      return {
        isCurrent: () => true,
        async take(body) {
          const text = textOf(body.toString(), head)
          hot.push(text)
          return { status: 200, headers: {}, body: text }
        },
      }
    },
    failed: () => ({ status: 404, headers: {}, body: 'refused' }),
    ...changes,
  })
  const server = createServer({ keepAliveTimeout: LIMITS.keepAliveMs }, async (request, reply) => {
    const url = new URL(request.url ?? '', 'http://x')
    const body = await bodyOf(request).catch(() => undefined)
    if (body === undefined) return
    const query = Object.fromEntries(url.searchParams)
    const text = textOf(body, { query, authorization: request.headers.authorization })
    cold.push(text)
    reply.end(url.searchParams.get('q') === 'refused' ? 'refused' : text)
  })
  door.standBefore(server, LIMITS)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    door.close()
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, server, door, hot, cold }
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

export interface RawClient {
  readonly socket: Socket
  send(bytes: string | Buffer): void
  /** The next answers, as their bodies. */
  bodies(count: number): Promise<string[]>
  /** Everything that has come, once the server has closed the connection. */
  all(): Promise<string>
}

export function openRawClient(port: number): RawClient {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  let received = ''
  let wake = () => {}
  const closed = new Promise<void>((resolve) => socket.once('end', resolve).once('close', resolve))
  socket.setEncoding('latin1').on('error', () => {})
  socket.on('data', (text: string) => {
    received += text
    wake()
  })
  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    async bodies(count) {
      const bodies: string[] = []
      while (bodies.length < count) {
        const headEnd = received.indexOf('\r\n\r\n') + 4
        const [, length] = /^content-length: (\d+)\r$/im.exec(received.slice(0, headEnd)) ?? []
        const end = length === undefined ? Number.POSITIVE_INFINITY : headEnd + Number(length)
        if (received.length >= end) {
          bodies.push(received.slice(headEnd, end))
          received = received.slice(end)
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
      return bodies
    },
    async all() {
      await closed
      return received
    },
  }
}

/** A request of the plain kind. */
export function hotRequest(body: string, { query = 'q=1', headers = '' } = {}): string {
  return `POST /hot?${query} HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`
}

export const newAnswerWriter = () => new AnswerWriter(LIMITS)

/** The front door leaves every request with this header over, and nothing behind it looks at it. */
export const NOT_FOR_THE_DOOR = 'Forwarded: for=unknown\r\n'

/** The port of a server that listens from now on. */
export async function listening(http: FastifyInstance): Promise<number> {
  await http.listen({ host: '127.0.0.1', port: 0 })
  return (http.server.address() as AddressInfo).port
}

/** The whole answer to a request that closes its connection, its headers in order of their names. */
export function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('utf8').on('data', (text) => {
      received += text
    })
    socket.once('error', reject).once('close', () => {
      const [head, body] = received.split('\r\n\r\n')
      const [status, ...headers] = head
        .replace(/^date: .*$/im, 'date: then')
        .toLowerCase()
        .split('\r\n')
      resolve([status, ...headers.sort(), body].join('\n'))
    })
  })
}
