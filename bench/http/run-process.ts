/** Server processes: started on free ports, waited for, stopped by their id. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { LoadError } from '../load/load-error.ts'

export interface RunningProcess {
  readonly pid: number
  /** The last of what it printed. */
  readonly printed: () => string
  readonly hasEnded: () => boolean
  /** Resolves to its exit code, or null after a signal, once it is gone and all that it printed is here. */
  readonly ended: Promise<number | null>
  /** Asks it to end, and ends it by force when it takes too long. Harmless when it has ended. */
  stop(): Promise<void>
  /** Ends it as a crash would. */
  kill(): Promise<void>
}

export interface ProcessOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly folder?: string
  /** User and group to run as, where that is another one. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** What makes it end in good order without waiting for its clients. */
  readonly stopSignal?: NodeJS.Signals
}

const live = new Set<RunningProcess>()
let isStopping = false

const PRINTED_CHARS_MAX = 8_000
const STOP_MS_MAX = 30_000
const READY_MS_MAX = 60_000
const READY_EVERY_MS = 5

export function runProcess(
  command: string,
  given: readonly string[],
  { environment = {}, folder, user, stopSignal = 'SIGTERM' }: ProcessOptions = {},
): RunningProcess {
  if (isStopping) throw new LoadError('The benchmark is being stopped')
  const child = spawn(command, given, {
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', TZ: 'UTC', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(folder === undefined ? {} : { cwd: folder }),
    ...user,
  })
  if (child.pid === undefined) {
    // The reason comes as an event, to nobody's use.
    child.on('error', () => {})
    throw new LoadError(`${command} could not be started`)
  }
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      live.delete(running)
      resolve(code)
    })
  })
  const end = async (signal: NodeJS.Signals) => {
    if (!hasEnded()) child.kill(signal)
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
    await ended
    clearTimeout(force)
  }
  const running: RunningProcess = {
    pid: child.pid,
    printed: collect(child),
    hasEnded,
    ended,
    stop: () => end(stopSignal),
    kill: () => end('SIGKILL'),
  }
  live.add(running)
  return running
}

/** Stops every process, and lets no other one start. */
export async function stopAll(): Promise<void> {
  isStopping = true
  await Promise.all([...live].map((each) => each.stop()))
}

/**
 * Waits until a check holds, and stops the process when it never does.
 * @throws {LoadError} the process ended, or the check did not hold within a minute.
 */
export async function untilReady(
  name: string,
  running: RunningProcess,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const giveUpAt = performance.now() + READY_MS_MAX
  while (!(await isReady().catch(() => false))) {
    const isLate = performance.now() > giveUpAt
    if (running.hasEnded() || isLate) {
      await running.stop()
      const what = isLate ? `was not ready within ${READY_MS_MAX / 1_000} s` : 'ended at its start'
      throw new LoadError(`${name} ${what}. It printed: ${running.printed()}`)
    }
    await sleep(READY_EVERY_MS)
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new LoadError('No free port was found')
  return address.port
}

/** True once an address answers with success. */
export async function answers(url: string): Promise<boolean> {
  const reply = await fetch(url)
  await reply.arrayBuffer()
  return reply.ok
}

function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (more: string) => {
      text = (text + more).slice(-PRINTED_CHARS_MAX)
    })
  }
  return () => text
}
