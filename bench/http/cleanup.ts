/** Takes processes and folders away again however a benchmark ends, also when someone presses Ctrl-C. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopAll } from './run-process.ts'

const open = new Set<AsyncDisposableStack>()

/** Runs work with a stack for its belongings; what was put there last goes first. */
export async function withCleanup<T>(work: (belongings: AsyncDisposableStack) => Promise<T>): Promise<T> {
  const belongings = new AsyncDisposableStack()
  open.add(belongings)
  try {
    return await work(belongings)
  } finally {
    await belongings.disposeAsync()
    open.delete(belongings)
  }
}

export async function temporaryFolder(belongings: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-bench-'))
  belongings.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** From now on an interrupted run cleans up and exits with 130. */
export function cleanUpOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void leave())
  }
}

async function leave(): Promise<void> {
  console.error('Stopping, and taking everything away')
  // Failures that follow from the end of the processes are not worth a word.
  process.on('unhandledRejection', () => {})
  isLeaving = true
  await stopAll()
  for (const belongings of [...open].reverse()) await belongings.disposeAsync()
  process.exit(130)
}

let isLeaving = false

/** True once a signal came; whoever fails now fails because of it. */
export function isInterrupted(): boolean {
  return isLeaving
}
