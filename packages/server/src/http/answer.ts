/** An answer that does not know yet which way it goes out: through Fastify, or written to a socket as it is. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** Blocks of a body that are found as they are taken; none of them is empty. */
export type BodyBlocks = AsyncGenerator<Uint8Array>

export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Left out where a status has none. */
  readonly body?: string | Uint8Array | BodyBlocks
}

export const JSON_TYPE = 'application/json; charset=utf-8'

export function jsonAnswer(status: number, headers: Answer['headers'], body: unknown): Answer {
  const type = { 'content-type': JSON_TYPE }
  return { status, headers: { ...headers, ...type }, body: JSON.stringify(body) }
}

export function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  const sent = isWhole(body) ? body : Readable.from(body, { objectMode: false })
  return reply.code(status).headers(headers).send(sent)
}

export function isWhole(body: Answer['body']): body is string | Uint8Array | undefined {
  return body === undefined || typeof body === 'string' || body instanceof Uint8Array
}

/** An answer but for its body. */
type AnswerHead = Omit<Answer, 'body'>

export interface AnswerOptions {
  readonly keepsAlive: boolean
}

/** A longer body is not copied to stand in one text with its head. */
const TEXT_CHARS_MAX = 16 * 1_024

/** Writes answers out as they go over a connection. */
export class AnswerWriter {
  readonly #keepAliveHeader: string
  #second = 0
  /** What ends a head in this second, when the connection stays open and when it does not. */
  #ends = { kept: '', closed: '' }
  /** Up to the length: that of the next answer mostly begins with the same object of headers. */
  #start: { status: number; headers: Answer['headers']; text: string } | undefined
  /** Most answers without a body are the same object as the one before. */
  #last: { answer: Answer; bytes: Buffer } | undefined

  constructor({ keepAliveMs }: { keepAliveMs: number }) {
    this.#keepAliveHeader = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1_000)}\r\n`
  }

  /** In one piece, so that it goes out in one write. The body of `answer` is `body`. */
  send(socket: Socket, answer: Answer, body: string | Uint8Array | undefined, options: AnswerOptions): void {
    this.#tick()
    if (typeof body === 'string' && body.length <= TEXT_CHARS_MAX) {
      socket.write(this.#headOf(answer, lengthLine(Buffer.byteLength(body)), options) + body)
      return
    }
    if (!options.keepsAlive) {
      socket.write(this.#bytesOf(answer, body, options))
      return
    }
    if (this.#last?.answer !== answer) this.#last = { answer, bytes: this.#bytesOf(answer, body, options) }
    socket.write(this.#last.bytes)
  }

  /**
   * Block by block, no faster than the client takes them.
   * @throws what the blocks throw, or an `Error` when the connection closes meanwhile; the answer is not whole.
   */
  async sendBlocks(
    socket: Socket,
    answer: AnswerHead,
    blocks: BodyBlocks,
    options: AnswerOptions,
  ): Promise<void> {
    this.#tick()
    // Goes out together with the first block.
    let head = this.#headOf(answer, 'transfer-encoding: chunked\r\n', options)
    for await (const block of blocks) {
      socket.cork()
      socket.write(`${head}${block.length.toString(16)}\r\n`)
      socket.write(block)
      const isTaken = socket.write('\r\n')
      socket.uncork()
      head = ''
      if (!isTaken || socket.destroyed) await drained(socket)
    }
    socket.write(`${head}0\r\n\r\n`)
  }

  #tick(): void {
    const second = Math.floor(Date.now() / 1_000)
    if (second === this.#second) return
    this.#second = second
    const date = `Date: ${new Date(second * 1_000).toUTCString()}\r\n`
    this.#ends = {
      kept: `${date}${this.#keepAliveHeader}\r\n`,
      closed: `${date}Connection: close\r\n\r\n`,
    }
    this.#last = undefined
  }

  #bytesOf(answer: AnswerHead, body: string | Uint8Array | undefined, options: AnswerOptions): Buffer {
    if (body === undefined) return Buffer.from(this.#headOf(answer, '', options))
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    return Buffer.concat([Buffer.from(this.#headOf(answer, lengthLine(bytes.length), options)), bytes])
  }

  #headOf({ status, headers }: AnswerHead, length: string, { keepsAlive }: AnswerOptions): string {
    if (this.#start?.headers !== headers || this.#start.status !== status) {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
      const text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}`
      this.#start = { status, headers, text }
    }
    return this.#start.text + length + (keepsAlive ? this.#ends.kept : this.#ends.closed)
  }
}

function lengthLine(bytes: number): string {
  return `content-length: ${bytes}\r\n`
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      socket.off('drain', settle).off('close', settle)
      if (socket.destroyed) reject(new Error('the client is gone'))
      else resolve()
    }
    if (socket.destroyed) settle()
    else socket.on('drain', settle).on('close', settle)
  })
}
