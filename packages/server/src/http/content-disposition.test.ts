import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDisposition } from './content-disposition.ts'

describe('parameters of a Content-Disposition header', () => {
  it.each([
    ['form-data; name="file"; filename="a.txt"', { name: 'file', filename: 'a.txt' }],
    ['form-data; name=file; filename=a.txt', { name: 'file', filename: 'a.txt' }],
    ['form-data;name="x" ; FileName = "y"', { name: 'x', filename: 'y' }],
    [String.raw`form-data; filename="{\"tag\": \"1.0\"}"`, { filename: '{"tag": "1.0"}' }],
    [String.raw`form-data; filename="{\"tag\": \"a\\\\b\"}"`, { filename: String.raw`{"tag": "a\\b"}` }],
    [String.raw`form-data; filename="C:\dir\a.txt"`, { filename: String.raw`C:\dir\a.txt` }],
    [String.raw`form-data; filename="a;b=\"c\"; d.txt"; name="n"`, { filename: 'a;b="c"; d.txt', name: 'n' }],
    ['form-data; filename="a/b/../c.txt"', { filename: 'a/b/../c.txt' }],
    ['form-data; filename=""', { filename: '' }],
    [`form-data; filename*=UTF-8''na%C3%AFve%20.txt`, { 'filename*': 'naïve .txt' }],
    [`form-data; filename*=iso-8859-1'en'%A3.txt`, { 'filename*': '£.txt' }],
    [`form-data; filename*=utf-16''x`, {}],
    ['form-data; name="a"; name="b"', { name: 'a' }],
    ['form-data', {}],
    ['', {}],
    ['form-data; filename="never closed', {}],
  ])('%s', (header, expected) => {
    expect(Object.fromEntries(parseDisposition(header))).toEqual(expected)
  })

  it('undoes what senders do to quotation marks and backslashes, for any text', () => {
    const text = fc.string().filter((text) => !/[\r\n]/.test(text))
    fc.assert(
      fc.property(text, (name) => {
        const quoted = name.replace(/["\\]/g, '\\$&')
        expect(parseDisposition(`form-data; filename="${quoted}"; name="n"`).get('filename')).toBe(name)
      }),
    )
  })
})
