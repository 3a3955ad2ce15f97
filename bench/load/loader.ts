/**
 * The process that loads, seen from the one that measures. It is apart, so that making requests does not delay
 * the queries of the measuring process, and so that its memory is its own.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Space } from '../peers/database.ts'
import type { Workload } from '../workload.ts'
import { LoadError } from './load-error.ts'
import type { SingleRate, WriteRate } from './writers.ts'

/** Which of the bodies of a workload are made; `late` is told in `late-order.ts`. */
export type Arrival = 'in-order' | 'late'

export type LoadTask =
  | { readonly kind: 'prepare'; readonly workload: Workload; readonly arrival: Arrival }
  | { readonly kind: 'bulk'; readonly port: number; readonly space: Space }
  | {
      readonly kind: 'singles'
      readonly port: number
      readonly space: Space
      readonly writerCount: number
      readonly fromS: number
      readonly durationMs: number
    }
  | {
      readonly kind: 'beside'
      readonly port: number
      readonly writerCount: number
      readonly fromS: number
    }

export interface LoadResults {
  /** Values that will be sent, and the bytes of all bodies. */
  prepare: { readonly valueCount: number; readonly byteCount: number }
  bulk: WriteRate
  singles: SingleRate
  beside: { readonly bulk: WriteRate; readonly singles: SingleRate }
}

export type LoadReply = { readonly result: LoadResults[LoadTask['kind']] } | { readonly failure: string }

export class Loader {
  #child: ChildProcess

  /** The database is told by its name, because functions do not travel between processes. */
  constructor(databaseName: string, belongings: AsyncDisposableStack) {
    this.#child = fork(join(import.meta.dirname, 'loader-process.ts'), [databaseName], { execArgv: [] })
    belongings.defer(() => {
      this.#child.kill('SIGKILL')
    })
  }

  /** @throws {LoadError} a write was refused, or the process ended. */
  run<Kind extends LoadTask['kind']>(task: LoadTask & { readonly kind: Kind }): Promise<LoadResults[Kind]> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new LoadError('The process that loads has ended'))
      this.#child.once('exit', ended)
      this.#child.once('message', (reply: LoadReply) => {
        this.#child.off('exit', ended)
        if ('failure' in reply) reject(new LoadError(reply.failure))
        else resolve(reply.result as LoadResults[Kind])
      })
      this.#child.send(task)
    })
  }
}
