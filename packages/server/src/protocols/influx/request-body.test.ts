import { PassThrough, Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { FastifyRequest } from 'fastify'
import { describe, expect, it } from 'vitest'
import { InvalidError, OverloadedError, TooLargeError } from '../../errors.ts'
import { HeldBytes } from '../../http/held-bytes.ts'
import { RequestBodies } from './request-body.ts'

const newLimits = () => ({ bodyBytesMax: 100, held: new HeldBytes(150) })

function request(body: unknown, headers: Record<string, string> = {}): FastifyRequest {
  return { body, headers } as unknown as FastifyRequest
}

const text = async (body: Buffer) => body.toString()

describe('request bodies', () => {
  it('are read as they come, in one piece or in several', async () => {
    const bodies = new RequestBodies(newLimits())
    expect(await bodies.use(request(Readable.from([Buffer.from('a'), Buffer.from('bc')])), text)).toBe('abc')
    expect(await bodies.use(request(Readable.from([Buffer.from('abc')])), text)).toBe('abc')
    expect(await bodies.use(request(undefined), text)).toBe('')
  })

  it('are refused when they are or say that they are too large', async () => {
    const bodies = new RequestBodies(newLimits())
    const large = () => Readable.from([Buffer.alloc(60), Buffer.alloc(60)])
    await expect(bodies.use(request(large()), text)).rejects.toThrow(TooLargeError)
    await expect(bodies.use(request(large(), { 'content-length': '101' }), text)).rejects.toThrow(
      TooLargeError,
    )
    const packed = request(Readable.from([gzipSync(Buffer.alloc(10_000))]), { 'content-encoding': 'gzip' })
    await expect(bodies.use(packed, text)).rejects.toThrow(TooLargeError)
    expect((await bodies.use(request(Readable.from([Buffer.alloc(100)])), text)).length).toBe(100)
  })

  it('are bounded all together, and make room when they are done with', async () => {
    const bodies = new RequestBodies(newLimits())
    let finish = () => {}
    const first = bodies.use(
      request(Readable.from([Buffer.alloc(90)])),
      () => new Promise<void>((resolve) => (finish = resolve)),
    )
    await nextTurn()
    const second = () => bodies.use(request(Readable.from([Buffer.alloc(90)])), text)
    await expect(second()).rejects.toThrow(OverloadedError)
    finish()
    await first
    expect((await second()).length).toBe(90)
  })

  it.each(['', 'gzip'])('are given up when their sender goes away (%s)', async (encoding) => {
    const bodies = new RequestBodies(newLimits())
    const stream = new PassThrough()
    const read = bodies.use(request(stream, { 'content-encoding': encoding }), text)
    stream.write(gzipSync('abc').subarray(0, 12))
    await nextTurn()
    stream.destroy()
    await expect(read).rejects.toThrow(InvalidError)
    const other = bodies.use(request(Readable.from([Buffer.alloc(100)])), text)
    expect((await other).length).toBe(100)
  })
})
