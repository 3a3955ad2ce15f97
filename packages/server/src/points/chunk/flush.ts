/** Moves a head into chunks, in one transaction that also says which generation it was. */
import type { PointValue } from '../../model/point-batch.ts'
import type { ChunkDatabase } from './chunk-database.ts'
import type { HeadView } from './head-view.ts'
import { inChange } from './in-change.ts'
import type { Run } from './run.ts'
import { StreamBlocks } from './stream-blocks.ts'
import { ChunkWriter } from './write-chunks.ts'

/** Nothing has happened when it throws. */
export function flushHead(database: ChunkDatabase, head: HeadView): void {
  const { partUs } = database.meta()
  inChange(database, (touched) => {
    const writer = new ChunkWriter(database, { partUs, touched })
    const streams = new StreamBlocks(database)
    let pointCount = 0
    head.forEachRun((streamId, run) => {
      writer.write(streamId, head.generation, run)
      const lastRow = run.timesUs.length - 1
      const [firstUs, lastUs] = [run.timesUs[0], run.timesUs[lastRow]]
      streams.extend(streamId, { firstUs, lastUs, last: valueAt(run, lastRow) })
      pointCount += run.timesUs.length
    })
    writer.finish()
    streams.save()
    database.addPointCount(pointCount)
    database.setFlushedGeneration(head.generation)
    for (const part of touched) database.setMerged(part, 'no')
  })
}

function valueAt({ values, texts }: Run, row: number): PointValue {
  return texts?.get(row) ?? values[row] + 0 // A latest value does not tell -0 from 0.
}
