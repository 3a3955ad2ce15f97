/**
 * Reads `multipart/form-data` part by part as it arrives (RFC 7578, RFC 2046 5.1). Nothing is held but the
 * headers of a part and one chunk; the source is asked for more only when the reader of a part asks.
 * Headers are handed on as they came, because some clients put more into a file name than a file name.
 */
import { InvalidError, TooLargeError } from '../errors.ts'

export interface MultipartPart {
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  /** What is not read of it is skipped when the next part is asked for. */
  readonly body: AsyncIterable<Buffer>
}

export interface MultipartOptions {
  readonly boundary: string
  readonly partsMax: number
  /** Of one part. */
  readonly headerBytesMax: number
}

/** The boundary of a content type; undefined when it is no multipart form. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  if (!/^\s*multipart\/form-data\s*;/i.test(contentType ?? '')) return undefined
  const [, quoted, bare] =
    /;\s*boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType!) ?? []
  return quoted ?? bare
}

/**
 * @throws {InvalidError} the body is no multipart form, or ends before it should.
 * @throws {TooLargeError} more parts or longer headers than allowed.
 */
export async function* readParts(
  source: AsyncIterable<Uint8Array>,
  { boundary, partsMax, headerBytesMax }: MultipartOptions,
): AsyncGenerator<MultipartPart> {
  // The first boundary needs no line break before it, so one is put there.
  const input = new MultipartInput(source, Buffer.from('\r\n'))
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  try {
    await drain(input.until(delimiter))
    for (let count = 1; await input.isAtPart(); count++) {
      if (count > partsMax) throw new TooLargeError(`A form has at most ${partsMax} parts.`)
      const headers = parseHeaders(await input.readHeaders(headerBytesMax))
      const body = input.until(delimiter)
      yield { headers, body }
      await drain(body)
    }
  } finally {
    await input.close()
  }
}

class MultipartInput {
  readonly #chunks: AsyncIterator<Uint8Array>
  #held: Buffer

  constructor(source: AsyncIterable<Uint8Array>, start: Buffer) {
    this.#chunks = source[Symbol.asyncIterator]()
    this.#held = start
  }

  /** What comes before the delimiter; when it is over the input stands behind that. May be left and taken up. */
  until(delimiter: Buffer): AsyncIterableIterator<Buffer> {
    let isOver = false
    const next = async (): Promise<IteratorResult<Buffer>> => {
      while (!isOver) {
        const at = this.#held.indexOf(delimiter)
        // The last bytes may be the beginning of a delimiter.
        const length = at >= 0 ? at : this.#held.length - (delimiter.length - 1)
        if (length > 0) return { done: false, value: this.#take(length) }
        if (at === 0) {
          this.#take(delimiter.length)
          isOver = true
        } else await this.#fill()
      }
      return { done: true, value: undefined }
    }
    const body: AsyncIterableIterator<Buffer> = { next, [Symbol.asyncIterator]: () => body }
    return body
  }

  /** Behind a delimiter: `--` ends the form, a line break begins a part. */
  async isAtPart(): Promise<boolean> {
    for (;;) {
      while (this.#held.length < 2) await this.#fill()
      const [first, second] = this.#held
      if (first === DASH && second === DASH) return false
      if (first === CR && second === LF) break
      if (first !== SPACE && first !== TAB) throw malformed('something follows a boundary')
      this.#take(1)
    }
    // The line break stays, so that a part without headers ends them with the same two breaks as any other.
    return true
  }

  async readHeaders(bytesMax: number): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf('\r\n\r\n')
      if ((at < 0 ? this.#held.length : at) > bytesMax) {
        throw new TooLargeError(`The headers of a part have at most ${bytesMax} bytes.`)
      }
      if (at >= 0) return this.#take(at + 4).toString('utf8')
      await this.#fill()
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  #take(length: number): Buffer {
    const taken = this.#held.subarray(0, length)
    this.#held = this.#held.subarray(length)
    return taken
  }

  async #fill(): Promise<void> {
    const { done, value } = await this.#chunks.next()
    if (done) throw malformed('it ends too early')
    this.#held = this.#held.length === 0 ? bufferOf(value) : Buffer.concat([this.#held, value])
  }
}

const CR = 0x0d
const LF = 0x0a
const TAB = 0x09
const SPACE = 0x20
const DASH = 0x2d

/** The first of a repeated header counts. */
function parseHeaders(text: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  for (const line of text.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim())
  }
  return headers
}

async function drain(body: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of body);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function malformed(reason: string): InvalidError {
  return new InvalidError(`The body is no multipart form: ${reason}`)
}
