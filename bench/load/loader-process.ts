/** The process that loads: makes all bodies first, then does what it is told, one task at a time. */
import { databaseNamed } from '../peers/databases.ts'
import { type Body, makeBodies } from './bodies.ts'
import { lineCount, makeIotData } from './iot-data.ts'
import { lateOrder } from './late-order.ts'
import { LoadError } from './load-error.ts'
import type { LoadReply, LoadResults, LoadTask } from './loader.ts'
import { writeBulk, writeSingles } from './writers.ts'

const LINES_PER_BODY = 5_000
/** Small workloads are cut into smaller bodies, so that there are some for every connection. */
const BODIES_MIN = 40

const database = databaseNamed(process.argv[2])
let bodies: readonly Body[] = []

process.on('disconnect', () => process.exit())
process.on('message', (task: LoadTask) => {
  void work(task)
    .then((result) => ({ result }))
    .catch((error: Error) => ({ failure: error instanceof LoadError ? error.message : String(error.stack) }))
    .then((reply: LoadReply) => process.send?.(reply))
})

async function work(task: LoadTask): Promise<LoadResults[LoadTask['kind']]> {
  switch (task.kind) {
    case 'prepare':
      return prepare(task)
    case 'bulk':
      return writeBulk({ database, ...task }, bodies)
    case 'singles':
      return writeSingles(
        { database, ...task },
        { ...task, isOver: (elapsedMs) => elapsedMs >= task.durationMs },
      )
    case 'beside': {
      let isOver = false
      const singles = writeSingles({ database, ...task, space: 'single' }, { ...task, isOver: () => isOver })
      const bulk = await writeBulk({ database, ...task, space: 'beside' }, bodies).finally(() => {
        isOver = true
      })
      return { bulk, singles: await singles }
    }
  }
}

function prepare({ workload, arrival }: LoadTask & { kind: 'prepare' }): LoadResults['prepare'] {
  const linesPerBody = Math.max(1, Math.min(LINES_PER_BODY, Math.floor(lineCount(workload) / BODIES_MIN)))
  bodies = makeBodies(makeIotData(workload), {
    format: database.bodyFormat,
    linesPerBody,
    ...(arrival === 'late' ? { order: lateOrder(workload, linesPerBody) } : {}),
  })
  return {
    valueCount: bodies.reduce((total, body) => total + body.valueCount, 0),
    byteCount: bodies.reduce((total, { bytes }) => total + bytes.length, 0),
  }
}
