/**
 * The server is killed again and again while clients write, delete and query; after every restart all that it
 * acknowledged has to be there, and nothing that nobody sent: `node tests/soak/kill.ts [rounds] [seed]`.
 *
 * The seed decides what is sent; the moment of a kill decides how far that goes. Some rounds kill the server
 * before it takes requests, so that the replay of the log is hit as well, and some wait for a head that is on
 * its way into chunks.
 */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Random, seededRandom } from '../seeded.ts'
import { type RunningServer, spawnServer, startServer, temporaryFolder } from '../server.fixture.ts'
import type { DeviceLedger } from './device-ledger.ts'
import { type LoadCounts, MixedWriter, PROJECT, queryDevice } from './mixed-writer.ts'

export interface KillOptions {
  readonly rounds: number
  readonly seed: number
  /** Load before a kill, at most. */
  readonly loadMsMax?: number
  /** Hears of every round. */
  readonly onRound?: (line: string) => void
}

export interface KillOutcome extends LoadCounts {
  readonly folder: string
  readonly rounds: number
  readonly killsAtStart: number
  /** Kills that met a head on its way into chunks. */
  readonly killsInFlush: number
  /** Sentences about points that are missing, wrong, or not from anybody; the run ends with the first. */
  readonly problems: readonly string[]
}

const WRITERS = 6
const CHECKED_AT_ONCE = 4
const LOAD_MS_MIN = 50
const START_MS_MAX = 1_500
/** One round in so many kills the server while it starts. */
const KILL_AT_START_EVERY = 6
/** Deletes settle the head each time; in between are rounds without them, so that heads run full too. */
const DELETES_EVERY = 12
const DELETE_ROUNDS = 4
/** One round in so many goes on until a head has run full. */
const FLUSH_EVERY = 6
const FLUSH_MS_MAX = 6_000
const FLUSH_POLL_MS = 5
const IN_FLUSH_MS_MAX = 300
/** One round in so many looks at every point, the others at the devices that were written to. */
const FULL_CHECK_EVERY = 50

/** The smallest heads that there are, and minutes that pass quickly. */
const ENVIRONMENT = {
  SONDE_MEMORY_MAX_MB: '128',
  NODE_OPTIONS: `--import ${join(import.meta.dirname, 'hasten.ts')}`,
}

export async function killAndCheck(options: KillOptions): Promise<KillOutcome> {
  const run = new KillRun(await temporaryFolder(), options)
  return run.all()
}

class KillRun {
  readonly #folder: string
  readonly #options: KillOptions
  readonly #random: Random
  readonly #counts = { code: 0, requests: 0, acknowledged: 0, unanswered: 0, deleted: 0, queries: 0 }
  readonly #problems: string[] = []
  readonly #writers: MixedWriter[]
  #killsAtStart = 0
  #killsInFlush = 0

  constructor(folder: string, options: KillOptions) {
    this.#folder = folder
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#writers = Array.from({ length: WRITERS }, (_, i) => {
      const context = { random: seededRandom(options.seed + i + 1), counts: this.#counts }
      return new MixedWriter(`writer${i}`, { ...context, problems: this.#problems })
    })
  }

  async all(): Promise<KillOutcome> {
    const { rounds, seed, onRound = () => {} } = this.#options
    let round = 0
    for (; round < rounds && this.#problems.length === 0; round++) {
      const line = await this.#round(round)
      onRound(`round ${round + 1}: ${line}`)
    }
    if (this.#problems.length === 0) await this.#lastCheck()
    if (this.#problems.length === 0) await rm(this.#folder, { recursive: true })
    return {
      folder: this.#folder,
      rounds: round,
      ...this.#counts,
      killsAtStart: this.#killsAtStart,
      killsInFlush: this.#killsInFlush,
      problems: this.#problems.map((problem) => `seed ${seed}: ${problem}`),
    }
  }

  async #round(round: number): Promise<string> {
    const { loadMsMax = 1_500 } = this.#options
    if (this.#random.below(KILL_AT_START_EVERY) === 0) await this.#killAtStart()
    const startedAt = performance.now()
    const server = await startServer(this.#folder, ENVIRONMENT)
    const startMs = performance.now() - startedAt
    await this.#check(server, round % FULL_CHECK_EVERY === FULL_CHECK_EVERY - 1)
    const checkMs = performance.now() - startedAt - startMs
    if (this.#problems.length > 0) return this.#giveUp(server)
    const { acknowledged } = this.#counts
    const loadMs = LOAD_MS_MIN + this.#random.below(loadMsMax - LOAD_MS_MIN)
    const mayDelete = round % DELETES_EVERY < DELETE_ROUNDS
    const writing = Promise.all(this.#writers.map((writer) => writer.run(server, { mayDelete })))
    await Promise.race([delay(loadMs), writing])
    if (round % FLUSH_EVERY === FLUSH_EVERY - 1) await this.#flushUnderWay()
    await server.end('SIGKILL')
    await writing
    const generations = await this.#generations()
    if (generations > 1) this.#killsInFlush++
    const took = `start ${startMs.toFixed()} ms, check ${checkMs.toFixed()} ms, load ${loadMs} ms`
    const state = generations > 1 ? ', killed in a flush' : ''
    return `${this.#counts.acknowledged - acknowledged} acknowledged; ${took}${state}`
  }

  /** Resolves somewhere within a flush, when there is one soon. */
  async #flushUnderWay(): Promise<void> {
    const endMs = performance.now() + FLUSH_MS_MAX
    while (performance.now() < endMs) {
      if ((await this.#generations()) > 1) return delay(this.#random.below(IN_FLUSH_MS_MAX))
      await delay(FLUSH_POLL_MS)
    }
  }

  /** The folder stays for whoever looks into it. */
  async #giveUp(server: RunningServer): Promise<string> {
    await server.end('SIGKILL')
    return `not as it should be; the data are in ${this.#folder}`
  }

  async #lastCheck(): Promise<void> {
    const server = await startServer(this.#folder, ENVIRONMENT)
    await this.#check(server, true)
    const exitCode = await server.end()
    if (exitCode !== 0) this.#problems.push(`the server stopped with ${exitCode}: ${server.printed()}`)
  }

  async #killAtStart(): Promise<void> {
    const child = spawnServer(this.#folder, ENVIRONMENT)
    const ended = new Promise((resolve) => child.once('exit', resolve))
    await delay(this.#random.below(START_MS_MAX))
    child.kill('SIGKILL')
    await ended
    this.#killsAtStart++
  }

  /** Every point of the devices that were written to, and the totals of all. */
  async #check(server: RunningServer, isFull: boolean): Promise<void> {
    const touched = this.#writers.flatMap((writer) => writer.takeTouched())
    const all = this.#writers.flatMap((writer) => writer.devices)
    const left = isFull ? [...all] : [...touched]
    const checkNext = async () => {
      for (let device = left.pop(); device; device = left.pop()) {
        this.#problems.push(...device.check(await queryDevice(server, device)))
      }
    }
    await Promise.all(Array.from({ length: CHECKED_AT_ONCE }, checkNext))
    if (all.length > 0) await this.#checkTotals(server, all)
  }

  async #checkTotals(server: RunningServer, devices: readonly DeviceLedger[]): Promise<void> {
    const reply = await server.request(`query/?project=${PROJECT}&by=device&agg=count,sum`)
    const { results } = (await reply.json()) as {
      results: { device: string; values: { count: number[]; sum: (number | null)[] } }[]
    }
    const found = new Map(results.map(({ device, values }) => [device, values]))
    for (const device of devices) {
      const { count, sum } = device.totals()
      const values = found.get(device.name)
      found.delete(device.name)
      const [foundCount, foundSum] = [values?.count[0] ?? 0, values?.sum[0] ?? 0]
      if (foundCount === count && foundSum === sum) continue
      const expected = `${count} points with the sum ${sum} are expected`
      this.#problems.push(
        `${device.name} has ${foundCount} points with the sum ${foundSum} where ${expected}`,
      )
    }
    for (const name of found.keys()) this.#problems.push(`There is a device ${name} that nobody made`)
  }

  /** Generations of the log: more than one while a head is on its way into chunks. */
  async #generations(): Promise<number> {
    const names = await readdir(join(this.#folder, 'points/log'))
    return new Set(names.map((name) => name.split('-')[0])).size
  }
}

if (import.meta.main) {
  const [rounds = '100', seed = String(Date.now() % 2 ** 32)] = process.argv.slice(2)
  console.log(`seed ${seed}`)
  const outcome = await killAndCheck({ rounds: Number(rounds), seed: Number(seed), onRound: console.log })
  console.log(outcome)
  process.exitCode = outcome.problems.length === 0 ? 0 : 1
}
