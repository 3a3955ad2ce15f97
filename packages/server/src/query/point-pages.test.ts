import { describe, expect, it } from 'vitest'
import { PointBatchBuilder, type PointValue } from '../model/point-batch.ts'
import { MemoryStore } from '../points/memory-store.ts'
import { ALL_TIME } from '../points/point-store.ts'
import { readPages } from './point-pages.ts'

async function storeOf(pointCount: number, valueAt: (timeUs: number) => PointValue): Promise<MemoryStore> {
  const builder = new PointBatchBuilder(pointCount)
  for (let timeUs = 0; timeUs < pointCount; timeUs++) builder.add(1, timeUs, valueAt(timeUs))
  const store = new MemoryStore()
  await store.append(builder.take())
  return store
}

async function pageSizes(store: MemoryStore, range = {}): Promise<number[]> {
  const sizes: number[] = []
  let nextUs: number | undefined
  for await (const { timesUs } of readPages(store, { streamId: 1, ...ALL_TIME, ...range })) {
    nextUs ??= timesUs[0]
    for (const timeUs of timesUs) expect(timeUs).toBe(nextUs++)
    sizes.push(timesUs.length)
  }
  return sizes
}

describe('pages of points', () => {
  it('begin small and grow to some ten thousand rows', async () => {
    expect(await pageSizes(await storeOf(23_000, (timeUs) => timeUs))).toEqual([2_048, 10_240, 10_240, 472])
  })

  it('hold fewer rows where texts are long', async () => {
    const sizes = await pageSizes(await storeOf(2_348, () => 'x'.repeat(10_000)))
    expect(sizes).toEqual([2_048, 105, 105, 90])
  })

  it('are never empty, also when the last one was full', async () => {
    expect(await pageSizes(await storeOf(2_048, () => 1))).toEqual([2_048])
    expect(await pageSizes(new MemoryStore())).toEqual([])
  })

  it('stay within the range and the limit, from the oldest point on', async () => {
    const store = await storeOf(4_000, () => 1)
    expect(await pageSizes(store, { fromUs: 100, toUs: 2_300 })).toEqual([2_048, 152])
    expect(await pageSizes(store, { limit: 2_500 })).toEqual([2_048, 452])
    expect(await pageSizes(store, { fromUs: 7, toUs: 7 })).toEqual([])
  })
})
