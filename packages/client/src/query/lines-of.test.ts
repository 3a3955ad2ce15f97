import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesOf } from './lines-of.ts'

describe('linesOf', () => {
  it('finds the same lines however the text is cut', async () => {
    const line = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\n'))
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat(20)), async (lines, cuts) => {
        const bytes = new TextEncoder().encode(lines.map((text) => `${text}\n`).join(''))
        async function* chunks() {
          let at = 0
          for (const cut of cuts) {
            yield bytes.subarray(at, at + cut)
            at += cut
          }
          yield bytes.subarray(at)
        }
        const found = await Array.fromAsync(linesOf(chunks()))
        expect(found).toEqual(lines.map((text) => text.toWellFormed()))
      }),
    )
  })

  it('leaves out empty lines and takes a last one without an end', async () => {
    const text = new TextEncoder().encode('a\n\nb')
    expect(await Array.fromAsync(linesOf([text] as any))).toEqual(['a', 'b'])
  })
})
