/**
 * Reads the head of a request from its bytes, if it is one of the plain kind that programs send when they
 * write: POST or PUT, or GET without a body, HTTP/1.1, a known length, nothing to negotiate. Everything else is declined,
 * not judged: what it means is for a complete parser to say. Whatever is accepted here reads the same there.
 */
import type { HeaderBlock, RecentHeaders } from './recent-headers.ts'

export type PlainMethod = 'GET' | 'POST' | 'PUT'

export interface PlainHead {
  readonly method: PlainMethod
  /** Without the query. */
  readonly path: string
  /** Behind the question mark; empty without one. */
  readonly queryText: string
  readonly authorization: string | undefined
  /** Headers whose names mean nothing to HTTP, in lower case; what comes several times is joined by commas. */
  readonly headers: ReadonlyMap<string, string>
  readonly contentLength: number
  /** Whether the client wants the connection to stay open. */
  readonly keepsAlive: boolean
  /** Where the body begins. */
  readonly end: number
  /** Where the digits of the length stand; undefined for a GET that has none. */
  readonly lengthAt: number | undefined
}

/** Longer heads are declined. */
export const HEAD_BYTES_MAX = 8 * 1_024
/** Of a length; there is no body of more. */
const LENGTH_DIGITS_MAX = 9

const LINE_END = '\r\n'
const HEAD_END = '\r\n\r\n'
const STARTS = ['POST /', 'GET /', 'PUT /'].map((text) => Buffer.from(text, 'latin1'))
const REQUEST_LINE = /^(POST|GET|PUT) (\/[!"$-~]*) HTTP\/1\.1$/
const HEADER_LINE = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t -~]*)$/
/** These change how a request is read, or who is believed to send it. */
const DECLINED = /^(?:transfer-encoding|content-encoding|expect|upgrade|trailer|forwarded|x-forwarded-.*)$/
/** Of several of these the parsers of this world take one, another, or none. */
const ONLY_ONCE: ReadonlySet<string> = new Set(['host', 'content-length', 'authorization', 'connection'])

/**
 * The head that begins at `start`; undefined when it is not plain, or not there to its end. `recent` has the
 * headers before it on the connection, and those of this one afterwards.
 */
export function readPlainHead(bytes: Buffer, start: number, recent?: RecentHeaders): PlainHead | undefined {
  if (!STARTS.some((wanted) => startsWith(bytes, start, wanted))) return undefined
  const lineEnd = bytes.indexOf(LINE_END, start)
  if (lineEnd < 0) return undefined
  const headersAt = lineEnd + LINE_END.length
  const block = recent?.find(bytes, headersAt) ?? readHeaderBlock(bytes, headersAt, recent)
  if (block === undefined || block.end - start > HEAD_BYTES_MAX) return undefined
  const { headers, end } = block
  // Bytes above ASCII and line ends of another kind match none of the patterns.
  const [, method, target] = REQUEST_LINE.exec(bytes.toString('latin1', start, lineEnd)) ?? []
  if (target === undefined) return undefined
  const { connection = 'keep-alive' } = headers
  const length = headers.length ?? (method === 'GET' ? '0' : '')
  if (!/^(?:0|[1-9]\d*)$/.test(length) || length.length > LENGTH_DIGITS_MAX) return undefined
  if (connection !== 'keep-alive' && connection !== 'close') return undefined
  const question = target.indexOf('?')
  return {
    method: method as PlainMethod,
    path: question < 0 ? target : target.slice(0, question),
    queryText: question < 0 ? '' : target.slice(question + 1),
    authorization: headers.authorization,
    headers: headers.others,
    contentLength: Number(length),
    keepsAlive: connection === 'keep-alive',
    end,
    lengthAt: headers.length === undefined ? undefined : headersAt + headers.lengthAt,
  }
}

function readHeaderBlock(
  bytes: Buffer,
  at: number,
  recent: RecentHeaders | undefined,
): HeaderBlock | undefined {
  const size = bytes.subarray(at, at + HEAD_BYTES_MAX).indexOf(HEAD_END)
  if (size < 0) return undefined
  const headers = readHeaders(bytes.toString('latin1', at, at + size).split(LINE_END))
  if (headers === undefined) return undefined
  const block = { headers, end: at + size + HEAD_END.length }
  recent?.remember(block, bytes, at)
  return block
}

function startsWith(bytes: Buffer, start: number, wanted: Buffer): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false
  return true
}

export interface PlainHeaders {
  readonly authorization: string | undefined
  readonly connection: string | undefined
  readonly length: string | undefined
  /** Where the length stands, from the beginning of the first header. */
  readonly lengthAt: number
  readonly others: ReadonlyMap<string, string>
}

function readHeaders(lines: readonly string[]): PlainHeaders | undefined {
  const once = new Map<string, string>()
  const others = new Map<string, string>()
  let lengthAt = 0
  let at = 0
  for (const line of lines) {
    const [, written, value] = HEADER_LINE.exec(line) ?? []
    if (written === undefined) return undefined
    const name = written.toLowerCase()
    if (DECLINED.test(name) || once.has(name)) return undefined
    if (ONLY_ONCE.has(name)) {
      if (/[ \t]$/.test(value)) return undefined
      once.set(name, value)
    } else {
      const before = others.get(name)
      const text = value.trimEnd()
      others.set(name, before === undefined ? text : `${before}, ${text}`)
    }
    if (name === 'content-length') lengthAt = at + line.length - value.length
    at += line.length + 2
  }
  // Without a host the complete parser refuses the request.
  if (!once.get('host')) return undefined
  return {
    authorization: once.get('authorization'),
    connection: once.get('connection')?.toLowerCase(),
    length: once.get('content-length'),
    lengthAt,
    others,
  }
}
