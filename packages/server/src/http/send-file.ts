/**
 * Answers a request with a file: conditions, one range, HEAD. A length is always said, so that nothing is sent
 * in chunks, which small boards cannot read. The bytes stream as fast as the client takes them.
 */
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { parseRange } from './byte-range.ts'
import { checkPreconditions, rangeStillFits } from './preconditions.ts'

export interface ServedFile {
  /** Letters, digits, `.`, `_` and `-`. */
  readonly name: string
  readonly mediaType: string
  readonly sizeBytes: number
  /** Hex. */
  readonly sha256: string
  /** Hex. */
  readonly md5: string
  readonly modifiedMs: number
  /** Of the whole file, or of a range within it. */
  read(range?: { start: number; end: number }): Promise<Readable>
}

export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: ServedFile,
): Promise<FastifyReply> {
  const { headers, method } = request
  const validators = { etag: `"${file.sha256}"`, modifiedMs: file.modifiedMs }
  const condition = checkPreconditions(headers, validators)
  if (condition === 'failed') return reply.code(412).send()
  if (condition === 'not modified') return describe(reply, file, validators.etag).code(304).send()
  // The standard knows ranges of GET alone; a HEAD tells about the whole file.
  const isRangeWanted = method === 'GET' && rangeStillFits(headers['if-range'], validators)
  const range = isRangeWanted ? parseRange(headers.range, file.sizeBytes) : 'whole'
  if (range === 'unsatisfiable') {
    return reply.code(416).header('content-range', `bytes */${file.sizeBytes}`).send()
  }
  // Opened before anything is said about it, because that may fail.
  const bytes = method === 'HEAD' ? undefined : await file.read(range === 'whole' ? undefined : range)
  describe(reply, file, validators.etag)
    .header('content-type', file.mediaType)
    .header('content-disposition', `attachment; filename=${file.name}`)
  if (range === 'whole') return reply.header('content-length', file.sizeBytes).send(bytes)
  return reply
    .code(206)
    .header('content-length', range.end - range.start)
    .header('content-range', `bytes ${range.start}-${range.end - 1}/${file.sizeBytes}`)
    .send(bytes)
}

/** Who may read a file is asked every time, so a cache keeps it for itself and asks whether it is still good. */
function describe(reply: FastifyReply, file: ServedFile, etag: string): FastifyReply {
  return reply.headers({
    etag,
    'last-modified': new Date(file.modifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
    'x-sha256': file.sha256,
    'x-md5': file.md5,
    'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
  })
}
