/** Takes processes and folders away again however a benchmark ends, also when someone presses Ctrl-C. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopAll } from './run-process.ts'

/** What is there to be taken away, each with the way to do it once and to wait for it twice. */
const open = new Map<AsyncDisposableStack, () => Promise<void>>()
let isLeaving = false

/** Runs work with a stack for its belongings; what was put there last goes first. */
export async function withCleanup<T>(work: (belongings: AsyncDisposableStack) => Promise<T>): Promise<T> {
  const belongings = new AsyncDisposableStack()
  let disposed: Promise<void> | undefined
  const dispose = () => {
    disposed ??= belongings.disposeAsync()
    return disposed
  }
  open.set(belongings, dispose)
  try {
    return await work(belongings)
  } finally {
    await dispose()
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
  isLeaving = true
  await stopAll()
  for (const dispose of [...open.values()].reverse()) await dispose()
  process.exit(130)
}

/** True once a signal came; whoever fails now fails because of it. */
export function isInterrupted(): boolean {
  return isLeaving
}
