/** Bodies of this API: a JSON object, said to be one. */
import { InvalidError } from '../../errors.ts'

export type JsonBody = Readonly<Record<string, unknown>>

export const BODY_BYTES_MAX = 64 * 1024
const TEXT_CHARS_MAX = 2_000
const JSON_TYPE = /^\s*application\/(?:[\w.-]+\+)?json\s*(?:[;,]|$)/i

/** @throws {InvalidError} no JSON object, or not said to be one. */
export function readJsonBody(bytes: Buffer | undefined, contentType: string | undefined): JsonBody {
  if (contentType === undefined || !JSON_TYPE.test(contentType)) throw bad('is not of that type')
  let value: unknown
  try {
    value = JSON.parse(bytes?.toString() ?? '')
  } catch {
    throw bad(bytes === undefined || bytes.length === 0 ? 'is empty' : 'is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('is no object')
  return value as JsonBody
}

function bad(what: string): InvalidError {
  return new InvalidError(
    `The body must be a JSON object with Content-Type: application/json; this one ${what}`,
  )
}

/** A member as text; what is no text becomes one. */
export function textMember(body: JsonBody, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text.length <= TEXT_CHARS_MAX) return text
  throw InvalidError.field(name, `At most ${TEXT_CHARS_MAX} characters`)
}

/** @throws {InvalidError} it is missing; the message explains it. */
export function requiredText(body: JsonBody, name: string, help: string): string {
  const text = textMember(body, name)
  if (text === undefined) throw InvalidError.field(name, help)
  return text
}

/** A whole number from 1, or a text of one; undefined for everything else. */
export function idOf(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && /^\d{1,15}$/.test(text) && Number(text) > 0 ? Number(text) : undefined
}

/** What an answer repeats of an id that was sent. */
export function shownId(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 64)
}
