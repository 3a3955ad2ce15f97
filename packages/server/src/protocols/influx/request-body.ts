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
import { readAll } from '../../http/read-all.ts'

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
          this.#limits.held.take(chunk.length, sizeBytes)
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
