import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PointBatchBuilder, type PointValue } from '../../model/point-batch.ts'
import { US_PER_DAY, US_PER_HOUR, US_PER_S } from '../../model/time.ts'
import { ALL_TIME } from '../point-store.ts'
import { openChunkReadings } from './chunk-database.ts'
import { ChunkStore } from './chunk-store.ts'

const STREAMS = 100
const NOON_US = 12 * US_PER_HOUR

let folder: string
let nowUs: number
let store: ChunkStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-merge-'))
  nowUs = 30 * US_PER_DAY
  store = await ChunkStore.open({ folder, clock: { nowUs: () => nowUs } })
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

/** Flushes `count` points per stream, from `startUs` on, each ten seconds after the last. */
async function flushed(startUs: number, count: number, value: (i: number) => PointValue): Promise<void> {
  const builder = new PointBatchBuilder()
  for (let i = 0; i < count; i++) {
    for (let streamId = 1; streamId <= STREAMS; streamId++) {
      builder.add(streamId, startUs + i * 10 * US_PER_S, value(i))
    }
  }
  await store.append(builder.take())
  await store.flush()
}

/** What the database file has of all slices. */
function stored(): { chunks: number; packs: number; plain: boolean; unmerged: number } {
  const database = openChunkReadings(join(folder, 'chunks.db'))
  const streamIds = Array.from({ length: STREAMS }, (_, i) => i + 1)
  const blocks = database.parts().map(({ part }) => database.block(part, 0))
  const found = {
    chunks: blocks.reduce((sum, block) => sum + block.chunkCount, 0),
    packs: blocks.reduce((sum, block) => sum + block.packIds.length, 0),
    plain: blocks.every((block) => streamIds.every((streamId) => block.isPlain(streamId))),
    unmerged: database.unmergedParts(1_000).length,
  }
  database.close()
  return found
}

describe('merge', () => {
  it('makes few large chunks of many small ones, and changes no answer', async () => {
    for (let hour = 0; hour < 8; hour++) await flushed(hour * US_PER_HOUR, 360, (i) => hour + i / 100)
    const before = await store.readRange(7, ALL_TIME)
    expect(stored()).toMatchObject({ chunks: 8 * STREAMS, packs: 8, unmerged: 1 })
    await store.merge()
    expect(stored()).toMatchObject({ chunks: 2 * STREAMS, packs: 1, unmerged: 0 })
    expect(await store.readRange(7, ALL_TIME)).toEqual(before)
    expect((await store.stats()).pointCount).toBe(8 * 360 * STREAMS)
  })

  it('gives the space of what it replaced back to the disk', async () => {
    for (let hour = 0; hour < 12; hour++) await flushed(hour * US_PER_HOUR, 360, (i) => Math.sin(i * hour))
    await store.deleteRange(
      Uint32Array.from({ length: STREAMS }, (_, i) => i + 1),
      { fromUs: 0, toUs: NOON_US },
    )
    const { diskBytes } = await store.stats()
    await store.merge()
    expect((await store.stats()).diskBytes).toBeLessThan(diskBytes / 10)
  })

  it('resolves overlaps, and counts points that were sent twice once from then on', async () => {
    await flushed(0, 100, () => 1)
    await flushed(NOON_US, 100, () => 1)
    await flushed(50 * 10 * US_PER_S, 100, () => 2)
    expect(stored().plain).toBe(false)
    expect((await store.stats()).pointCount).toBe(300 * STREAMS)
    await store.merge()
    expect(stored().plain).toBe(true)
    expect((await store.stats()).pointCount).toBe(250 * STREAMS)
    const { values } = await store.readRange(3, { fromUs: 0, toUs: NOON_US })
    expect([values.length, values[49], values[50]]).toEqual([150, 1, 2])
  })

  it('keeps texts, also those that took the place of numbers', async () => {
    await flushed(0, 20, () => 1)
    await flushed(100 * US_PER_S, 5, () => 'on')
    const before = await store.readRange(1, ALL_TIME)
    await store.merge()
    expect(await store.readRange(1, ALL_TIME)).toEqual(before)
    expect(before.texts?.size).toBe(5)
  })

  it('leaves a slice alone that is not finished, and one that it has seen until something comes in', async () => {
    const hourOfDayUs = 29 * US_PER_DAY
    await flushed(hourOfDayUs, 10, () => 1)
    await flushed(hourOfDayUs + US_PER_HOUR, 10, () => 1)
    nowUs = 29.5 * US_PER_DAY
    await store.merge()
    expect(stored()).toMatchObject({ chunks: 2 * STREAMS, unmerged: 1 })
    nowUs = 31 * US_PER_DAY
    await store.merge()
    expect(stored()).toMatchObject({ chunks: STREAMS, unmerged: 0 })
    await flushed(hourOfDayUs + 2 * US_PER_HOUR, 10, () => 1)
    expect(stored().unmerged).toBe(1)
    await store.merge()
    expect(stored().chunks).toBe(STREAMS)
  })

  it('goes on beside writes, flushes and reads', async () => {
    for (let hour = 0; hour < 6; hour++) await flushed(hour * US_PER_HOUR, 200, (i) => i)
    const merging = store.merge()
    for (let hour = 6; hour < 9; hour++) {
      await flushed(hour * US_PER_HOUR, 200, (i) => i)
      expect((await store.readRange(5, ALL_TIME)).timesUs.length).toBe((hour + 1) * 200)
    }
    await merging
    await store.merge()
    expect((await store.readRange(5, ALL_TIME)).timesUs.length).toBe(9 * 200)
    expect(stored().chunks).toBe(STREAMS)
  })
})
