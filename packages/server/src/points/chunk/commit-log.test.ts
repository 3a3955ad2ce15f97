import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PointBatchBuilder } from '../../model/point-batch.ts'
import { CommitLog, type TornTail } from './commit-log.ts'
import { RecordWriter } from './log-record.ts'

const HEADER_BYTES = 16

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-log-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A record whose points all carry its number; larger numbers make longer records. */
function record(number: number): Uint8Array {
  const builder = new PointBatchBuilder()
  for (let i = 0; i <= number % 5; i++) builder.add(number, i, number % 3 === 0 ? `text ${number}` : number)
  return new RecordWriter().encode([builder.take()]).slice()
}

async function replayed(generation: number): Promise<{ numbers: number[]; torn: TornTail[] }> {
  const numbers: number[] = []
  const log = await CommitLog.open(folder)
  const torn = await log.replay(generation, (batch) => void numbers.push(batch.streamIds[0]))
  return { numbers, torn }
}

async function segmentPaths(): Promise<string[]> {
  return (await readdir(folder)).sort().map((name) => join(folder, name))
}

async function write(generation: number, numbers: number[]): Promise<void> {
  const log = await CommitLog.open(folder)
  await log.begin(generation)
  for (const number of numbers) await log.append(record(number))
  await log.close()
}

describe('commit log', () => {
  it('replays what was appended, generation by generation and in order', async () => {
    await write(1, [1, 2, 3])
    await write(2, [4])
    await write(1, [5])
    expect((await replayed(1)).numbers).toEqual([1, 2, 3, 5])
    expect((await replayed(2)).numbers).toEqual([4])
    expect(await (await CommitLog.open(folder)).generations()).toEqual([1, 2])
  })

  it('cuts a long generation into several files, and replays them in their order', async () => {
    const log = await CommitLog.open(folder, { segmentBytesMax: 200 })
    await log.begin(1)
    for (let number = 1; number <= 12; number++) await log.append(record(number))
    const sizes = await Promise.all((await segmentPaths()).map(async (path) => (await readFile(path)).length))
    expect(sizes.length).toBeGreaterThan(3)
    expect(log.diskBytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
    await log.close()
    expect((await replayed(1)).numbers).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
    await expect(log.append(record(1))).rejects.toThrow(/closed/)
  })

  it('removes the segments of generations that are settled', async () => {
    await write(1, [1])
    await write(2, [2])
    const log = await CommitLog.open(folder)
    await log.begin(3)
    await log.cut(2)
    expect((await segmentPaths()).map((path) => path.slice(-21))).toEqual(['0000000003-000001.log'])
    expect(log.diskBytes).toBe(HEADER_BYTES)
    await log.close()
  })

  it('refuses a segment of a newer version', async () => {
    await write(1, [1])
    const [path] = await segmentPaths()
    const bytes = await readFile(path)
    bytes[8] = 9
    await writeFile(path, bytes)
    await expect(replayed(1)).rejects.toThrow(/log version 9.*Start the newer one/)
  })

  it.each([0, 5, HEADER_BYTES])('finds nothing in a segment of %i bytes', async (length) => {
    await write(1, [1])
    const [path] = await segmentPaths()
    await writeFile(path, (await readFile(path)).subarray(0, length))
    expect((await replayed(1)).numbers).toEqual([])
  })

  it('replays exactly the whole records before a cut or a flipped bit, wherever it is', async () => {
    const numbers = Array.from({ length: 30 }, (_, i) => i + 1)
    await write(1, numbers)
    const [path] = await segmentPaths()
    const whole = await readFile(path)
    const ends = [HEADER_BYTES]
    for (const number of numbers) ends.push(ends[ends.length - 1] + record(number).length)
    const damage = fc.record({
      at: fc.integer({ min: HEADER_BYTES, max: whole.length - 1 }),
      flip: fc.option(fc.integer({ min: 1, max: 255 })),
    })
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, flip }) => {
        const damaged = flip === null ? whole.subarray(0, at) : Buffer.from(whole)
        if (flip !== null) damaged[at] ^= flip
        await writeFile(path, damaged)
        const wholeCount = ends.filter((end) => end <= at).length - 1
        const { numbers: found, torn } = await replayed(1)
        expect(found).toEqual(numbers.slice(0, wholeCount))
        const tornBytes = damaged.length - ends[wholeCount]
        expect(torn).toEqual(tornBytes === 0 ? [] : [{ file: path, bytes: tornBytes }])
      }),
      { numRuns: 400 },
    )
  })

  it('goes on behind a torn record after a restart, and loses neither side', async () => {
    await write(1, [1, 2])
    const [path] = await segmentPaths()
    await writeFile(path, (await readFile(path)).subarray(0, -3))
    await write(1, [3])
    expect((await replayed(1)).numbers).toEqual([1, 3])
  })

  it('removes nothing while segments are held, and says how far each of them reaches', async () => {
    await write(1, [1])
    const log = await CommitLog.open(folder)
    await log.begin(2)
    await log.append(record(2))
    let cutting: Promise<void> | undefined
    const held = await log.hold(async (segments) => {
      cutting = log.cut(1)
      await log.append(record(3))
      for (const { path } of segments) await readFile(path)
      return segments
    })
    const paths = held.map(({ path }) => path)
    expect(held[1].bytes).toBe(HEADER_BYTES + record(2).length)
    await cutting
    expect(await segmentPaths()).toEqual([paths[1]])
    await log.close()
  })
})
