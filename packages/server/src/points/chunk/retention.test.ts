import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PointBatchBuilder, type PointValue } from '../../model/point-batch.ts'
import { US_PER_DAY, US_PER_HOUR, US_PER_MS } from '../../model/time.ts'
import { ALL_TIME } from '../point-store.ts'
import { ChunkStore } from './chunk-store.ts'

const STREAMS = 200
const KEPT_DAYS = 3

let folder: string
let nowUs: number
let store: ChunkStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-retention-'))
  nowUs = 10 * US_PER_DAY
  store = await open()
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

function open(): Promise<ChunkStore> {
  const retentionMs = (KEPT_DAYS * US_PER_DAY) / US_PER_MS
  return ChunkStore.open({ folder, retentionMs, hasThreads: false, clock: { nowUs: () => nowUs } })
}

async function append(...points: [streamId: number, timeUs: number, value: PointValue][]): Promise<void> {
  const builder = new PointBatchBuilder()
  for (const point of points) builder.add(...point)
  await store.append(builder.take())
}

async function times(streamId: number): Promise<number[]> {
  return [...(await store.readRange(streamId, ALL_TIME)).timesUs]
}

/** A point an hour in every stream, from one day to the end of another. */
async function fillDays(from: number, to: number): Promise<void> {
  const builder = new PointBatchBuilder()
  for (let timeUs = from * US_PER_DAY; timeUs < to * US_PER_DAY; timeUs += US_PER_HOUR) {
    for (let streamId = 1; streamId <= STREAMS; streamId++)
      builder.add(streamId, timeUs, Math.sin(timeUs * streamId))
  }
  await store.append(builder.take())
}

describe('retention', () => {
  it('drops the days that are wholly too old, also of late points, and nothing else', async () => {
    await append(
      [1, 6.5 * US_PER_DAY, 'late'],
      [1, 6.9 * US_PER_DAY, 2],
      [1, 7 * US_PER_DAY, 3],
      [1, 9 * US_PER_DAY, 4],
    )
    expect(await store.dropExpired()).toBe(0)
    await store.flush()
    expect(await store.dropExpired()).toBe(1)
    expect(await times(1)).toEqual([7 * US_PER_DAY, 9 * US_PER_DAY])
    expect(await store.extent(Uint32Array.of(1))).toEqual({ firstUs: 7 * US_PER_DAY, lastUs: 9 * US_PER_DAY })
    expect((await store.stats()).pointCount).toBe(2)
    nowUs += US_PER_HOUR
    expect(await store.dropExpired()).toBe(0)
  })

  it('forgets streams that have nothing left, and takes their next points', async () => {
    await append([1, 2 * US_PER_DAY, 'on'], [2, 2 * US_PER_DAY, 1], [2, 9 * US_PER_DAY, 2])
    await store.flush()
    await store.dropExpired()
    expect(await store.extent(Uint32Array.of(1))).toBeUndefined()
    expect((await store.stats()).streamCount).toBe(1)
    await append([1, 9 * US_PER_DAY, 5])
    const { values, texts } = await store.latest(Uint32Array.of(1))
    expect([values[0], texts]).toEqual([5, undefined])
  })

  it('gives the space back, and still knows everything after a restart', async () => {
    await fillDays(0, 10)
    await store.flush()
    await store.merge()
    const { diskBytes } = await store.stats()
    expect(await store.dropExpired()).toBe(7)
    expect((await store.stats()).diskBytes).toBeLessThan(diskBytes / 2)
    await store.close()
    store = await open()
    expect((await store.stats()).pointCount).toBe(3 * 24 * STREAMS)
    expect(await store.extent(Uint32Array.of(STREAMS))).toEqual({
      firstUs: 7 * US_PER_DAY,
      lastUs: 10 * US_PER_DAY - US_PER_HOUR,
    })
    expect((await times(77)).length).toBe(3 * 24)
  })

  it('keeps everything when nothing is said', async () => {
    await store.close()
    store = await ChunkStore.open({ folder, hasThreads: false, clock: { nowUs: () => nowUs } })
    await append([1, 0, 1])
    await store.flush()
    expect(await store.dropExpired()).toBe(0)
    expect(await times(1)).toEqual([0])
  })
})
