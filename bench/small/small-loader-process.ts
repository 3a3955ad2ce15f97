/** The process that loads: as many connections as it is told, each with one small request at a time. */
import { Connection } from '../load/connection.ts'
import { HttpAnswerReader } from '../load/http-answers.ts'
import { LoadError } from '../load/load-error.ts'
import { type Door, doorNamed, type SmallRequest } from './doors.ts'
import type { SmallReply, SmallTask } from './small-loader.ts'

/** Requests sent so far, by port, door and writer: every value is another one than that before. */
const sentCounts = new Map<string, number>()

process.on('disconnect', () => process.exit())
process.on('message', (task: SmallTask) => {
  void run(task)
    .catch((error: Error) => ({ failure: error instanceof LoadError ? error.message : String(error.stack) }))
    .then((reply: SmallReply) => process.send?.(reply))
})

async function run({ port, doorName, ids, isBare, durationMs }: SmallTask): Promise<SmallReply> {
  const door = doorNamed(doorName)
  const connections = await Promise.all(ids.map(() => Connection.open(port, new HttpAnswerReader())))
  const latenciesMs: number[] = []
  const counts = ids.map((_, writer) => sentCounts.get(keyOf(writer)) ?? 0)
  const start = performance.now()
  try {
    await Promise.all(
      connections.map(async (connection, writer) => {
        const request = door.request(writer, ids[writer])
        const parts = [request.bytes]
        do {
          count(request, counts[writer]++)
          const sentMs = performance.now()
          const { isOk, body } = await connection.exchange(parts)
          latenciesMs.push(performance.now() - sentMs)
          if (!isOk || (!isBare && !body.includes(door.answer))) throw wrongAnswer(door, body)
        } while (performance.now() - start < durationMs)
      }),
    )
  } finally {
    for (const connection of connections) connection.close()
  }
  const elapsedMs = performance.now() - start
  counts.forEach((sent, writer) => {
    sentCounts.set(keyOf(writer), sent)
  })
  return { latenciesMs, elapsedMs, counts }

  function keyOf(writer: number): string {
    return `${port} ${doorName} ${writer}`
  }
}

/** Writes the digits where they stand, so that making a request costs next to nothing. */
function count({ bytes, digits }: SmallRequest, sent: number): void {
  if (digits === undefined) return
  const values = 10 ** digits.count - digits.first
  bytes.write(String(digits.first + (sent % values)), digits.at, 'latin1')
}

function wrongAnswer({ name }: Door, body: Buffer): LoadError {
  return new LoadError(`A request to ${name} was answered wrongly: ${body.toString().slice(0, 500)}`)
}
