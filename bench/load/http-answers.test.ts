import { describe, expect, it } from 'vitest'
import { HttpAnswerReader, httpGet, httpHead } from './http-answers.ts'

const CASES: readonly [string, string, { isOk: boolean; body: string }][] = [
  ['nothing but a head', 'HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n', { isOk: true, body: '' }],
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', { isOk: true, body: 'hello' }],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
    { isOk: true, body: 'hello' },
  ],
  [
    'chunks that hold line ends',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n',
    { isOk: true, body: '\r\n\r\n' },
  ],
  ['a failure', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno', { isOk: false, body: 'no' }],
]

describe('HttpAnswerReader', () => {
  it.each(CASES)('reads %s, however it is cut into pieces', (_, text, expected) => {
    for (let size = 1; size <= text.length; size++) {
      const reader = new HttpAnswerReader()
      // Twice, since a connection is used again.
      for (const bytes of [Buffer.from(text), Buffer.from(text)]) {
        const answers = []
        for (let at = 0; at < bytes.length; at += size) {
          const answer = reader.push(bytes.subarray(at, at + size))
          if (answer) answers.push({ ...answer, body: answer.body.toString() })
        }
        expect(answers).toEqual([expected])
      }
    }
  })

  it('refuses what is no HTTP', () => {
    expect(() => new HttpAnswerReader().push(Buffer.from('SSH-2.0\r\n\r\n'))).toThrow('Not an HTTP answer')
  })
})

describe('requests', () => {
  it('name the length of the body that follows', () => {
    const head = httpHead('POST', '/write', { headers: 'A: b\r\n', bodyBytes: 12 }).toString()
    expect(head).toBe('POST /write HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\r\nContent-Length: 12\r\n\r\n')
  })

  it('escape their parameters', () => {
    expect(httpGet('/query', { q: 'a b&c' }).toString()).toMatch(/^GET \/query\?q=a\+b%26c HTTP/)
  })
})
