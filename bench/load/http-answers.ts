/** The answers of an HTTP/1.1 server, with a length or in chunks; as little of HTTP as the databases here use. */
import type { Answer, AnswerReader } from './connection.ts'
import { LoadError } from './load-error.ts'

const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')
const NOTHING = Buffer.alloc(0)
const EMPTY_STATUS = '204'
const EMPTY_HEAD = Buffer.from('HTTP/1.1 204')
const DONE: Answer = { isOk: true, body: NOTHING }

export class HttpAnswerReader implements AnswerReader {
  #pending: Buffer = NOTHING
  #status = ''
  #isChunked = false
  /** Bytes of the body, or of the chunk that is being read, still to come. */
  #bytesLeft = 0
  #isInBody = false
  #parts: Buffer[] = []

  push(chunk: Buffer): Answer | undefined {
    if (!this.#isInBody && this.#pending.length === 0 && isWholeAndEmpty(chunk)) return DONE
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    if (!this.#isInBody && !this.#readHead()) return undefined
    return this.#isChunked ? this.#readChunks() : this.#readLength()
  }

  #readHead(): boolean {
    const end = this.#pending.indexOf(HEAD_END)
    if (end < 0) return false
    const head = this.#pending.toString('latin1', 0, end)
    this.#pending = this.#pending.subarray(end + HEAD_END.length)
    if (!head.startsWith('HTTP/1.1 ')) throw new LoadError(`Not an HTTP answer: ${head.slice(0, 60)}`)
    this.#status = head.slice(9, 12)
    this.#isInBody = true
    this.#isChunked = false
    this.#bytesLeft = 0
    if (this.#status === EMPTY_STATUS) return true
    this.#isChunked = /\r\ntransfer-encoding: *chunked/i.test(head)
    if (!this.#isChunked) this.#bytesLeft = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
    return true
  }

  #readLength(): Answer | undefined {
    this.#takeBytes()
    return this.#bytesLeft > 0 ? undefined : this.#finish()
  }

  #readChunks(): Answer | undefined {
    for (;;) {
      this.#takeBytes()
      if (this.#bytesLeft > 0) return undefined
      // The first chunk follows the head, all others a line end that closes the one before.
      const start = this.#pending[0] === LINE_END[0] ? LINE_END.length : 0
      const end = this.#pending.indexOf(LINE_END, start)
      if (end < 0) return undefined
      const size = Number.parseInt(this.#pending.toString('latin1', start, end), 16)
      if (size === 0) {
        if (this.#pending.length < end + 2 * LINE_END.length) return undefined
        this.#pending = this.#pending.subarray(end + 2 * LINE_END.length)
        return this.#finish()
      }
      this.#bytesLeft = size
      this.#pending = this.#pending.subarray(end + LINE_END.length)
    }
  }

  #takeBytes(): void {
    const taken = Math.min(this.#bytesLeft, this.#pending.length)
    if (taken === 0) return
    this.#parts.push(this.#pending.subarray(0, taken))
    this.#pending = this.#pending.subarray(taken)
    this.#bytesLeft -= taken
  }

  #finish(): Answer {
    const body = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts)
    this.#parts = []
    this.#isInBody = false
    return { isOk: this.#status.startsWith('2'), body }
  }
}

/** The answer to a write, nearly always. */
function isWholeAndEmpty(chunk: Buffer): boolean {
  return chunk.indexOf(EMPTY_HEAD) === 0 && chunk.indexOf(HEAD_END) === chunk.length - HEAD_END.length
}

/** A request that lies ready; a body, if there is one, is sent behind it. */
export function httpHead(
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  { headers = '', bodyBytes = 0 }: { headers?: string; bodyBytes?: number } = {},
): Buffer {
  const length = method !== 'GET' ? `Content-Length: ${bodyBytes}\r\n` : ''
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}${length}\r\n`)
}

export function httpGet(path: string, query: Readonly<Record<string, string>>, headers?: string): Buffer {
  return httpHead('GET', `${path}?${new URLSearchParams(query)}`, headers === undefined ? {} : { headers })
}
