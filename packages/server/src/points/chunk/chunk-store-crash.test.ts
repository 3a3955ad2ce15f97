/** Processes that write are killed at random moments; what they reported as acknowledged must be there. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { ALL_TIME } from '../point-store.ts'
import { ChunkStore } from './chunk-store.ts'
import { crashValue, WRITER_COUNT } from './crash-writer.ts'

const ROUNDS = 20

describe('chunk store', () => {
  it(`loses nothing acknowledged over ${ROUNDS} kills, and reads nothing torn`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sonde-crash-'))
    const acknowledged = new Array<number>(WRITER_COUNT).fill(-1)
    for (let round = 0; round < ROUNDS; round++) {
      await writeUntilKilled(folder, acknowledged, 20 + Math.random() * 150)
      const store = await ChunkStore.open({ folder })
      for (let writer = 0; writer < WRITER_COUNT; writer++) {
        const { timesUs, values } = await store.readRange(writer + 1, ALL_TIME)
        expect(timesUs.length).toBeGreaterThan(acknowledged[writer])
        // Each writer counts on from what it finds, so a hole or a torn point breaks the row.
        expect(timesUs.every((timeUs, i) => timeUs === i)).toBe(true)
        expect(values.every((value, i) => value === crashValue(writer, i))).toBe(true)
        acknowledged[writer] = timesUs.length - 1
      }
      await store.close()
    }
    expect(Math.min(...acknowledged)).toBeGreaterThan(100)
    await rm(folder, { recursive: true })
  }, 120_000)
})

/** Starts the writing process, notes what it acknowledges, and kills it a while after its first word. */
async function writeUntilKilled(folder: string, acknowledged: number[], delayMs: number): Promise<void> {
  const script = join(import.meta.dirname, 'crash-writer.ts')
  const writer = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    writer.once('exit', (_, signal) => resolve(signal)),
  )
  let isCounting = false
  for await (const line of createInterface({ input: writer.stdout })) {
    const [number, time] = line.split(' ').map(Number)
    if (time > acknowledged[number]) acknowledged[number] = time
    if (!isCounting) setTimeout(() => writer.kill('SIGKILL'), delayMs)
    isCounting = true
  }
  expect(await ended).toBe('SIGKILL')
}
