/** What clients send as JSON, on GET requests too. */
import type { FastifyRequest } from 'fastify'
import { InvalidError } from '../../errors.ts'

export type JsonMembers = Readonly<Record<string, unknown>>

/**
 * The object in the body. A GET that has neither a body nor a content type counts as one with `{}`, for clients
 * that cannot send any.
 * @throws {InvalidError} no JSON, or no object.
 */
export function readJson({ method, headers, body }: FastifyRequest): JsonMembers {
  const text = typeof body === 'string' ? body.trim() : ''
  const contentType = headers['content-type']
  if (contentType === undefined && text === '' && (method === 'GET' || method === 'HEAD')) return {}
  if (!isJson(contentType)) throw new InvalidError('Request not application/json')
  return text === '' ? {} : parseObject(text, 'body is not valid JSON')
}

/** @throws {InvalidError} with that message: no JSON, or no object. */
export function parseObject(text: string, message: string): JsonMembers {
  const value = parsedOrUndefined(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonMembers
  throw new InvalidError(message)
}

/**
 * Members that must be there, as texts.
 * @throws {InvalidError} on the first that is missing or no text.
 */
export function requireTexts<Name extends string>(
  json: JsonMembers,
  names: readonly Name[],
): Record<Name, string> {
  const texts = {} as Record<Name, string>
  for (const name of names) {
    if (!Object.hasOwn(json, name)) throw new InvalidError(`${name} is required`)
    texts[name] = checkText(json[name])
  }
  return texts
}

/** The first of the members that is given, in the body or else in the query string; an empty text without any. */
export function readSearch(request: FastifyRequest, json: JsonMembers, names: readonly string[]): string {
  for (const members of [json, request.query as JsonMembers]) {
    for (const name of names) if (name in members) return checkText(members[name])
  }
  return ''
}

function checkText(value: unknown): string {
  if (typeof value === 'string') return value
  throw new InvalidError('Not a valid string.')
}

function isJson(contentType: string | undefined): boolean {
  const mediaType = (contentType ?? '').split(';', 1)[0].trim().toLowerCase()
  return /^application\/(?:json|[^/]+\+json)$/.test(mediaType)
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
