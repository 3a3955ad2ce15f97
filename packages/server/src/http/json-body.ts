/**
 * JSON bodies as real clients send them: the content type is there on requests without a body as well, on
 * logout and DELETE for example, and an empty body then means none.
 */
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { InvalidError, TooLargeError } from '../errors.ts'
import type { HeldBytes } from './held-bytes.ts'
import { readAll } from './read-all.ts'

/** Of routes that do not say another limit. */
const BODY_BYTES_MAX = 1024 * 1024

/**
 * Replaces the JSON parser of a scope. Bodies count as held until their requests are answered, because what is
 * made of them takes several times their memory.
 */
export function acceptJsonBodies(http: FastifyInstance, held: HeldBytes): void {
  const heldBytes = new WeakMap<FastifyRequest, number>()
  const release = async (request: FastifyRequest) => {
    held.give(heldBytes.get(request) ?? 0)
    heldBytes.delete(request)
  }
  http.addHook('onRoute', (route) => {
    route.bodyLimit ??= BODY_BYTES_MAX
  })
  http.addHook('onResponse', release)
  http.addHook('onRequestAbort', release)
  http.removeContentTypeParser('application/json')
  http.addContentTypeParser('application/json', async (request: FastifyRequest, payload: Readable) => {
    const { bodyLimit } = request.routeOptions
    const tooLarge = () => new TooLargeError(`The body is larger than ${bodyLimit} bytes`)
    if (Number(request.headers['content-length']) > bodyLimit) throw tooLarge()
    const chunks: Buffer[] = []
    let sizeBytes = 0
    await readAll(payload, payload, (chunk) => {
      sizeBytes += chunk.length
      if (sizeBytes > bodyLimit) throw tooLarge()
      held.take(chunk.length, sizeBytes)
      heldBytes.set(request, sizeBytes)
      chunks.push(chunk)
    })
    return parseJsonBody(Buffer.concat(chunks, sizeBytes).toString())
  })
}

/** @throws {InvalidError} the text is no JSON; the message says where it stops being it. */
function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text, withoutPrototype)
  } catch (error) {
    throw new InvalidError(`JSON parse error - ${error instanceof Error ? error.message : 'malformed'}`)
  }
}

/** Drops keys that would reach into the prototype of what the body is merged into. */
function withoutPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' || key === 'constructor' ? undefined : value
}
