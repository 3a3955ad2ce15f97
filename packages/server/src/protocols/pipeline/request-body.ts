/** Parameters in the body of a request, for those who would rather not have them in an address. */
import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { TooLargeError } from '../../errors.ts'
import { parseLenientQuery } from '../../http/lenient-query.ts'
import { readAll } from '../../http/read-all.ts'
import { RefusedRequest } from './errors.ts'
import { type Parameters, parametersOf } from './stream-parameters.ts'

/** The longest texts of all pins, percent-encoded, are less than half of it. */
export const BODY_BYTES_MAX = 16 * 1_024

/**
 * Nothing for a body that is neither a form nor JSON, which is ignored.
 * @throws {TooLargeError} over `BODY_BYTES_MAX`.
 * @throws {RefusedRequest} it should be JSON and is not.
 */
export async function readBody({ headers, body }: FastifyRequest): Promise<Parameters> {
  if (body === undefined || body === null) return {}
  const text = await readText(body as Readable)
  const [type] = (headers['content-type'] ?? '').split(';')
  switch (type.trim().toLowerCase()) {
    case 'application/x-www-form-urlencoded':
      return parseLenientQuery(text)
    case 'application/json':
      return text.trim() === '' ? {} : parametersOf(parseObject(text))
    default:
      return {}
  }
}

async function readText(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  await readAll(stream, stream, (chunk) => {
    sizeBytes += chunk.length
    if (sizeBytes > BODY_BYTES_MAX) throw new TooLargeError(`The body is larger than ${BODY_BYTES_MAX} bytes`)
    chunks.push(chunk)
  })
  return Buffer.concat(chunks).toString()
}

function parseObject(text: string): object {
  try {
    return Object(JSON.parse(text))
  } catch {
    throw RefusedRequest.of('invalid')
  }
}
