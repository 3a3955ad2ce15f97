import { describe, expect, it } from 'vitest'
import { OverloadedError } from '../errors.ts'
import type { PointBatch } from '../model/point-batch.ts'
import { GatheredWrites } from './gathered-writes.ts'

const batch = (streamId: number, value: number | string): PointBatch => ({
  streamIds: Uint32Array.of(streamId),
  timesUs: Float64Array.of(streamId * 1_000),
  values: Float64Array.of(typeof value === 'string' ? Number.NaN : value),
  ...(typeof value === 'string' ? { texts: new Map([[0, value]]) } : {}),
})

describe('gathered writes', () => {
  it('take values of one moment, numbers and texts, in order with the others', async () => {
    const appended: PointBatch[] = []
    const writes = new GatheredWrites(async (rows) => void appended.push(rows))
    const moment = { timeUs: 7, streamIds: [4, 5], values: [1.5, 'off'] }
    const added = [writes.add(batch(1, 5)), writes.addMoment(moment)]
    moment.values[0] = 2.5
    await Promise.all(added)
    expect(appended).toEqual([
      {
        streamIds: Uint32Array.of(1, 4, 5),
        timesUs: Float64Array.of(1_000, 7, 7),
        values: Float64Array.of(5, 1.5, Number.NaN),
        texts: new Map([[2, 'off']]),
      },
    ])
  })

  it('make one batch of what comes in one turn, in order, and another one in the next', async () => {
    const appended: PointBatch[] = []
    const writes = new GatheredWrites(async (rows) => void appended.push(rows))
    const first = batch(1, 5)
    const added = [writes.add(first), writes.add(batch(2, 'on'))]
    first.values[0] = 6
    await Promise.all(added)
    await writes.add(batch(3, 7))
    expect(appended).toEqual([
      {
        streamIds: Uint32Array.of(1, 2),
        timesUs: Float64Array.of(1_000, 2_000),
        values: Float64Array.of(5, Number.NaN),
        texts: new Map([[1, 'on']]),
      },
      batch(3, 7),
    ])
  })

  it('fail together', async () => {
    const writes = new GatheredWrites(() => Promise.reject(new OverloadedError('full', 1)))
    const added = await Promise.allSettled([writes.add(batch(1, 5)), writes.add(batch(2, 5))])
    expect(added.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('are sent before the turn is over when they are many, or when they are told to', () => {
    const counts: number[] = []
    const writes = new GatheredWrites(async (rows) => void counts.push(rows.timesUs.length))
    for (let i = 0; i < 5_000; i++) void writes.add(batch(1, i))
    expect(counts).toEqual([4_096])
    writes.send()
    writes.send()
    expect(counts).toEqual([4_096, 904])
  })
})
