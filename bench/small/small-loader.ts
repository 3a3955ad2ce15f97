/** The process that sends small requests, seen from the one that measures. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { LoadError } from '../load/load-error.ts'

export interface SmallTask {
  readonly port: number
  readonly doorName: string
  /** Whatever `prepare` of the door gave, one for each connection. */
  readonly ids: readonly number[]
  /** A server that stores nothing: its answers only have to be good ones. */
  readonly isBare: boolean
  /** Each connection sends one request at least. */
  readonly durationMs: number
}

export interface SmallRun {
  /** In no order. */
  readonly latenciesMs: readonly number[]
  readonly elapsedMs: number
  /** Requests of each connection since the first run with this port and door. */
  readonly counts: readonly number[]
}

export type SmallReply = SmallRun | { readonly failure: string }

export class SmallLoader {
  readonly #child: ChildProcess

  constructor(belongings: AsyncDisposableStack) {
    this.#child = fork(join(import.meta.dirname, 'small-loader-process.ts'), { execArgv: [] })
    belongings.defer(() => {
      this.#child.kill('SIGKILL')
    })
  }

  /** @throws {LoadError} an answer was wrong, or the process ended. */
  run(task: SmallTask): Promise<SmallRun> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new LoadError('The process that loads has ended'))
      this.#child.once('exit', ended)
      this.#child.once('message', (reply: SmallReply) => {
        this.#child.off('exit', ended)
        if ('failure' in reply) reject(new LoadError(reply.failure))
        else resolve(reply)
      })
      this.#child.send(task)
    })
  }
}
