/** The body of a request as it arrives, for uploads of any size. */
import type { Readable } from 'node:stream'
import { InvalidError } from '../errors.ts'
import { STALLED_MS_MAX } from './read-all.ts'

/** More than this of a body that was given up is not waited for. */
const DRAINED_BYTES_MAX = 256 * 1024 * 1024

/**
 * Chunks of a body; the connection stays open when the reading ends early, because it has to carry the answer.
 * @throws {InvalidError} the client went away, or sent nothing for half a minute.
 */
export async function* uploadChunks(body: Readable): AsyncGenerator<Buffer> {
  const chunks = body.iterator({ destroyOnReturn: false })
  try {
    for (;;) {
      const { done, value } = await nextOrStalled(chunks)
      if (done) return
      yield value
    }
  } finally {
    // Not waited for: behind a chunk that does not come it does not end.
    void chunks.return?.().then(
      () => drain(body),
      () => {},
    )
  }
}

async function nextOrStalled(chunks: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer>> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stalled = setTimeout(
    () => reject(new InvalidError(`The body has not gone on for ${STALLED_MS_MAX / 1_000} seconds`)),
    STALLED_MS_MAX,
  )
  try {
    const next = chunks.next().catch((error) => {
      throw error instanceof InvalidError ? error : new InvalidError('The body ended early')
    })
    return await Promise.race([next, promise])
  } finally {
    clearTimeout(stalled)
  }
}

/** Many clients read no answer before all of their body has gone out. */
function drain(body: Readable): void {
  if (body.readableEnded || body.destroyed) return
  let drainedBytes = 0
  body.on('data', (chunk: Buffer) => {
    drainedBytes += chunk.length
    if (drainedBytes > DRAINED_BYTES_MAX) body.destroy()
  })
  body.on('error', () => {})
  body.resume()
}
