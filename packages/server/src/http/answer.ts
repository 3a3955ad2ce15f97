/** An answer that does not know yet which way it goes out: through Fastify, or written to a socket as it is. */
import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'

export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Left out where a status has none. */
  readonly body?: string
}

export function jsonAnswer(status: number, headers: Answer['headers'], body: object): Answer {
  const type = { 'content-type': 'application/json; charset=utf-8' }
  return { status, headers: { ...headers, ...type }, body: JSON.stringify(body) }
}

export function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body)
}

/** Writes answers out, each with its head and body in one piece. */
export class AnswerWriter {
  readonly #keepAliveHeader: string
  #second = 0
  #date = ''
  /** Most answers are the same object as the one before. */
  #last: { answer: Answer; bytes: Buffer } | undefined

  constructor({ keepAliveMs }: { keepAliveMs: number }) {
    this.#keepAliveHeader = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1_000)}\r\n`
  }

  /** The bytes may be the same at the next call; nobody may write into them. */
  bytesOf(answer: Answer, { keepsAlive }: { keepsAlive: boolean }): Buffer {
    const second = Math.floor(Date.now() / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#date = new Date(second * 1_000).toUTCString()
      this.#last = undefined
    }
    if (!keepsAlive) return this.#write(answer, 'Connection: close\r\n')
    if (this.#last?.answer !== answer) {
      this.#last = { answer, bytes: this.#write(answer, this.#keepAliveHeader) }
    }
    return this.#last.bytes
  }

  #write({ status, headers, body }: Answer, connection: string): Buffer {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    if (body !== undefined) lines.push(`content-length: ${Buffer.byteLength(body)}\r\n`)
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}Date: ${this.#date}\r\n`
    return Buffer.from(`${head}${connection}\r\n${body ?? ''}`)
  }
}
