/** Small requests beside what `node:http` takes for them alone, and files that go up and down. */
import { join } from 'node:path'
import { temporaryFolder, withCleanup } from '../http/cleanup.ts'
import type { Measured } from '../http/measure.ts'
import { usageOf } from '../http/process-tree.ts'
import { answers, runProcess, untilReady } from '../http/run-process.ts'
import { percentile } from '../load/percentile.ts'
import { startSonde } from '../peers/sonde.ts'
import type { Finding } from '../report.ts'
import { DOORS, type Door } from './doors.ts'
import { benchFiles } from './files.ts'
import type { SmallPlan } from './plan.ts'
import { SmallLoader } from './small-loader.ts'

/** What the requests of one door have cost one server, over all rounds. */
interface Tally {
  readonly latenciesMs: number[]
  elapsedMs: number
  cpuS: number
}

interface Target {
  readonly port: number
  readonly pid: number
  readonly isBare: boolean
}

/** @throws {LoadError} an answer is wrong, or what was acknowledged is not there. */
export async function benchSmall(plan: SmallPlan): Promise<Measured[]> {
  return [
    { name: `requests, ${plan.connectionCount} connections`, findings: await benchRequests(plan) },
    { name: 'files', findings: await benchFiles(plan) },
  ]
}

function benchRequests(plan: SmallPlan): Promise<Finding[]> {
  return withCleanup(async (belongings) => {
    plan.tell('starting')
    const loader = new SmallLoader(belongings)
    const [own, bare] = await Promise.all([startOwn(belongings), startBare(belongings)])
    const targets = [
      { ...own, isBare: false },
      { ...bare, isBare: true },
    ]
    const findings: Finding[] = []
    for (const door of DOORS) findings.push(...(await benchDoor(door, { plan, targets, loader })))
    return findings
  })
}

async function benchDoor(
  door: Door,
  { plan, targets, loader }: { plan: SmallPlan; targets: readonly Target[]; loader: SmallLoader },
): Promise<Finding[]> {
  const { connectionCount, warmUpCount, roundCount, roundMs, tell } = plan
  tell(door.name)
  const { port } = targets[0]
  const ids: number[] = []
  for (let writer = 0; writer < connectionCount; writer++) ids.push(await door.prepare(port, writer))
  const tallies = targets.map((): Tally => ({ latenciesMs: [], elapsedMs: 0, cpuS: 0 }))
  let counts: readonly number[] = []
  for (let round = 0; round < warmUpCount + roundCount; round++) {
    for (const [i, { port, pid, isBare }] of targets.entries()) {
      const before = usageOf(pid)
      const run = await loader.run({ port, doorName: door.name, ids, isBare, durationMs: roundMs })
      if (!isBare) counts = run.counts
      if (round < warmUpCount) continue
      for (const latencyMs of run.latenciesMs) tallies[i].latenciesMs.push(latencyMs)
      tallies[i].elapsedMs += run.elapsedMs
      tallies[i].cpuS += usageOf(pid).cpuS - before.cpuS
    }
  }
  const written = ids.map((id, writer) => ({ id, count: counts[writer] }))
  await door.check(port, written)
  return findingsOf(door, tallies)
}

function findingsOf({ name }: Door, [own, bare]: readonly Tally[]): Finding[] {
  return [
    { name, value: rateOf(own), unit: 'k/s' },
    {
      name: `${name}, beside a bare handler`,
      value: (100 * rateOf(own)) / rateOf(bare),
      unit: '%',
      must: { atLeast: 60 },
    },
    { name: `${name}, until the answer`, ...waitOf(own), unit: 'ms' },
    { name: `${name}, until the answer of a bare handler`, ...waitOf(bare), unit: 'ms' },
    { name: `${name}, CPU`, value: cpuOf(own), unit: 'µs a request' },
    { name: `${name}, CPU of a bare handler`, value: cpuOf(bare), unit: 'µs a request' },
  ]
}

/** Thousands a second. */
function rateOf({ latenciesMs, elapsedMs }: Tally): number {
  return latenciesMs.length / elapsedMs
}

function waitOf({ latenciesMs }: Tally): { value: number; p99: number } {
  return { value: percentile(latenciesMs, 0.5), p99: percentile(latenciesMs, 0.99) }
}

function cpuOf({ latenciesMs, cpuS }: Tally): number {
  return (cpuS * 1e6) / latenciesMs.length
}

async function startOwn(belongings: AsyncDisposableStack): Promise<Omit<Target, 'isBare'>> {
  const { port, pid, stop } = await startSonde(await temporaryFolder(belongings))
  belongings.defer(stop)
  return { port, pid }
}

async function startBare(belongings: AsyncDisposableStack): Promise<Omit<Target, 'isBare'>> {
  const running = runProcess(process.execPath, [join(import.meta.dirname, 'bare-server.ts')])
  belongings.defer(() => running.stop())
  const urlOf = () => /serves (http:\/\/\S+)/.exec(running.printed())?.[1]
  await untilReady('The bare handler', running, async () => {
    const url = urlOf()
    return url !== undefined && (await answers(url))
  })
  return { port: Number(new URL(urlOf()!).port), pid: running.pid }
}
