import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPackagesBench, type PackagesBench, upload } from './packages.fixture.ts'

const BYTES = Buffer.from(Uint8Array.from({ length: 100 }, (_, index) => index))
const PATH = '/packages/sensor/1.0'

let bench: PackagesBench
let token: string
let etag: string
let modified: string
const cleanups: (() => Promise<void>)[] = []

beforeAll(async () => {
  bench = await openPackagesBench((cleanup) => cleanups.push(cleanup))
  token = await bench.user('morty')
  await bench.form(PATH, upload({}, 'sensor.bin', BYTES), { token })
  const { headers } = await bench.ask(PATH, { token })
  etag = String(headers.etag)
  modified = String(headers['last-modified'])
})
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

const read = (headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
  bench.ask(PATH, { token, headers, method })

describe('a download', () => {
  it.each([
    ['bytes=0-9', 206, 'bytes 0-9/100', BYTES.subarray(0, 10)],
    ['bytes=90-', 206, 'bytes 90-99/100', BYTES.subarray(90)],
    ['bytes=-10', 206, 'bytes 90-99/100', BYTES.subarray(90)],
    ['bytes=0-4,5-9', 206, 'bytes 0-9/100', BYTES.subarray(0, 10)],
    ['bytes=0-4,50-54', 200, undefined, BYTES],
    ['bytes=100-', 416, 'bytes */100', Buffer.alloc(0)],
    ['nonsense', 200, undefined, BYTES],
  ])('of the range %s', async (range, status, contentRange, bytes) => {
    const reply = await read({ range })
    expect([reply.status, reply.headers['content-range']]).toEqual([status, contentRange])
    expect(reply.bytes.equals(bytes)).toBe(true)
    expect(reply.headers['content-length']).toBe(String(bytes.length))
    expect(reply.headers['transfer-encoding']).toBeUndefined()
  })

  it('goes on with a range only while the file is the same', async () => {
    const range = 'bytes=0-9'
    expect(await read({ range, 'if-range': etag })).toMatchObject({ status: 206 })
    expect(await read({ range, 'if-range': modified })).toMatchObject({ status: 206 })
    expect(await read({ range, 'if-range': '"another"' })).toMatchObject({ status: 200 })
  })

  it('is not sent again to who has it', async () => {
    const reply = await read({ 'if-none-match': etag })
    expect([reply.status, reply.bytes.length, reply.headers.etag]).toEqual([304, 0, etag])
    expect(await read({ 'if-modified-since': modified })).toMatchObject({ status: 304 })
    expect(await read({ 'if-match': '"another"' })).toMatchObject({ status: 412 })
  })

  it('is described by HEAD', async () => {
    const head = await read({ range: 'bytes=0-9' }, 'HEAD')
    expect([head.status, head.bytes.length]).toEqual([200, 0])
    const { headers } = await read()
    const { date: _, connection: __, ...described } = headers
    expect(head.headers).toMatchObject(described)
    expect(await read({ 'if-none-match': etag }, 'HEAD')).toMatchObject({ status: 304 })
  })

  it('needs JSON, a token, and a tag, asked for in this order', async () => {
    const text = { 'content-type': 'text/plain' }
    expect(await bench.ask(PATH, { headers: text })).toMatchObject({ status: 400 })
    expect(await bench.ask(PATH)).toMatchObject({ status: 401 })
    expect(await bench.ask('/packages/sensor/2.0', { token })).toMatchObject({ status: 404 })
  })

  it('has an empty body of an empty file', async () => {
    await bench.form('/packages/empty/1', upload({}, 'empty.txt', ''), { token })
    const reply = await bench.ask('/packages/empty/1', { token })
    expect([reply.status, reply.headers['content-length'], reply.text]).toEqual([200, '0', ''])
  })

  it('is the same file for the same bytes, kept once', async () => {
    const { blobs } = await bench.blobs.stats()
    await bench.form('/packages/copy/1', upload({}, 'copy.bin', BYTES), { token })
    expect((await bench.blobs.stats()).blobs).toBe(blobs)
  })

  it('tells no details when the bytes are gone from the disk', async () => {
    await bench.form('/packages/gone/1', upload({}, 'gone.bin', 'soon gone'), { token })
    const { headers } = await bench.ask('/packages/gone/1', { token })
    const blob = (await bench.blobs.list()).find(({ sha256 }) => sha256 === headers['x-sha256'])
    await rm(blob!.path)
    const reply = await bench.ask('/packages/gone/1', { token })
    expect([reply.status, JSON.parse(reply.text)]).toEqual([500, { message: 'Internal Server Error' }])
    expect(reply.headers['content-disposition']).toBeUndefined()
  })
})
