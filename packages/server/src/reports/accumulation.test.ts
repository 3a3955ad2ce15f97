import { expect, it } from 'vitest'
import { PointBatchBuilder } from '../model/point-batch.ts'
import { IDENTITY_CHAIN, outputOf, type ValueChain } from '../model/value-chain.ts'
import { MemoryStore } from '../points/memory-store.ts'
import { PointLists } from '../query/point-lists.ts'
import { accumulate } from './accumulation.ts'

const output: ValueChain = { ...IDENTITY_CHAIN, output: { m: 3, d: 7, o: 0.25 } }

async function storeOf(valueAt: (row: number) => number, count: number): Promise<PointLists> {
  const builder = new PointBatchBuilder(count)
  for (let row = 0; row < count; row++) builder.add(1, row, valueAt(row))
  const store = new MemoryStore()
  await store.append(builder.take())
  return new PointLists(store)
}

it('adds points one by one, in the order of their times', async () => {
  const valueAt = (row: number) => 0.1 * (row % 13)
  const points = await storeOf(valueAt, 5_000)
  let expected = 0
  for (let row = 0; row < 5_000; row++) expected += outputOf(output, valueAt(row))
  const { streams, total } = await accumulate(points, {
    streams: [{ id: 1, chain: output }],
    range: { fromUs: 0, toUs: 5_000 },
  })
  expect([streams[0].sum, total]).toEqual([expected, expected])
})

it('comes to the same from stored sums, where there are too many points for that', async () => {
  const count = 150_000
  const points = await storeOf((row) => row % 16, count)
  const { streams, edgesUs } = await accumulate(points, {
    streams: [{ id: 1, chain: { ...output, output: { m: 3, d: 4, o: 0.25 } } }],
    range: { fromUs: 0, toUs: count },
    rule: { every: { count: 100, unit: 'ms' }, timeZone: 'UTC' },
  })
  expect([...edgesUs]).toEqual([0, 100_000, 150_000])
  // 7.5 on average, three quarters of it, and a quarter: 5.875 each, exact in binary.
  expect([streams[0].sum, ...streams[0].periodSums]).toEqual([881_250, 587_500, 293_750])
})
