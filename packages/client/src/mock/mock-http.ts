/** Requests and answers of a mock cloud, apart from what they are about. */
import type { IncomingMessage } from 'node:http'
import type { MockObject, MockState } from './mock-state.ts'
import type { StreamFolder } from './stream-folder.ts'

export interface Ask {
  readonly state: MockState
  readonly folder: StreamFolder
  readonly method: string
  /** Without a query. */
  readonly url: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The parts of the address that a route leaves open. */
  readonly names: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  /** Text and bytes go as they are, anything else as JSON; undefined is no body. */
  readonly body?: unknown
  readonly type?: string
}

/** An answer that says no, from wherever it is found out. */
export class Refusal extends Error {
  readonly answer: Answer
  constructor(status: number, body: unknown) {
    super(String(status))
    this.answer = { status, body }
  }
}

export const notFound = () => new Refusal(404, { detail: 'Not found.' })

const BODY_BYTES_MAX = 64 * 1024 * 1024

/** @throws {Refusal} 413: more than anybody sends in a test. */
export async function readBody(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Buffer[] = []
  let sizeBytes = 0
  for await (const part of request) {
    sizeBytes += part.length
    if (sizeBytes > BODY_BYTES_MAX) throw new Refusal(413, { detail: 'Request body is too large.' })
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** The body as JSON; an empty one is an empty object. @throws {Refusal} it is none. */
export function jsonOf({ bytes }: Ask): unknown {
  if (bytes.length === 0) return {}
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw new Refusal(400, { detail: `JSON parse error - ${(error as Error).message}` })
  }
}

/** @throws {Refusal} the body is no object. */
export function objectOf(ask: Ask): MockObject {
  const body = jsonOf(ask)
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as MockObject
  throw new Refusal(400, { non_field_errors: ['Invalid data. Expected a dictionary.'] })
}

/** @throws {Refusal} fields that have to be there are not. */
export function requireFields(object: MockObject, names: readonly string[]): void {
  const missing = names.filter((name) => object[name] === undefined || object[name] === '')
  if (missing.length === 0) return
  throw new Refusal(400, Object.fromEntries(missing.map((name) => [name, ['This field is required.']])))
}

/** @throws {Refusal} the body is no form. */
export async function formOf({ bytes, headers }: Ask): Promise<FormData> {
  const type = headers['content-type'] ?? ''
  try {
    return await new Response(bytes, { headers: { 'content-type': type } }).formData()
  } catch {
    throw new Refusal(400, { error: "missing request.data['file']" })
  }
}

/** The part `file` of a form. @throws {Refusal} there is none. */
export async function fileOf(ask: Ask): Promise<{ file: File; form: FormData }> {
  const form = await formOf(ask)
  const file = form.get('file')
  if (file instanceof File) return { file, form }
  throw new Refusal(400, { error: "missing request.data['file']" })
}

/** A page of a list. @throws {Refusal} 404: no such page. */
export function pageOf(
  ask: Ask,
  items: readonly unknown[],
  sizes: { readonly usual: number; readonly max: number } = { usual: 100, max: 1_000 },
): Answer {
  const wished = Number(ask.query.get('page_size'))
  const size = Number.isInteger(wished) && wished > 0 ? Math.min(wished, sizes.max) : sizes.usual
  const last = Math.max(1, Math.ceil(items.length / size))
  const text = ask.query.get('page') ?? '1'
  const page = text === 'last' ? last : Number(text)
  if (!Number.isInteger(page) || page < 1 || page > last) throw new Refusal(404, { detail: 'Invalid page.' })
  const link = (number: number) => {
    const query = new URLSearchParams(ask.query)
    if (number === 1) query.delete('page')
    else query.set('page', String(number))
    return query.size === 0 ? ask.url : `${ask.url}?${query}`
  }
  return {
    status: 200,
    body: {
      count: items.length,
      next: page < last ? link(page + 1) : null,
      previous: page > 1 ? link(page - 1) : null,
      results: items.slice((page - 1) * size, page * size),
    },
  }
}
