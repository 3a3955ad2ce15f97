import { beforeEach, describe, expect, it } from 'vitest'
import type { PointBatch } from '../../model/point-batch.ts'
import { MemoryStore } from '../../points/memory-store.ts'
import { type InfluxBench, openInfluxBench } from './influx.fixture.ts'

/** Tells which stream each batch was for, in the order in which they came. */
class ListingStore extends MemoryStore {
  readonly streams: number[] = []

  override append(batch: PointBatch): Promise<void> {
    for (const streamId of new Set(batch.streamIds)) this.streams.push(streamId)
    return super.append(batch)
  }
}

const lines = (name: string) =>
  Array.from({ length: 60_000 }, (_, i) => `${name} value=${i} ${i}000`).join('\n')

describe('line writer', () => {
  const URL = '/write?db=garden'
  let store: ListingStore
  let bench: InfluxBench
  beforeEach(async () => {
    store = new ListingStore()
    bench = await openInfluxBench({ store })
    for (const name of ['first', 'second', 'small']) await bench.ask(URL, { body: `${name} value=0 0` })
    store.streams.length = 0
  })

  it('stores large bodies one behind the other, and small ones in between', async () => {
    const [first, second, small] = [1, 2, 3]
    const large = Promise.all([
      bench.ask(URL, { body: lines('first') }),
      bench.ask(URL, { body: lines('second') }),
    ])
    while (!store.streams.includes(first)) await new Promise((resolve) => setImmediate(resolve))
    expect((await bench.ask(URL, { body: 'small value=1 1000' })).status).toBe(204)
    expect(store.streams).not.toContain(second)
    expect((await large).map(({ status }) => status)).toEqual([204, 204])
    const order = store.streams.filter((stream) => stream !== small)
    expect(order).toEqual([...order].sort())
    expect(order.filter((stream) => stream === first).length).toBeGreaterThan(3)
    const stored = await bench.stored()
    expect(stored['garden/first/first'].length).toBe(60_000)
    expect(stored['garden/second/second'].at(-1)).toEqual([59_999, 59_999])
  })
})
