import { describe, expect, it } from 'vitest'
import { readPlainHead } from './plain-head.ts'
import { RepeatedHead } from './repeated-head.ts'

const bytesOf = (length: string) =>
  Buffer.from(`POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\nA: b\r\n\r\n`)
const first = bytesOf('34')
const repeated = () => new RepeatedHead(readPlainHead(first, 0)!, first, 0)

describe('repeated head', () => {
  it.each(['12', '0', '7', '123456789'])('is recognised with the length %s', (length) => {
    const head = repeated()
    const bytes = Buffer.concat([Buffer.from('xy'), bytesOf(length), Buffer.from('body')])
    expect(head.recognise(bytes, 2)).toBe(bytes.length - 4)
    expect(head.contentLength).toBe(Number(length))
  })

  it.each(['', '01', '00', '+1', '1 ', '1x', '1234567890', '1\r'])(
    'is not recognised with the length %j',
    (length) => {
      expect(repeated().recognise(bytesOf(length), 0)).toBe(-1)
    },
  )

  it('is not recognised when any other byte differs or is missing', () => {
    const head = repeated()
    for (let i = 0; i < first.length; i++) {
      const other = Buffer.from(first)
      other[i] ^= 1
      const isDigit = i === first.indexOf('34') || i === first.indexOf('34') + 1
      expect(head.recognise(other, 0)).toBe(isDigit ? first.length : -1)
      expect(head.recognise(first.subarray(0, i), 0)).toBe(-1)
    }
  })

  it('of a GET without a length is recognised as a whole', () => {
    const bytes = Buffer.from('GET /a HTTP/1.1\r\nHost: x\r\n\r\n')
    const head = new RepeatedHead(readPlainHead(bytes, 0)!, bytes, 0)
    expect(head.recognise(Buffer.concat([bytes, bytes]), bytes.length)).toBe(2 * bytes.length)
    expect(head.contentLength).toBe(0)
    expect(head.recognise(bytes.subarray(0, -1), 0)).toBe(-1)
  })
})
