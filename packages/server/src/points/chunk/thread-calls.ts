/**
 * Calls to a worker thread, answered in their order. The thread starts with the first call, and ends when
 * nobody has called for a while, so that a server that rests does not pay for it.
 */
import { parentPort, Worker } from 'node:worker_threads'
import { UnavailableError } from '../../errors.ts'

/** Functions with one argument each; `close` ends what the others need. */
export interface Calls {
  // biome-ignore lint/suspicious/noExplicitAny: the argument of each call is its own
  readonly [name: string]: (argument: any) => unknown
}

export type Argument<C extends Calls, Name extends keyof C> = Parameters<C[Name]>[0]
export type Answer<C extends Calls, Name extends keyof C> = Awaited<ReturnType<C[Name]>>

/** Who answers calls: a thread, or the caller's own. */
export interface Callee<C extends Calls> {
  call<Name extends keyof C & string>(name: Name, argument: Argument<C, Name>): Promise<Answer<C, Name>>
  /** Resolves when everything called before is answered and the thread has ended. */
  close(): Promise<void>
}

interface Question {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

interface Reply {
  readonly id: number
  readonly answer?: unknown
  readonly error?: { readonly message: string; readonly stack: string | undefined }
}

interface Waiting {
  readonly worker: Worker
  resolve(answer: unknown): void
  reject(reason: unknown): void
}

const IDLE_MS_MAX = 30_000
/** New objects of a thread; its columns are not among them. */
const YOUNG_GENERATION_MB = 8

export class CallThread<C extends Calls> implements Callee<C> {
  #url: URL
  #workerData: unknown
  #worker: Worker | undefined
  #waiting = new Map<number, Waiting>()
  #nextId = 1
  #idleTimer: NodeJS.Timeout | undefined

  /** `url` is of a module that calls `answerCalls`; `workerData` is for it. */
  constructor(url: URL, workerData: unknown) {
    this.#url = url
    this.#workerData = workerData
  }

  /** Calls that are not answered yet. */
  get waitingCount(): number {
    return this.#waiting.size
  }

  /** @throws {UnavailableError} the call failed in the thread, or the thread died of something else. */
  call<Name extends keyof C & string>(name: Name, argument: Argument<C, Name>): Promise<Answer<C, Name>> {
    this.#worker ??= this.#start()
    return this.#ask(this.#worker, name, argument) as Promise<Answer<C, Name>>
  }

  async close(): Promise<void> {
    clearTimeout(this.#idleTimer)
    const worker = this.#worker
    if (!worker) return
    // Whoever calls from now on gets a new thread.
    this.#worker = undefined
    await this.#ask(worker, 'close', null)
    await worker.terminate()
  }

  #start(): Worker {
    const worker = new Worker(this.#url, {
      workerData: this.#workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    })
    worker.on('message', (reply: Reply) => this.#take(reply))
    worker.on('error', (error) => this.#fail(worker, error))
    return worker
  }

  #ask(worker: Worker, name: string, argument: unknown): Promise<unknown> {
    clearTimeout(this.#idleTimer)
    const question: Question = { id: this.#nextId++, name, argument }
    return new Promise((resolve, reject) => {
      this.#waiting.set(question.id, { worker, resolve, reject })
      // The process goes on as long as somebody waits for an answer, and no longer.
      worker.ref()
      worker.postMessage(question)
    })
  }

  #take({ id, answer, error }: Reply): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) this.#rest(waiting?.worker)
    if (error === undefined) waiting?.resolve(answer)
    else waiting?.reject(new UnavailableError(error.message, { cause: error }))
  }

  #rest(worker: Worker | undefined): void {
    worker?.unref()
    // A thread that dies of it has ended as well.
    this.#idleTimer = setTimeout(() => void this.close().catch(() => {}), IDLE_MS_MAX).unref()
  }

  #fail(worker: Worker, cause: Error): void {
    if (this.#worker === worker) this.#worker = undefined
    const failure = new UnavailableError(`A thread of the points store ended: ${cause.message}`, { cause })
    for (const [id, waiting] of this.#waiting) {
      if (waiting.worker !== worker) continue
      this.#waiting.delete(id)
      waiting.reject(failure)
    }
  }
}

/** Answers calls in the caller's own thread. */
export class CallsHere<C extends Calls> implements Callee<C> {
  #open: () => C
  #calls: C | undefined

  constructor(open: () => C) {
    this.#open = open
  }

  async call<Name extends keyof C & string>(
    name: Name,
    argument: Argument<C, Name>,
  ): Promise<Answer<C, Name>> {
    this.#calls ??= this.#open()
    return (await this.#calls[name](argument)) as Answer<C, Name>
  }

  async close(): Promise<void> {
    this.#calls?.close(null)
    this.#calls = undefined
  }
}

/** For the module that a thread runs: answers what comes; only calls that wait let the next ones begin. */
export function answerCalls(calls: Calls): void {
  const port = parentPort!
  port.on('message', async ({ id, name, argument }: Question) => {
    let reply: Reply
    try {
      reply = { id, answer: await calls[name](argument) }
    } catch (error) {
      const { message, stack } = error as Error
      reply = { id, error: { message, stack } }
    }
    port.postMessage(reply, columnsOf(reply.answer))
  })
}

/**
 * Buffers that are handed over and not copied: those that a column of the answer has to itself. What answers
 * is its caller's from then on; only empty columns may be something that the thread still uses.
 */
function columnsOf(answer: unknown): ArrayBuffer[] {
  const columns = Object.values(answer ?? {}).filter((value) => ArrayBuffer.isView(value))
  const whole = columns.filter(({ buffer, byteLength }) => byteLength > 0 && byteLength === buffer.byteLength)
  return [...new Set(whole.map(({ buffer }) => buffer))].filter((buffer) => buffer instanceof ArrayBuffer)
}
