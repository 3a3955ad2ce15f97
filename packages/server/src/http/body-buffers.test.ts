import { describe, expect, it } from 'vitest'
import { ArrivingBody } from './arriving-body.ts'
import { BodyBuffers } from './body-buffers.ts'
import { HeldBytes } from './held-bytes.ts'

describe('body buffers', () => {
  it('give blocks out again, of which some are kept', () => {
    const buffers = new BodyBuffers()
    const blocks = Array.from({ length: 10 }, () => buffers.take(100_000))
    expect(new Set(blocks.map(({ length }) => length))).toEqual(new Set([131_072]))
    for (const block of blocks) buffers.giveBack(block)
    const again = Array.from({ length: 10 }, () => buffers.take(131_072))
    expect(again.filter((block) => blocks.includes(block)).length).toBe(4)
  })

  it.each([0, 1, 65_535, 1_048_577])('make blocks of %i bytes as long as they are', (length) => {
    const buffers = new BodyBuffers()
    const block = buffers.take(length)
    expect(block.length).toBe(length)
    buffers.giveBack(block)
    expect(buffers.take(length)).not.toBe(block)
  })
})

describe('arriving body', () => {
  it.each([10, 100_000, 5_000_000])(
    'of %i bytes is put together from chunks, and counted until released',
    (length) => {
      const held = new HeldBytes(length)
      const bytes = Buffer.alloc(length, 'abcdefg')
      const body = new ArrivingBody(length, { held, buffers: new BodyBuffers() })
      for (let at = 0; at < length; at += 65_536)
        expect(body.take(bytes.subarray(at, at + 65_536), 0)).toBeGreaterThan(0)
      expect(body.missingBytes).toBe(0)
      expect(body.bytes.equals(bytes)).toBe(true)
      expect(body.take(Buffer.from('next'), 1)).toBe(1)
      expect(() => held.take(1, length)).toThrow('Too many')
      body.release()
      held.take(length, length)
    },
  )
})
