import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { HttpClientError, HttpServerError } from '../api/http-errors.ts'
import { type Answer, scriptedServer } from '../api/scripted-server.fixture.ts'
import type { WriterOptions } from './point-writer.ts'

const OK: Answer = { status: 204 }
const BUSY: Answer = { status: 503, headers: { 'retry-after': '0' }, body: { code: 'unavailable' } }
const point = (value: number | string) => ({ device: 'd', variable: 'v', value, timeUs: 1 })
const points = (count: number) => Array.from({ length: count }, (_, value) => point(value))

async function openWriter(answer: (count: number, lines: number) => Answer, options: WriterOptions = {}) {
  const server = await scriptedServer({
    answer: ({ body }, count) => answer(count, body.split('\n').length - 1),
  })
  const writer = server.api.openWriter({ project: 'Greenhouse', flushMs: 60_000, ...options })
  onTestFinished(() =>
    writer.close().then(
      () => {},
      () => {},
    ),
  )
  const sizes = () => server.asked.map(({ body }) => body.split('\n').length - 1)
  return { writer, sizes, asked: server.asked }
}

describe('PointWriter', () => {
  it('sends lines with microseconds to the project', async () => {
    const { writer, asked } = await openWriter(() => OK)
    await writer.write(point(1))
    expect(await writer.close()).toEqual({ writtenCount: 1, rejectedCount: 0, rejected: [] })
    expect(asked[0]).toMatchObject({ method: 'POST', body: 'v,device=d value=1 1\n' })
    expect(asked[0].path).toBe('/api/v2/write?bucket=Greenhouse&precision=us')
    expect(asked[0].headers).toMatchObject({ authorization: 'Bearer JWT_USER' })
  })

  it('cuts batches', async () => {
    const { writer, sizes } = await openWriter(() => OK, { batchPointsMax: 10 })
    await writer.write(points(25))
    expect(await writer.close()).toMatchObject({ writtenCount: 25 })
    expect(sizes()).toEqual([10, 10, 5])
  })

  it('sends a full batch, and what has waited long enough, by itself', async () => {
    const { writer, sizes } = await openWriter(() => OK, { batchPointsMax: 10, flushMs: 5 })
    await writer.write(points(12))
    await vi.waitFor(() => expect(sizes()).toEqual([10, 2]))
  })

  it('lets who writes too fast wait, and holds no more than it may', async () => {
    const { writer, sizes } = await openWriter(() => OK, { batchPointsMax: 5, bufferPointsMax: 8 })
    let most = 0
    for (const one of points(40)) {
      await writer.write(one)
      most = Math.max(most, writer.pendingCount)
    }
    expect(most).toBe(8)
    expect(await writer.close()).toMatchObject({ writtenCount: 40 })
    expect(Math.max(...sizes())).toBe(5)
  })

  it.each([
    ['a busy server', BUSY],
    ['too many requests', { status: 429, headers: { 'retry-after': new Date(0).toUTCString() } }],
    ['a lost connection', 'drop'],
  ] as const)('tries again after %s', async (_name, failure) => {
    const { writer, sizes } = await openWriter((count) => (count < 2 ? failure : OK))
    await writer.write(points(3))
    expect(await writer.flush()).toMatchObject({ writtenCount: 3 })
    expect(sizes()).toEqual([3, 3])
  })

  it('gives up at last, keeps what it has, and goes on after a flush', async () => {
    let isBusy = true
    const { writer, sizes } = await openWriter(() => (isBusy ? BUSY : OK), { retries: 2 })
    await writer.write(points(3))
    await expect(writer.flush()).rejects.toThrow(HttpServerError)
    expect(sizes()).toEqual([3, 3, 3])
    await expect(writer.write(point(4))).rejects.toThrow('Server Error 503')
    expect(writer.pendingCount).toBe(3)
    isBusy = false
    expect(await writer.flush()).toMatchObject({ writtenCount: 3 })
    await writer.write(point(4))
    expect(await writer.close()).toMatchObject({ writtenCount: 1 })
  })

  it.each([401, 403, 404])('does not try again after %i', async (status) => {
    const { writer, sizes } = await openWriter(() => ({ status, body: { message: 'no' } }))
    await writer.write(points(3))
    await expect(writer.close()).rejects.toThrow(HttpClientError)
    expect(sizes()).toEqual([3])
  })

  it('names the points that the server rejects', async () => {
    const body = {
      rejected_count: 2,
      rejected: [
        { line: 1, reason: 'one' },
        { line: 4, reason: 'two' },
      ],
    }
    const told: unknown[] = []
    const { writer } = await openWriter(() => ({ status: 400, body }), {
      onRejected: (rejected) => told.push(...rejected),
    })
    // The second one takes two lines.
    await writer.write([point(0), point('a\nb'), point(2), point(3)])
    const rejected = [
      { point: point(0), reason: 'one' },
      { point: point(2), reason: 'two' },
    ]
    expect(await writer.close()).toEqual({ writtenCount: 2, rejectedCount: 2, rejected })
    expect(told).toEqual(rejected)
  })

  it('rejects what cannot be written, and writes the rest', async () => {
    const { writer, sizes } = await openWriter(() => OK)
    await writer.write([point(Number.NaN), point(1)])
    expect(await writer.close()).toMatchObject({
      writtenCount: 1,
      rejectedCount: 1,
      rejected: [{ reason: expect.stringContaining('NaN') }],
    })
    expect(sizes()).toEqual([1])
  })

  it('halves batches that are too large, and rejects a point that is', async () => {
    const { writer } = await openWriter((_count, lines) => (lines > 2 ? { status: 413 } : OK))
    await writer.write(points(9))
    expect(await writer.close()).toMatchObject({ writtenCount: 9, rejectedCount: 0 })
    const { writer: other } = await openWriter(() => ({ status: 413 }))
    await other.write(points(2))
    expect(await other.close()).toMatchObject({ writtenCount: 0, rejectedCount: 2 })
  })

  it('gives points without a time different ones', async () => {
    const { writer, asked } = await openWriter(() => OK)
    await writer.write([1, 2, 3].map((value) => ({ device: 'd', variable: 'v', value })))
    await writer.close()
    const times = asked[0].body
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[2])
    expect(new Set(times).size).toBe(3)
  })

  it('takes points from whatever yields them, until it is closed', async () => {
    const { writer, sizes } = await openWriter(() => OK)
    await writer.write(
      (async function* () {
        yield* points(3)
      })(),
    )
    await writer.close()
    expect(sizes()).toEqual([3])
    await expect(writer.write(point(1))).rejects.toThrow('closed')
  })

  it.each([{ batchPointsMax: 0 }, { bufferPointsMax: 0.5 }, { flushMs: -1 }, { retries: Number.NaN }])(
    'refuses %j',
    async (options) => {
      await expect(openWriter(() => OK, options)).rejects.toThrow(TypeError)
    },
  )
})
