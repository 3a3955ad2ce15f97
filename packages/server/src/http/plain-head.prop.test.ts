import { createServer, type IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPlainHead } from './plain-head.ts'
import { RecentHeaders } from './recent-headers.ts'
import { RepeatedHead } from './repeated-head.ts'

const PIECES = [
  'POST /write?db=a HTTP/1.1\r\n',
  'Host: x\r\n',
  'Content-Length: 3\r\n',
  'Authorization: Token a b\r\n',
  'User-Agent: Thing/1.0 (a; b)\r\n',
  'Connection: keep-alive\r\n',
  'Connection: close\r\n',
  'Accept: */*\r\n',
  'Content-Type:\r\n',
]
const ODD = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  ':',
  '0',
  '1',
  ',',
  '\0',
  '\xff',
  '?',
  '#',
  '%',
  '"',
  'chunked',
  'X',
  '-',
  '/',
]

/** A head of good pieces, changed in some places. */
const heads = fc
  .record({
    start: fc.constantFrom(
      PIECES.slice(0, 3),
      ['GET /pins?a=b HTTP/1.1\r\n', PIECES[1], 'X-Key: a b \r\n'],
      [PIECES[0].replace('POST', 'PUT'), PIECES[1], PIECES[2]],
    ),
    pieces: fc.shuffledSubarray(PIECES.slice(3)),
    changes: fc.array(fc.record({ at: fc.nat(250), removed: fc.nat(2), odd: fc.constantFrom('', ...ODD) }), {
      maxLength: 2,
    }),
  })
  .map(({ start, pieces, changes }) => {
    let text = `${start.join('')}${pieces.join('')}\r\n`
    for (const { at, removed, odd } of changes) text = text.slice(0, at) + odd + text.slice(at + removed)
    return text
  })

/** The request that `node:http` reads, or nothing when it reads none. */
function readByNode(bytes: Buffer): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
    const finish = (request?: IncomingMessage) => {
      resolve(request)
      socket.destroy()
    }
    createServer((request) => finish(request))
      .on('clientError', () => finish())
      .emit('connection', socket)
    socket.push(bytes)
    socket.push(null)
    socket.once('close', () => finish())
  })
}

describe('plain head', () => {
  it('is declined, or says the same as to the complete parser', async () => {
    let acceptedCount = 0
    await fc.assert(
      fc.asyncProperty(heads, async (text) => {
        const bytes = Buffer.from(`${text}abc`, 'latin1')
        const head = readPlainHead(bytes, 0)
        if (head === undefined) return
        acceptedCount++
        const request = await readByNode(bytes)
        expect(request).toBeDefined()
        const { method, url, headers, httpVersion } = request!
        expect([method, httpVersion]).toEqual([head.method, '1.1'])
        expect(url).toBe(url?.includes('?') ? `${head.path}?${head.queryText}` : head.path)
        expect(headers.authorization).toBe(head.authorization)
        expect(headers['content-length'] ?? '0').toBe(String(head.contentLength))
        expect(headers['x-key']).toBe(head.headers.get('x-key'))
        expect(headers['transfer-encoding']).toBeUndefined()
        expect(/close/i.test(headers.connection ?? '')).toBe(!head.keepsAlive)
        const recent = new RecentHeaders()
        readPlainHead(bytes, 0, recent)
        expect(readPlainHead(bytes, 0, recent)).toEqual(head)
        expect(new RepeatedHead(head, bytes, 0).recognise(bytes, 0)).toBe(head.end)
      }),
      { numRuns: 1_000 },
    )
    expect(acceptedCount).toBeGreaterThan(50)
  })
})
