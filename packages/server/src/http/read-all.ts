/** Reads the body of a request that comes as a stream. */
import type { Readable } from 'node:stream'
import { InvalidError } from '../errors.ts'

/** A client that sends nothing of its body for so long does not keep what it has sent in memory. */
export const STALLED_MS_MAX = 30_000

/**
 * Takes chunks of `stream`, which is the request or what unpacks it, until there are no more or `take` throws.
 * What is left of the request then flows away, since its connection has to carry the answer yet.
 * @throws {InvalidError} the body ended early, does not go on, or cannot be read.
 */
export function readAll(request: Readable, stream: Readable, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      clearTimeout(stalled)
      stream.off('data', onData)
      if (stream !== request) {
        request.unpipe()
        stream.destroy()
      }
      request.resume()
      reject(error)
    }
    const stalled = setTimeout(
      () => fail(new InvalidError(`The body has not gone on for ${STALLED_MS_MAX / 1_000} seconds`)),
      STALLED_MS_MAX,
    )
    const onData = (chunk: Buffer) => {
      stalled.refresh()
      try {
        take(chunk)
      } catch (error) {
        fail(error)
      }
    }
    stream.on('data', onData)
    stream.once('end', () => {
      clearTimeout(stalled)
      resolve()
    })
    stream.once('error', (error) => fail(new InvalidError(`The body cannot be read: ${error.message}`)))
    // A client that goes away in the middle ends nothing that is being unpacked.
    request.once('close', () => {
      if (!request.readableEnded) fail(new InvalidError('The body ended early'))
    })
  })
}
