/**
 * The process that `chunk-store-crash.test.ts` kills: several writers, each counting on from what it finds,
 * and a line `<writer> <count>` for every acknowledged point. Heads are small, so that kills hit flushes.
 */
import { PointBatchBuilder } from '../../model/point-batch.ts'
import { ALL_TIME, type PointStore } from '../point-store.ts'
import { ChunkStore } from './chunk-store.ts'

export const WRITER_COUNT = 8
const POINTS_MAX = 200_000

/** What a writer writes at a time. */
export function crashValue(writer: number, count: number): number {
  return writer + count / 8
}

async function write(store: PointStore, writer: number): Promise<void> {
  const found = await store.readRange(writer + 1, ALL_TIME)
  for (let count = found.timesUs.length; count < POINTS_MAX; ) {
    const builder = new PointBatchBuilder()
    const batchCount = 1 + (count % 3)
    for (let i = 0; i < batchCount; i++) builder.add(writer + 1, count + i, crashValue(writer, count + i))
    await store.append(builder.take())
    count += batchCount
    process.stdout.write(`${writer} ${count - 1}\n`)
  }
}

if (import.meta.main) {
  const store = await ChunkStore.open({ folder: process.argv[2], headPointsMax: 300 })
  await Promise.all(Array.from({ length: WRITER_COUNT }, (_, writer) => write(store, writer)))
}
