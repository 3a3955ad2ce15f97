/** Addresses of resources: parts of a path, and keywords that become query parameters. */

/** A Date is sent as ISO 8601 in UTC, a boolean as 1 or 0, what has a `toString()`, such as a slug, as that. */
export type Parameter = string | number | bigint | boolean | Date | { toString(): string }

/** Lists are sent as one parameter each; undefined and null are left out. */
export type Parameters = Readonly<Record<string, Parameter | readonly Parameter[] | null | undefined>>

/** A part of an address: a name, a slug, a number or a UUID. */
export type Segment = string | number | bigint | { toString(): string }

/** `<domain>/api/v1/<part>/…/`. @throws {TypeError} a part that would lead elsewhere. */
export function resourceUrl(domain: string, path: readonly Segment[]): string {
  return `${domain}/api/v1/${path.map((part) => `${encodeSegment(part)}/`).join('')}`
}

function encodeSegment(part: Segment): string {
  const text = String(part)
  if (text !== '' && text !== '.' && text !== '..') return encodeURIComponent(text)
  throw new TypeError(`${JSON.stringify(text)} names no resource; give a slug, an id or a name`)
}

export function withParameters(url: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams()
  for (const [name, given] of Object.entries(parameters)) {
    for (const value of Array.isArray(given) ? given : [given]) {
      if (value !== undefined && value !== null) query.append(name, textOf(value))
    }
  }
  return query.size === 0 ? url : `${url}?${query}`
}

function textOf(value: Parameter): string {
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'boolean') return value ? '1' : '0'
  return String(value)
}
