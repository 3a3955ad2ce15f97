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
  it('begin small and grow to ten thousand rows', async () => {
    expect(await pageSizes(await storeOf(23_000, (timeUs) => timeUs))).toEqual([1_000, 10_000, 10_000, 2_000])
  })

  it('hold fewer rows where texts are long', async () => {
    const sizes = await pageSizes(await storeOf(1_300, () => 'x'.repeat(10_000)))
    expect(sizes).toEqual([1_000, 105, 105, 90])
  })

  it('are never empty, also when the last one was full', async () => {
    expect(await pageSizes(await storeOf(1_000, () => 1))).toEqual([1_000])
    expect(await pageSizes(new MemoryStore())).toEqual([])
  })

  it('stay within the range and the limit, from the oldest point on', async () => {
    const store = await storeOf(3_000, () => 1)
    expect(await pageSizes(store, { fromUs: 100, toUs: 1_300 })).toEqual([1_000, 200])
    expect(await pageSizes(store, { limit: 1_500 })).toEqual([1_000, 500])
    expect(await pageSizes(store, { fromUs: 7, toUs: 7 })).toEqual([])
  })
})
