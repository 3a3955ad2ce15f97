import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidError, TooLargeError } from '../errors.ts'
import { boundaryOf, readParts } from './multipart-parts.ts'

const OPTIONS = { boundary: 'XX', partsMax: 10, headerBytesMax: 100 }

/** The bytes in pieces of these sizes, over and over. */
async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let start = 0, index = 0; start < bytes.length; index++) {
    const end = start + sizes[index % sizes.length]
    yield bytes.subarray(start, end)
    start = end
  }
}

async function read(body: string | Buffer, { sizes = [1_000], ...options } = {}) {
  const parts: { headers: Record<string, string>; body: string }[] = []
  for await (const part of readParts(inPieces(Buffer.from(body), sizes), { ...OPTIONS, ...options })) {
    const chunks: Buffer[] = []
    for await (const chunk of part.body) chunks.push(chunk)
    parts.push({ headers: Object.fromEntries(part.headers), body: Buffer.concat(chunks).toString('latin1') })
  }
  return parts
}

describe('readParts', () => {
  it.each([
    ['one part', '--XX\r\nA: 1\r\n\r\nhello\r\n--XX--\r\n', [{ headers: { a: '1' }, body: 'hello' }]],
    ['an empty part', '--XX\r\nA: 1\r\n\r\n\r\n--XX--', [{ headers: { a: '1' }, body: '' }]],
    ['no headers', '--XX\r\n\r\nhello\r\n--XX--', [{ headers: {}, body: 'hello' }]],
    ['no parts', '--XX--', []],
    ['a preamble and an epilogue', 'x\r\n--XX\r\n\r\na\r\n--XX--\r\ny', [{ headers: {}, body: 'a' }]],
    ['blanks behind a boundary', '--XX \t\r\n\r\na\r\n--XX--', [{ headers: {}, body: 'a' }]],
    ['a folded header', '--XX\r\nA: 1;\r\n 2\r\n\r\n\r\n--XX--', [{ headers: { a: '1; 2' }, body: '' }]],
    [
      'what looks like a boundary',
      '--XX\r\n\r\n\r\n--X\r\n\r\n--XX--',
      [{ headers: {}, body: '\r\n--X\r\n' }],
    ],
  ])('reads %s, however it is cut', async (_, body, expected) => {
    for (const size of [1, 2, 3, 1_000]) expect(await read(body, { sizes: [size] })).toEqual(expected)
  })

  it.each([
    ['an early end in a body', '--XX\r\n\r\nhello', InvalidError],
    ['an early end in headers', '--XX\r\nA: 1', InvalidError],
    ['no boundary', 'hello', InvalidError],
    ['something behind a boundary', '--XXY\r\n\r\n\r\n--XX--', InvalidError],
    ['long headers', `--XX\r\nA: ${'x'.repeat(100)}\r\n\r\n\r\n--XX--`, TooLargeError],
    ['headers without an end', `--XX\r\nA: ${'x'.repeat(100)}`, TooLargeError],
    ['too many parts', `${'--XX\r\n\r\n\r\n'.repeat(11)}--XX--`, TooLargeError],
  ])('refuses %s', async (_, body, error) => {
    await expect(read(body)).rejects.toThrow(error)
    await expect(read(body, { sizes: [1] })).rejects.toThrow(error)
  })

  it('skips what nobody reads of a part', async () => {
    const body = '--XX\r\nA: 1\r\n\r\nhello\r\n--XX\r\nA: 2\r\n\r\n\r\n--XX--'
    const seen: (string | undefined)[] = []
    for await (const { headers } of readParts(inPieces(Buffer.from(body), [3]), OPTIONS)) {
      seen.push(headers.get('a'))
    }
    expect(seen).toEqual(['1', '2'])
  })

  it('gives back any bytes in any pieces', async () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array).toString('latin1'))
    const bodies = fc.array(fc.oneof(bytes, fc.constantFrom('\r\n', '\r\n--X', '--XX-', '\r\n\r\n')), {
      maxLength: 5,
    })
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(bodies, sizes, async (bodies, sizes) => {
        const form = `${bodies.map((body) => `--XX\r\nA: 1\r\n\r\n${body}\r\n`).join('')}--XX--`
        const parts = await read(Buffer.from(form, 'latin1'), { sizes })
        expect(parts.map(({ body }) => body)).toEqual(bodies)
      }),
    )
  })
})

describe('boundaryOf', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; charset=utf-8; Boundary="a b;c"', 'a b;c'],
    ['multipart/form-data', undefined],
    ['multipart/mixed; boundary=abc', undefined],
    ['application/json', undefined],
    [undefined, undefined],
  ])('of %s is %s', (contentType, boundary) => {
    expect(boundaryOf(contentType)).toBe(boundary)
  })
})
