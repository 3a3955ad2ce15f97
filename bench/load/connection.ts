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

const ANSWER_MS_MAX = 120_000

export class Connection {
  #socket: Socket
  #reader: AnswerReader
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined
  #failure: LoadError | undefined

  private constructor(socket: Socket, reader: AnswerReader) {
    this.#socket = socket
    this.#reader = reader
    socket.setNoDelay(true)
    socket.setTimeout(ANSWER_MS_MAX, () => {
      if (this.#waiting) this.#fail(new LoadError(`No answer within ${ANSWER_MS_MAX / 1_000} s`))
    })
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', (error) => this.#fail(new LoadError(`The connection failed: ${error.message}`)))
    socket.on('close', () => this.#fail(new LoadError('The connection was closed by the other side')))
  }

  /** @throws {LoadError} nobody listens at this port of the machine. */
  static open(port: number, reader: AnswerReader): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port })
      const failed = (error: Error) => reject(new LoadError(`Port ${port}: ${error.message}`))
      socket.once('error', failed)
      socket.once('connect', () => {
        socket.off('error', failed)
        resolve(new Connection(socket, reader))
      })
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

  #take(chunk: Buffer): void {
    try {
      const answer = this.#reader.push(chunk)
      if (!answer) return
      const waiting = this.#waiting
      this.#waiting = undefined
      waiting?.resolve(answer)
    } catch (error) {
      this.#fail(error as LoadError)
    }
  }

  #fail(failure: LoadError): void {
    this.#failure ??= failure
    this.#waiting?.reject(this.#failure)
    this.#waiting = undefined
    this.#socket.destroy()
  }
}
