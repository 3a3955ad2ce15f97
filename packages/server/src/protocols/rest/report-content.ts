/**
 * What may be uploaded to a report, and with which headers it goes out again. An uploaded page comes from our
 * own address and must still not act in our name: it runs in a sandbox, which has an origin of its own and no
 * way to call the server, and nothing is taken for another type than it was announced as.
 */
import { InvalidError } from '../../errors.ts'

export const CONTENT_TYPES = [
  'text/plain',
  'text/html',
  'text/csv',
  'image/png',
  'image/jpeg',
  'application/zip',
  'application/javascript',
  'application/json',
  'application/octet-stream',
] as const
export type ReportContentType = (typeof CONTENT_TYPES)[number]

export const ACLS = ['private', 'public-read'] as const

const TYPES_BY_EXTENSION: Readonly<Record<string, ReportContentType>> = {
  txt: 'text/plain',
  html: 'text/html',
  htm: 'text/html',
  csv: 'text/csv',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  zip: 'application/zip',
  js: 'application/javascript',
  json: 'application/json',
}

/** Shown by a browser; all others it saves. */
const SHOWN: ReadonlySet<string> = new Set(['text/plain', 'text/html', 'image/png', 'image/jpeg'])

/** Scripts of a report run, so that its charts do, but reach nothing beside the report's own files. */
const POLICY = [
  'sandbox allow-scripts',
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join('; ')

const NAME_CHARS_MAX = 200
/** Folders with it. */
const NAME_PARTS_MAX = 5
const NAME_PART = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_ .()-]*[\p{L}\p{N}_()-])?$/u

/** A path of plain names without `..`. @throws {InvalidError} on `name`. */
export function checkFileName(name: string): string {
  const parts = name.normalize().split('/')
  const isPlain = parts.length <= NAME_PARTS_MAX && parts.every((part) => NAME_PART.test(part))
  if (isPlain && name.length <= NAME_CHARS_MAX) return name.normalize()
  throw InvalidError.field(
    'name',
    'Give a name of letters, digits, blanks and _.-(), with at most four folders before it and 200 characters.',
  )
}

export function contentTypeOf(name: string): ReportContentType {
  const extension = /\.(\w+)$/.exec(name)?.[1].toLowerCase() ?? ''
  return TYPES_BY_EXTENSION[extension] ?? 'application/octet-stream'
}

export interface ServedFile {
  readonly name: string
  readonly contentType: string
  readonly isPublic: boolean
  readonly sizeBytes: number
  readonly sha256: string
}

export function headersOf({ name, contentType, isPublic, sizeBytes, sha256 }: ServedFile) {
  const file = encodeURIComponent(name.split('/').at(-1) ?? '').replace(/['()*]/g, percentEncoded)
  return {
    'content-type': /^text\/|javascript|json/.test(contentType)
      ? `${contentType}; charset=utf-8`
      : contentType,
    'content-length': sizeBytes,
    'content-disposition': `${SHOWN.has(contentType) ? 'inline' : 'attachment'}; filename*=UTF-8''${file}`,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    // A page in the sandbox counts as another site than its own images.
    'cross-origin-resource-policy': isPublic ? 'cross-origin' : 'same-origin',
    'cache-control': isPublic ? 'public, max-age=300' : 'private, no-store',
    etag: `"${sha256}"`,
  }
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}
