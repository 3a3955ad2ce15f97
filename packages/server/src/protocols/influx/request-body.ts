/**
 * Bodies of requests, as bytes, unpacked when they come packed. They are held in memory until they are read
 * to the end, so both one of them and all of them together are bounded.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { FastifyRequest } from 'fastify'
import { InvalidError, TooLargeError } from '../../errors.ts'
import type { HeldBytes } from '../../http/held-bytes.ts'

export interface BodyLimits {
  /** Of one body, unpacked. */
  readonly bodyBytesMax: number
  /** Of all bodies that are held at a time. */
  readonly held: HeldBytes
}

export class RequestBodies {
  readonly #limits: BodyLimits

  constructor(limits: BodyLimits) {
    this.#limits = limits
  }

  /**
   * Reads the body of a request whose `body` is its stream, and holds it while `use` works with it.
   * @throws {TooLargeError} over `bodyBytesMax`.
   * @throws {OverloadedError} others hold as much as there may be.
   * @throws {InvalidError} in another encoding than gzip, or broken.
   */
  async use<Result>(request: FastifyRequest, use: (body: Buffer) => Promise<Result>): Promise<Result> {
    const chunks: Buffer[] = []
    let sizeBytes = 0
    let heldBytes = 0
    try {
      if (request.body instanceof Readable) {
        this.#checkLength(request.headers)
        const stream = unpacked(request.body, request.headers)
        await readAll(request.body, stream, (chunk) => {
          sizeBytes += chunk.length
          if (sizeBytes > this.#limits.bodyBytesMax) throw this.#tooLarge()
          this.#limits.held.take(chunk.length)
          heldBytes = sizeBytes
          chunks.push(chunk)
        })
      }
      return await use(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, sizeBytes))
    } finally {
      this.#limits.held.give(heldBytes)
    }
  }

  /** Refuses what says beforehand that it is too large; unpacked it would be larger still. */
  #checkLength(headers: IncomingHttpHeaders): void {
    if (Number(headers['content-length']) > this.#limits.bodyBytesMax) throw this.#tooLarge()
  }

  #tooLarge(): TooLargeError {
    return new TooLargeError(`The body is larger than ${this.#limits.bodyBytesMax} bytes; send it in parts`)
  }
}

/** The stream itself, or what unpacks it. @throws {InvalidError} an encoding other than gzip. */
function unpacked(stream: Readable, headers: IncomingHttpHeaders): Readable {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  switch (encoding) {
    case '':
    case 'identity':
      return stream
    case 'gzip':
    case 'x-gzip':
      return stream.pipe(createGunzip())
    default:
      throw new InvalidError(`Content-Encoding ${encoding} is not understood; send gzip or none`)
  }
}

/**
 * Takes chunks until there are no more or `take` throws. What is left of the request then flows away, since
 * its connection has to carry the answer yet.
 */
function readAll(request: Readable, stream: Readable, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      stream.off('data', onData)
      if (stream !== request) {
        request.unpipe()
        stream.destroy()
      }
      request.resume()
      reject(error)
    }
    const onData = (chunk: Buffer) => {
      try {
        take(chunk)
      } catch (error) {
        fail(error)
      }
    }
    stream.on('data', onData)
    stream.once('end', resolve)
    stream.once('error', (error) => fail(new InvalidError(`The body cannot be read: ${error.message}`)))
    // A client that goes away in the middle ends nothing that is being unpacked.
    request.once('close', () => {
      if (!request.readableEnded) fail(new InvalidError('The body ended early'))
    })
  })
}
