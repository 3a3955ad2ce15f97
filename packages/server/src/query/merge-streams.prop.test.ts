import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PointBatchBuilder } from '../model/point-batch.ts'
import { MemoryStore } from '../points/memory-store.ts'
import { ALL_TIME } from '../points/point-store.ts'
import { type MergedPoint, mergeStreams } from './merge-streams.ts'
import { PointLists } from './point-lists.ts'

const rows = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(60), fc.integer({ min: 0, max: 9 })), {
  maxLength: 120,
})

async function storeOf(list: readonly (readonly [number, number, number])[]): Promise<MemoryStore> {
  const store = new MemoryStore()
  const builder = new PointBatchBuilder()
  for (const [streamId, timeUs, value] of list) builder.add(streamId, timeUs, value)
  await store.append(builder.take())
  return store
}

/** All points at once, sorted plainly. */
async function expected(store: MemoryStore, streamIds: readonly number[]): Promise<MergedPoint[]> {
  const points: MergedPoint[] = []
  for (const [stream, streamId] of streamIds.entries()) {
    const { timesUs, values } = await store.readRange(streamId, ALL_TIME)
    timesUs.forEach((timeUs, row) => {
      points.push({ stream, timeUs, value: values[row] })
    })
  }
  return points.sort((a, b) => a.timeUs - b.timeUs || a.stream - b.stream)
}

describe('merged streams', () => {
  const streamIds = [3, 1, 5, 2, 4]

  it('come in the order of time, those of equal time in the order of the streams', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (list) => {
        const store = await storeOf(list)
        const merged = await Array.fromAsync(mergeStreams(store, streamIds, ALL_TIME))
        expect(merged).toEqual(await expected(store, streamIds))
      }),
    )
  })

  it('give pages and newest points that agree with the whole list', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.nat(130), fc.integer({ min: 1, max: 40 }), async (list, offset, limit) => {
        const store = await storeOf(list)
        const lists = new PointLists(store)
        const all = await expected(store, streamIds)
        expect(await lists.count(streamIds, ALL_TIME)).toBe(all.length)
        expect(await lists.page(streamIds, ALL_TIME, { offset, limit })).toEqual(
          all.slice(offset, offset + limit),
        )
        expect(await lists.newest(streamIds, ALL_TIME, limit)).toEqual(all.slice(-limit))
      }),
    )
  })

  it('are empty for no streams', async () => {
    expect(await new PointLists(new MemoryStore()).count([], ALL_TIME)).toBe(0)
    expect(await Array.fromAsync(mergeStreams(new MemoryStore(), [], ALL_TIME))).toEqual([])
  })
})
