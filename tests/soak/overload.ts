/**
 * More than the server can take, for a while: `node tests/soak/overload.ts [minutes] [factor]`. First the rate
 * is measured that it takes; then `factor` times as many requests are sent by the clock, whether the ones
 * before are answered or not. Afterwards what was acknowledged has to be there.
 *
 * The client's own memory is bounded by the number of its connections: when all of them wait for an answer, a
 * request that is due is not sent, and counted.
 */
import { readFile, rm } from 'node:fs/promises'
import { Agent, request as httpRequest } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { seededRandom } from '../seeded.ts'
import { ADMIN, operatorFile, type RunningServer, startServer, temporaryFolder } from '../server.fixture.ts'
import {
  kindOf,
  type LoadSize,
  type NumberedLoad,
  type NumberedRequest,
  openNumberedLoad,
  type RequestKind,
} from './numbered-load.ts'

export interface OverloadOptions extends LoadSize {
  /** How long the overload lasts. */
  readonly seconds: number
  /** Offered rate in terms of the rate that the server takes. */
  readonly factor: number
  readonly measureSeconds: number
  readonly connections: number
  /** Hears how it goes, every ten seconds. */
  readonly onProgress?: (line: string) => void
}

export interface OverloadOutcome {
  readonly sustainedPerSecond: number
  readonly sustainedPointsPerSecond: number
  readonly offeredPerSecond: number
  /** Requests by the status of their answers; 0 is no answer. */
  readonly answers: Readonly<Record<number, number>>
  /** Due while all connections waited for answers. */
  readonly notSent: number
  /** Answers of 429 and 503 without `Retry-After`. */
  readonly refusedWithoutRetryAfter: number
  readonly acknowledgedPoints: number
  readonly slowestMs: Readonly<Record<number, number>>
  readonly rssMb: Course
  /** Of that, what is the process's own: without mapped files, which the system takes back when it likes. */
  readonly ownMb: Course
  /** Whether the own memory of the second half is that of the first. */
  readonly isFlat: boolean
  /** Sentences about what is missing, and about a server that does not answer as usual afterwards. */
  readonly problems: readonly string[]
}

/** How a figure went over the time of the overload. */
export interface Course {
  readonly start: number
  readonly quarter: number
  readonly half: number
  readonly end: number
  readonly most: number
}

const MEASURING_CONNECTIONS = 8
const TICK_MS = 5
const SAMPLED_MAX = 300
const PROGRESS_SECONDS = 10
const REFUSALS = [429, 503]
/** More than that is no noise. */
const FLAT_GROWTH_MAX = 1.15
const BYTES_PER_MB = 2 ** 20
const KB_PER_MB = 1_024

export async function overload(options: OverloadOptions): Promise<OverloadOutcome> {
  const server = await startServer(await temporaryFolder())
  try {
    return await new OverloadRun(server, options).all()
  } finally {
    await server.end()
    await rm(server.folder, { recursive: true })
  }
}

interface Answer {
  /** 0 when there is none. */
  readonly status: number
  readonly retryAfter?: string | undefined
}

class OverloadRun {
  readonly #server: RunningServer
  readonly #options: OverloadOptions
  readonly #agent: Agent
  #load!: NumberedLoad
  #nextNumber = 0
  #inFlight = 0
  #notSent = 0
  readonly #answers: Record<number, number> = {}
  readonly #slowestMs: Record<number, number> = {}
  #withoutRetryAfter = 0
  readonly #acknowledged: Record<RequestKind, number> = { bulk: 0, list: 0, single: 0 }
  /** Not acknowledged; they may be stored in part or whole. */
  readonly #open: Record<RequestKind, number> = { bulk: 0, list: 0, single: 0 }
  /** Some of the acknowledged numbers, each as likely as any other. */
  readonly #sample: number[] = []
  readonly #random = seededRandom(1)
  /** Every second. */
  readonly #rssMb: number[] = []
  readonly #ownMb: number[] = []

  constructor(server: RunningServer, options: OverloadOptions) {
    this.#server = server
    this.#options = options
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.connections })
  }

  async all(): Promise<OverloadOutcome> {
    const { seconds, factor } = this.#options
    this.#load = await openNumberedLoad(this.#server, this.#options)
    const sustained = await this.#measure()
    const offeredPerSecond = sustained.perSecond * factor
    const watching = this.#watchMemory(seconds)
    await this.#offer(offeredPerSecond)
    while (this.#inFlight > 0) await delay(TICK_MS)
    await watching
    const problems = await this.#check()
    this.#agent.destroy()
    return {
      sustainedPerSecond: Math.round(sustained.perSecond),
      sustainedPointsPerSecond: Math.round(sustained.pointsPerSecond),
      offeredPerSecond: Math.round(offeredPerSecond),
      answers: this.#answers,
      notSent: this.#notSent,
      refusedWithoutRetryAfter: this.#withoutRetryAfter,
      acknowledgedPoints: this.#acknowledgedPoints(),
      slowestMs: this.#slowestMs,
      rssMb: courseOf(this.#rssMb),
      ownMb: courseOf(this.#ownMb),
      isFlat: isFlat(this.#ownMb),
      problems,
    }
  }

  /** What some connections get through when each waits for its answers. */
  async #measure(): Promise<{ perSecond: number; pointsPerSecond: number }> {
    const { measureSeconds } = this.#options
    const startMs = performance.now()
    const endMs = startMs + measureSeconds * 1_000
    const sendInTurn = async () => {
      while (performance.now() < endMs) await this.#send(this.#nextNumber++)
    }
    await Promise.all(Array.from({ length: MEASURING_CONNECTIONS }, sendInTurn))
    const seconds = (performance.now() - startMs) / 1_000
    const { bulk, list, single } = this.#acknowledged
    const pointsPerSecond = this.#acknowledgedPoints() / seconds
    return { perSecond: (bulk + list + single) / seconds, pointsPerSecond }
  }

  async #offer(perSecond: number): Promise<void> {
    const { seconds, connections, onProgress = () => {} } = this.#options
    const startMs = performance.now()
    let dueCount = 0
    let reported = 0
    for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - startMs) / 1_000) {
      for (; dueCount < elapsed * perSecond; dueCount++) {
        if (this.#inFlight >= connections) this.#notSent++
        else void this.#send(this.#nextNumber++)
      }
      if (elapsed >= reported + PROGRESS_SECONDS) {
        reported += PROGRESS_SECONDS
        const own = Math.round(process.memoryUsage.rss() / BYTES_PER_MB)
        const state = `${this.#rssMb.at(-1)} MB, client ${own} MB, ${this.#inFlight} in flight`
        onProgress(`${reported} s: ${JSON.stringify(this.#answers)}, ${this.#notSent} not sent; ${state}`)
      }
      await delay(TICK_MS)
    }
  }

  /** Resolves when the answer is there, or none will come. */
  async #send(number: number): Promise<void> {
    this.#inFlight++
    const numbered = this.#load.take(number)
    const startMs = performance.now()
    const answer = await this.#post(numbered)
    const { status } = answer
    this.#inFlight--
    this.#load.give(numbered)
    this.#answers[status] = (this.#answers[status] ?? 0) + 1
    this.#slowestMs[status] = Math.max(this.#slowestMs[status] ?? 0, Math.round(performance.now() - startMs))
    if (REFUSALS.includes(status) && answer.retryAfter === undefined) this.#withoutRetryAfter++
    if (status === 204 || status === 201) this.#acknowledge(number)
    else this.#open[numbered.kind]++
  }

  #post({ path, body, isPacked }: NumberedRequest): Promise<Answer> {
    return new Promise((resolve) => {
      const headers = {
        authorization: `Token ${ADMIN.token}`,
        'content-type': 'application/json',
        'content-length': body.length,
        ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
      }
      const options = { method: 'POST', agent: this.#agent, headers }
      const sent = httpRequest(`${this.#server.url}${path}`, options, (reply) => {
        reply.resume()
        const { statusCode = 0, headers } = reply
        reply.once('close', () => resolve({ status: statusCode, retryAfter: headers['retry-after'] }))
      })
      sent.once('error', () => resolve({ status: 0 }))
      sent.end(body)
    })
  }

  #acknowledge(number: number): void {
    this.#acknowledged[kindOf(number)]++
    const { bulk, list, single } = this.#acknowledged
    const place = this.#random.below(bulk + list + single)
    if (this.#sample.length < SAMPLED_MAX) this.#sample.push(number)
    else if (place < SAMPLED_MAX) this.#sample[place] = number
  }

  #acknowledgedPoints(): number {
    const kinds = Object.keys(this.#acknowledged) as RequestKind[]
    return kinds.reduce((sum, kind) => sum + this.#acknowledged[kind] * this.#load.pointsOf(kind), 0)
  }

  async #watchMemory(seconds: number): Promise<void> {
    const { pid } = await operatorFile(this.#server.folder)
    for (let second = 0; second <= seconds; second++) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8')
      this.#rssMb.push(megabytes(status, /VmRSS:\s*(\d+)/))
      this.#ownMb.push(megabytes(status, /RssAnon:\s*(\d+)/) + megabytes(status, /RssShmem:\s*(\d+)/))
      await delay(1_000)
    }
  }

  async #check(): Promise<string[]> {
    const problems: string[] = []
    for (const number of this.#sample) problems.push(...(await this.#load.findWrong(this.#server, number)))
    const least = this.#load.countsOf(this.#acknowledged)
    const more = this.#load.countsOf(this.#open)
    const counts = await this.#load.counts(this.#server)
    for (const [device, count] of Object.entries(least)) {
      const found = counts[device] ?? 0
      if (found >= count && found <= count + more[device]) continue
      problems.push(`${device} has ${found} points; ${count} were acknowledged, ${more[device]} were not`)
    }
    await this.#send(this.#nextNumber++)
    const ready = await fetch(`${this.#server.url}/readyz`)
    if (ready.status !== 200) problems.push(`/readyz answers ${ready.status}: ${await ready.text()}`)
    if (this.#inFlight > 0) problems.push(`${this.#inFlight} requests have no answer`)
    return problems
  }
}

function megabytes(status: string, pattern: RegExp): number {
  return Math.round(Number(pattern.exec(status)?.[1]) / KB_PER_MB)
}

function courseOf(values: readonly number[]): Course {
  const at = (share: number) => values[Math.round((values.length - 1) * share)]
  return { start: at(0), quarter: at(0.25), half: at(0.5), end: at(1), most: Math.max(...values) }
}

function isFlat(values: readonly number[]): boolean {
  const half = Math.ceil(values.length / 2)
  return Math.max(...values.slice(half)) <= FLAT_GROWTH_MAX * Math.max(...values.slice(0, half))
}

if (import.meta.main) {
  const [minutes = '10', factor = '3'] = process.argv.slice(2)
  const outcome = await overload({
    seconds: Number(minutes) * 60,
    factor: Number(factor),
    measureSeconds: 5,
    seriesCount: 200,
    paddingBytes: 0,
    connections: 500,
    onProgress: console.log,
  })
  console.log(outcome)
  process.exitCode = outcome.problems.length === 0 ? 0 : 1
}
