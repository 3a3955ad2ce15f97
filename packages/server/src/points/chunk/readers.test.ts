import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { PointBatch } from '../../model/point-batch.ts'
import { US_PER_S } from '../../model/time.ts'
import { MemoryStore } from '../memory-store.ts'
import { ALL_TIME } from '../point-store.ts'
import { ChunkStore } from './chunk-store.ts'

const STREAMS = 500
const STEPS = 400

const folder = await mkdtemp(join(tmpdir(), 'sonde-readers-'))
afterAll(() => rm(folder, { recursive: true }))

function batch(fromStep: number, toStep: number): PointBatch {
  const count = (toStep - fromStep) * STREAMS
  return {
    streamIds: Uint32Array.from({ length: count }, (_, i) => 1 + (i % STREAMS)),
    timesUs: Float64Array.from({ length: count }, (_, i) => (fromStep + Math.floor(i / STREAMS)) * US_PER_S),
    values: Float64Array.from({ length: count }, (_, i) => (i * 7_919) % 1_000),
  }
}

/** Ten groups, buckets of 90 s that cut every chunk. */
const streamIds = Uint32Array.from({ length: STREAMS }, (_, i) => i + 1)
const wide = {
  streamIds,
  groups: streamIds.map((streamId) => streamId % 10),
  groupCount: 10,
  edgesUs: Float64Array.from({ length: 5 }, (_, i) => (10.5 + 90 * i) * US_PER_S),
}

describe('reads', () => {
  it.each([
    ['at once', 60_000],
    ['shared out after a first look', 0.000_1],
    ['in threads alone', 0],
  ])('answer the same of chunks and heads %s', async (_, heldMsMax) => {
    const model = new MemoryStore()
    const store = await ChunkStore.open({ folder: join(folder, String(heldMsMax)), heldMsMax })
    for (const points of [batch(0, 150), batch(150, 300), batch(300, STEPS)]) {
      await model.append(points)
      await store.append(points)
      // What came last stays in a head.
      if (points.timesUs[0] < 300 * US_PER_S) await store.flush()
    }
    expect({ ...(await store.aggregate(wide)) }).toEqual({ ...(await model.aggregate(wide)) })
    expect(await store.readRange(77, ALL_TIME)).toEqual(await model.readRange(77, ALL_TIME))
    await store.close()
  })

  it('in threads go on beside flushes, each from one moment', async () => {
    const store = await ChunkStore.open({
      folder: join(folder, 'beside'),
      heldMsMax: 0,
      headPointsMax: 40 * STREAMS,
    })
    let isWriting = true
    const reading = (async () => {
      let before = 0
      while (isWriting) {
        const { timesUs } = await store.readRange(STREAMS, ALL_TIME)
        expect(timesUs.every((timeUs, i) => timeUs === i * US_PER_S)).toBe(true)
        expect(timesUs.length).toBeGreaterThanOrEqual(before)
        before = timesUs.length
      }
    })()
    for (let step = 0; step < STEPS; step += 20) await store.append(batch(step, step + 20))
    isWriting = false
    await reading
    expect((await store.readRange(1, ALL_TIME)).timesUs.length).toBe(STEPS)
    await store.close()
  })
})
