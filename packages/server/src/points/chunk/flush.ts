/** Moves a head into chunks, in one transaction that also says which generation it was. */
import type { PointValue } from '../../model/point-batch.ts'
import type { ChunkDatabase } from './chunk-database.ts'
import type { HeadView } from './head-view.ts'
import { inChange } from './in-change.ts'
import type { Run } from './run.ts'
import { stateRow } from './stream-states.ts'
import { writeRun } from './write-chunks.ts'

/** Nothing has happened when it throws. */
export function flushHead(database: ChunkDatabase, head: HeadView): void {
  const { partUs } = database.meta()
  inChange(database, (touched) => {
    let pointCount = 0
    for (const streamId of head.streamIds()) {
      const run = head.run(streamId)
      writeRun({ database, partUs, seq: head.generation, touched }, streamId, run)
      const [firstUs, lastUs] = [run.timesUs[0], run.timesUs[run.timesUs.length - 1]]
      database.extendStream(stateRow(streamId, { firstUs, lastUs, last: lastOf(run) }))
      pointCount += run.timesUs.length
    }
    database.addPointCount(pointCount)
    database.setFlushedGeneration(head.generation)
    for (const part of touched) database.setMerged(part, 'no')
  })
}

function lastOf({ timesUs, values, texts }: Run): PointValue {
  const row = timesUs.length - 1
  return texts?.get(row) ?? values[row] + 0 // A latest value does not tell -0 from 0.
}
