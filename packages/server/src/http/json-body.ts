/**
 * JSON bodies as real clients send them: the content type is there on requests without a body as well, on
 * logout and DELETE for example, and an empty body then means none.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { InvalidError } from '../errors.ts'

/** Replaces the JSON parser of a scope. */
export function acceptJsonBodies(http: FastifyInstance): void {
  http.removeContentTypeParser('application/json')
  const parse = async (_request: FastifyRequest, body: string) => parseJsonBody(body)
  http.addContentTypeParser<string>('application/json', { parseAs: 'string' }, parse)
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
