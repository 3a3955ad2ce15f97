import { describe, expect, it } from 'vitest'
import { HEAD_BYTES_MAX, readPlainHead } from './plain-head.ts'

const head = (line: string, ...headers: string[]) =>
  Buffer.from([line, ...headers, '', ''].join('\r\n'), 'latin1')
const LINE = 'POST /write?db=a HTTP/1.1'
const HOST = 'Host: x'
const LENGTH = 'Content-Length: 12'

describe('plain head', () => {
  it('is read with what routes look at', () => {
    const bytes = head(
      'POST /api/v2/write?bucket=a%20b&x=/? HTTP/1.1',
      HOST,
      'authorization:\t Token a ',
      LENGTH,
    )
    expect(readPlainHead(bytes, 0)).toBeUndefined()
    const trimmed = Buffer.from(bytes.toString().replace('a \r', 'a\r'))
    expect(readPlainHead(trimmed, 0)).toEqual({
      method: 'POST',
      headers: new Map(),
      path: '/api/v2/write',
      queryText: 'bucket=a%20b&x=/?',
      authorization: 'Token a',
      contentLength: 12,
      keepsAlive: true,
      end: trimmed.length,
      lengthAt: trimmed.indexOf('12'),
    })
  })

  it('is found where it begins', () => {
    const bytes = Buffer.concat([Buffer.from('xyz'), head(LINE, HOST, LENGTH), Buffer.from('m v=1')])
    expect(readPlainHead(bytes, 3)).toMatchObject({ end: bytes.length - 5, lengthAt: bytes.indexOf('12') })
  })

  it.each<[name: string, bytes: Buffer]>([
    ['a query that is empty', head('POST /write? HTTP/1.1', HOST, LENGTH)],
    ['no query', head('POST /write HTTP/1.1', HOST, LENGTH)],
    ['no body', head(LINE, HOST, 'Content-Length: 0')],
    [
      'headers that mean nothing here',
      head(LINE, HOST, LENGTH, 'User-Agent: a', 'X-Empty:', 'Content-Type: ;;'),
    ],
    ['keep-alive', head(LINE, HOST, LENGTH, 'Connection: Keep-Alive', 'Keep-Alive: timeout=5')],
  ])('may have %s', (_, bytes) => {
    expect(readPlainHead(bytes, 0)).toMatchObject({ path: '/write', keepsAlive: true })
  })

  it('of a GET needs no length', () => {
    const bytes = head('GET /write?a=b HTTP/1.1', HOST, 'X-A: 1 ', 'x-a: 2')
    expect(readPlainHead(bytes, 0)).toEqual({
      method: 'GET',
      path: '/write',
      queryText: 'a=b',
      authorization: undefined,
      headers: new Map([['x-a', '1, 2']]),
      contentLength: 0,
      keepsAlive: true,
      end: bytes.length,
      lengthAt: undefined,
    })
  })

  it('may ask to close the connection', () => {
    expect(readPlainHead(head(LINE, HOST, LENGTH, 'connection: close'), 0)?.keepsAlive).toBe(false)
  })

  it.each<[name: string, bytes: Buffer]>([
    ['another method', head('PATCH /write HTTP/1.1', HOST, LENGTH)],
    ['a signed length of a GET', head('GET /write HTTP/1.1', HOST, 'Content-Length: +1')],
    ['a method in lower case', head('post /write HTTP/1.1', HOST, LENGTH)],
    ['HTTP/1.0', head('POST /write HTTP/1.0', HOST, LENGTH)],
    ['a whole address', head('POST http://x/write HTTP/1.1', HOST, LENGTH)],
    ['a fragment', head('POST /write#a HTTP/1.1', HOST, LENGTH)],
    ['two blanks', head('POST /write  HTTP/1.1', HOST, LENGTH)],
    ['bytes above ASCII in the address', head('POST /write?\xe4 HTTP/1.1', HOST, LENGTH)],
    ['bytes above ASCII in a header', head(LINE, HOST, LENGTH, 'X-A: \xe4')],
    ['a zero byte', head(LINE, HOST, LENGTH, 'X-A: \0')],
    ['no host', head(LINE, LENGTH)],
    ['an empty host', head(LINE, 'Host:', LENGTH)],
    ['two hosts', head(LINE, HOST, HOST, LENGTH)],
    ['no length', head(LINE, HOST)],
    ['two lengths', head(LINE, HOST, LENGTH, LENGTH)],
    ['a signed length', head(LINE, HOST, 'Content-Length: +1')],
    ['a length with a zero in front', head(LINE, HOST, 'Content-Length: 01')],
    ['a list of lengths', head(LINE, HOST, 'Content-Length: 1, 1')],
    ['a length of ten digits', head(LINE, HOST, 'Content-Length: 1000000000')],
    ['a blank behind the length', head(LINE, HOST, 'Content-Length: 1 ')],
    ['two credentials', head(LINE, HOST, LENGTH, 'Authorization: a', 'authorization: b')],
    ['a transfer encoding', head(LINE, HOST, LENGTH, 'Transfer-Encoding: chunked')],
    ['a packed body', head(LINE, HOST, LENGTH, 'Content-Encoding: gzip')],
    ['an expectation', head(LINE, HOST, LENGTH, 'Expect: 100-continue')],
    ['an upgrade', head(LINE, HOST, LENGTH, 'Connection: upgrade', 'Upgrade: websocket')],
    ['a proxy that names the client', head(LINE, HOST, LENGTH, 'X-Forwarded-For: 10.0.0.1')],
    ['a proxy of the standard kind', head(LINE, HOST, LENGTH, 'Forwarded: for=10.0.0.1')],
    ['a folded header', head(LINE, HOST, LENGTH, 'X-A: b', ' c')],
    ['a blank before the colon', head(LINE, HOST, LENGTH, 'X-A : b')],
    ['a line without a colon', head(LINE, HOST, LENGTH, 'X-A')],
    ['line ends of another kind', Buffer.from(`${LINE}\n${HOST}\n${LENGTH}\n\n`)],
    ['a lone line feed', head(LINE, HOST, LENGTH, 'X-A: b\nX-B: c')],
    ['a lone return', head(LINE, HOST, LENGTH, 'X-A: b\rc')],
    ['no end yet', head(LINE, HOST, LENGTH).subarray(0, -1)],
    ['too many bytes', head(LINE, HOST, LENGTH, `X-A: ${'b'.repeat(HEAD_BYTES_MAX)}`)],
    ['nothing', Buffer.alloc(0)],
  ])('is declined with %s', (_, bytes) => {
    expect(readPlainHead(bytes, 0)).toBeUndefined()
  })
})
