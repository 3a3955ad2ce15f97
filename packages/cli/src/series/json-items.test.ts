import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonItems } from './json-items.ts'

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = (text: string, size = 7) => Array.fromAsync(jsonItems(inPieces(text, size)))

describe('jsonItems', () => {
  it('reads the objects of any list, however it comes', async () => {
    const lists = fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()))
    await fc.assert(
      fc.asyncProperty(lists, fc.integer({ min: 1, max: 50 }), fc.boolean(), async (list, size, isWide) => {
        const text = JSON.stringify(list, null, isWide ? 2 : 0)
        expect(await read(`${text}\n`, size)).toEqual(JSON.parse(text))
      }),
    )
  })

  it.each([
    ['ends early', '[{"a": 1}, {"a"', /connection/],
    ['ends between two', '[{"a": 1},', /connection/],
    ['is nothing', '', /connection/],
    ['is no JSON', '[{a: 1}]', /no list of objects/],
  ])('refuses a list that %s', async (_, text, reason) => {
    await expect(read(text)).rejects.toThrow(reason)
  })
})
