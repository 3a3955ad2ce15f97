/**
 * A connection that is kept open, with one exchange at a time: a request that lies ready as bytes goes out, an
 * answer comes back. Written on bare sockets, so that the load costs the machine as little as can be.
 */
import { connect, type Socket } from 'node:net'
import { LoadError } from './load-error.ts'

export interface Answer {
  readonly isOk: boolean
  readonly body: Buffer
}

/** Takes what comes in apart; gives the answer with its last byte. */
export interface AnswerReader {
  push(chunk: Buffer): Answer | undefined
}

const READ_BYTES_MAX = 65_536
const ANSWER_MS_MAX = 120_000

export class Connection {
  #socket: Socket
  #reader: AnswerReader
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined
  #failure: LoadError | undefined

  private constructor(port: number, reader: AnswerReader) {
    this.#reader = reader
    // One buffer for all reads: a stream of chunks would make a small exchange cost a good deal more.
    const onread = {
      buffer: Buffer.allocUnsafe(READ_BYTES_MAX),
      callback: (length: number, bytes: Uint8Array) => this.#take(Buffer.from(bytes.subarray(0, length))),
    }
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread })
    this.#socket = socket
    socket.setTimeout(ANSWER_MS_MAX, () => {
      if (this.#waiting) this.#fail(new LoadError(`No answer within ${ANSWER_MS_MAX / 1_000} s`))
    })
    socket.on('error', (error) => this.#fail(new LoadError(`The connection failed: ${error.message}`)))
    socket.on('close', () => this.#fail(new LoadError('The connection was closed by the other side')))
  }

  /** @throws {LoadError} nobody listens at this port of the machine. */
  static open(port: number, reader: AnswerReader): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const connection = new Connection(port, reader)
      connection.#socket.once('error', ({ message }) => reject(new LoadError(`Port ${port}: ${message}`)))
      connection.#socket.once('connect', () => resolve(connection))
    })
  }

  /** @throws {LoadError} the connection ended before the answer did. */
  exchange(request: readonly Buffer[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure)
      this.#waiting = { resolve, reject }
      if (request.length === 1) {
        this.#socket.write(request[0])
        return
      }
      this.#socket.cork()
      for (const part of request) this.#socket.write(part)
      this.#socket.uncork()
    })
  }

  close(): void {
    this.#failure = new LoadError('The connection is closed')
    this.#socket.destroy()
  }

  /** True, for reading goes on. */
  #take(chunk: Buffer): boolean {
    try {
      const answer = this.#reader.push(chunk)
      if (!answer) return true
      const waiting = this.#waiting
      this.#waiting = undefined
      waiting?.resolve(answer)
    } catch (error) {
      this.#fail(error as LoadError)
    }
    return true
  }

  #fail(failure: LoadError): void {
    this.#failure ??= failure
    this.#waiting?.reject(this.#failure)
    this.#waiting = undefined
    this.#socket.destroy()
  }
}
