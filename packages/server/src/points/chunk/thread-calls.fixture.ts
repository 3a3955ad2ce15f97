/** What `thread-calls.test.ts` runs in a thread. */
import { workerData } from 'node:worker_threads'
import { UnavailableError } from '../../errors.ts'
import { answerCalls } from './thread-calls.ts'

export const calls = {
  echo: (argument: { readonly columns: Float64Array }) => argument,
  greet: (name: string) => `${workerData.greeting}, ${name}`,
  fail: (reason: string): never => {
    throw new UnavailableError(reason)
  },
  die: (_: null): void => {
    queueMicrotask(() => {
      throw new UnavailableError('out of memory, say')
    })
  },
  close: (_: null): void => {},
}

if (workerData?.greeting !== undefined) answerCalls(calls)
