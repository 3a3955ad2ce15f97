import { describe, expect, it } from 'vitest'
import { HEAD_BYTES_MAX, readPlainHead } from './plain-head.ts'
import { RecentHeaders } from './recent-headers.ts'

const HEADERS = 'Host: x\r\nX-Key: a b\r\nContent-Length: 0\r\n\r\n'
const bytesOf = (target: string, headers = HEADERS) => Buffer.from(`POST ${target} HTTP/1.1\r\n${headers}`)

function recent(): RecentHeaders {
  const headers = new RecentHeaders()
  expect(readPlainHead(bytesOf('/a?v=1'), 0, headers)).toBeDefined()
  return headers
}

describe('recent headers', () => {
  it.each<[name: string, bytes: Buffer]>([
    ['the same below another address', bytesOf('/bc?value=234')],
    ['the same with a body behind them', Buffer.concat([bytesOf('/a'), Buffer.from('x\r\n\r\n')])],
    ['another value', bytesOf('/a', HEADERS.replace('a b', 'a c'))],
    ['another length', bytesOf('/a', HEADERS.replace(': 0', ': 7'))],
    ['one more', bytesOf('/a', `A: b\r\n${HEADERS}`)],
    ['one more at the end', bytesOf('/a', HEADERS.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))],
  ])('change nothing about what is read: %s', (_, bytes) => {
    const head = readPlainHead(bytes, 0)
    expect(head).toBeDefined()
    expect(readPlainHead(bytes, 0, recent())).toEqual(head)
  })

  it.each<[name: string, bytes: Buffer]>([
    ['a head that is cut short', bytesOf('/a').subarray(0, -1)],
    ['no headers', bytesOf('/a', '\r\n')],
    ['an address that is no plain one', bytesOf('/a#b')],
    ['a line end in the address', bytesOf('/a\r/b')],
    ['a head that is too long', bytesOf(`/${'a'.repeat(HEAD_BYTES_MAX - HEADERS.length)}`)],
  ])('let nothing in that is declined without them: %s', (_, bytes) => {
    expect(readPlainHead(bytes, 0)).toBeUndefined()
    expect(readPlainHead(bytes, 0, recent())).toBeUndefined()
  })

  it('are found where they begin, with the place of the length', () => {
    const bytes = Buffer.concat([Buffer.from('xyz'), bytesOf('/longer/than/before')])
    const head = readPlainHead(bytes, 3, recent())
    expect(head).toMatchObject({ end: bytes.length, lengthAt: bytes.lastIndexOf('0\r\n') })
    expect(head?.headers.get('x-key')).toBe('a b')
  })
})
