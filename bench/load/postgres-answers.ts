/**
 * As much of PostgreSQL's protocol, version 3.0, as a benchmark needs: logging in without a password, simple
 * queries, COPY in both directions. The body of an answer is its rows as messages, or the text of a COPY.
 */
import { type Answer, type AnswerReader, Connection } from './connection.ts'
import { LoadError } from './load-error.ts'

/** Kind and length of a message. */
const HEAD_BYTES = 5
const PROTOCOL_VERSION = 196_608

const kindOf = (letter: string) => letter.charCodeAt(0)
const ROW = kindOf('D')
const COPY_DATA = kindOf('d')
const FAILURE = kindOf('E')
const READY = kindOf('Z')
const QUERY = kindOf('Q')
const COPY_DONE = kindOf('c')
const NOTHING = Buffer.alloc(0)

export class PostgresAnswerReader implements AnswerReader {
  #pending: Buffer = NOTHING
  #parts: Buffer[] = []
  #failure: Buffer | undefined

  push(chunk: Buffer): Answer | undefined {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    let at = 0
    let isReady = false
    while (this.#pending.length - at >= HEAD_BYTES) {
      const end = at + 1 + this.#pending.readUInt32BE(at + 1)
      if (end > this.#pending.length) break
      isReady = this.#take(this.#pending.subarray(at, end))
      at = end
    }
    this.#pending = this.#pending.subarray(at)
    if (!isReady) return undefined
    const answer = { isOk: !this.#failure, body: this.#failure ?? Buffer.concat(this.#parts) }
    this.#parts = []
    this.#failure = undefined
    return answer
  }

  /** True for the message that ends an answer. */
  #take(message: Buffer): boolean {
    if (message[0] === ROW) this.#parts.push(message)
    if (message[0] === COPY_DATA) this.#parts.push(message.subarray(HEAD_BYTES))
    if (message[0] === FAILURE) this.#failure = message.subarray(HEAD_BYTES)
    return message[0] === READY
  }
}

/** Logs in; the server must trust local users. */
export async function openPostgres(port: number): Promise<Connection> {
  const connection = await Connection.open(port, new PostgresAnswerReader())
  const parameters = Buffer.from('user\0postgres\0database\0postgres\0\0')
  const head = Buffer.alloc(8)
  head.writeUInt32BE(head.length + parameters.length, 0)
  head.writeUInt32BE(PROTOCOL_VERSION, 4)
  const { isOk, body } = await connection.exchange([head, parameters])
  if (!isOk) throw new LoadError(`PostgreSQL refused the login: ${body.toString()}`)
  return connection
}

export function queryMessage(sql: string): Buffer {
  const text = Buffer.from(`${sql}\0`)
  return Buffer.concat([messageHead(QUERY, text.length), text])
}

/** A COPY with all of its rows at once; nothing is lost by not waiting for the server to ask for them. */
export function copyMessages(sql: string, rows: Buffer): Buffer[] {
  return [queryMessage(sql), messageHead(COPY_DATA, rows.length), rows, messageHead(COPY_DONE, 0)]
}

/** The cells of each row as text; NULL is an empty text. */
export function rowsOf(body: Buffer): string[][] {
  const rows = []
  for (let at = 0; at < body.length; ) {
    const row: string[] = Array.from({ length: body.readUInt16BE(at + HEAD_BYTES) })
    at += HEAD_BYTES + 2
    for (let cell = 0; cell < row.length; cell++) {
      const length = Math.max(0, body.readInt32BE(at))
      row[cell] = body.toString('latin1', at + 4, at + 4 + length)
      at += 4 + length
    }
    rows.push(row)
  }
  return rows
}

function messageHead(kind: number, contentBytes: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head[0] = kind
  head.writeUInt32BE(contentBytes + 4, 1)
  return head
}
