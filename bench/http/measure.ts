/** Takes one database through everything: idle, bulk load, settling, questions, small writes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { endS, makeIotData, valueCount } from '../load/iot-data.ts'
import { Loader } from '../load/loader.ts'
import type { Database, RunningDatabase } from '../peers/database.ts'
import type { Finding } from '../report.ts'
import type { Workload } from '../workload.ts'
import { askAll, expectCount } from './ask.ts'
import { temporaryFolder, withCleanup } from './cleanup.ts'
import type { Plan } from './plan.ts'
import { residentBytes, usageOf, watchPeak } from './process-tree.ts'

export interface Measured {
  readonly name: string
  /** Of what was measured, where that is a program. */
  readonly version?: string
  readonly findings: readonly Finding[]
}

/** What one phase needs of the others. */
interface Trial {
  readonly database: Database
  readonly running: RunningDatabase
  readonly loader: Loader
  readonly plan: Plan
}

const MB = 1_000_000
const SINGLE_WRITERS = 64
const BESIDE_WRITERS = 16

/** @throws {LoadError} the database does not start, refuses a write or answers wrongly. */
export function measure(database: Database, plan: Plan): Promise<Measured> {
  return withCleanup(async (belongings) => {
    const { workload, tell } = plan
    const folder = await temporaryFolder(belongings)
    tell(`${database.name}: starting`)
    const running = await database.start(folder, workload)
    belongings.defer(() => running.stop())
    await sleep(plan.idleMs)
    const idle: Finding = {
      name: 'memory, idle on an empty folder',
      value: residentBytes(running.pid) / MB,
      unit: 'MB',
      must: { atMost: 90 },
    }
    const loader = new Loader(database.name, belongings)
    const trial = { database, running, loader, plan }
    const findings = await loaded(trial)
    const data = makeIotData(workload)
    tell(`${database.name}: asking`)
    findings.push(...(await askAll({ database, port: running.port }, data, plan)))
    findings.push(...(await singles(trial)))
    findings.push(idle)
    return { name: database.name, version: running.version, findings }
  })
}

async function loaded({ database, running, loader, plan }: Trial): Promise<Finding[]> {
  const { workload, tell } = plan
  tell(`${database.name}: making ${(valueCount(workload) / 1e6).toFixed(1)} M values`)
  await loader.run({ kind: 'prepare', workload, arrival: 'in-order' })
  tell(`${database.name}: loading`)
  const load = await watchLoad(running, () => loader.run({ kind: 'bulk', port: running.port, space: 'iot' }))
  const count = load.count
  await expectCount({ database, port: running.port }, { space: 'iot', workload, count })
  const loadedBytes = await running.sizeBytes()
  tell(`${database.name}: settling`)
  await running.settle()
  const settledBytes = await running.sizeBytes()
  return [
    {
      name: 'bulk load',
      value: count / load.elapsedMs / 1_000,
      unit: 'M values/s',
      must: { atLeast: 7 },
    },
    { name: 'CPU of the bulk load', value: (load.cpuS / count) * 1e6, unit: 's per M values' },
    {
      name: 'memory, peak of the bulk load',
      value: load.peakBytes / MB,
      unit: 'MB',
      must: { atMost: 400 },
    },
    { name: 'written to the disk by the bulk load', value: load.writtenBytes / count, unit: 'B/value' },
    { name: 'on disk, right after it', value: loadedBytes / count, unit: 'B/value' },
    { name: 'on disk, settled', value: settledBytes / count, unit: 'B/value', must: { atMost: 0.85 } },
  ]
}

export interface WatchedLoad {
  readonly count: number
  /** Until everything can be read. */
  readonly elapsedMs: number
  readonly cpuS: number
  readonly peakBytes: number
  readonly writtenBytes: number
}

export async function watchLoad(
  running: RunningDatabase,
  load: () => Promise<{ count: number; elapsedMs: number }>,
): Promise<WatchedLoad> {
  const before = usageOf(running.pid)
  const peak = watchPeak(running.pid)
  const { count, elapsedMs } = await load()
  const start = performance.now()
  await running.makeVisible()
  const visibleMs = performance.now() - start
  const after = usageOf(running.pid)
  return {
    count,
    elapsedMs: elapsedMs + visibleMs,
    cpuS: after.cpuS - before.cpuS,
    peakBytes: peak.end(),
    writtenBytes: after.writtenBytes - before.writtenBytes,
  }
}

async function singles({ database, running, loader, plan }: Trial): Promise<Finding[]> {
  const { workload, singlesMs, tell } = plan
  const { port } = running
  tell(`${database.name}: one-value writes`)
  const single = await loader.run({
    kind: 'singles',
    port,
    space: 'single',
    writerCount: SINGLE_WRITERS,
    fromS: endS(workload),
    durationMs: singlesMs,
  })
  await expectCount({ database, port }, { space: 'single', workload, count: single.totalCount })
  tell(`${database.name}: one-value writes beside a bulk load`)
  const beside = await loader.run({
    kind: 'beside',
    port,
    writerCount: BESIDE_WRITERS,
    fromS: afterSingles(workload),
  })
  await running.makeVisible()
  const count = single.totalCount + beside.singles.totalCount
  await expectCount({ database, port }, { space: 'single', workload, count })
  await expectCount({ database, port }, { space: 'beside', workload, count: beside.bulk.count })
  return [
    {
      name: 'one-value writes, 64 connections',
      value: single.count / single.elapsedMs,
      unit: 'k/s',
      must: { atLeast: 52 },
    },
    { name: 'one-value writes, until the answer', value: single.p50Ms, p99: single.p99Ms, unit: 'ms' },
    {
      name: '16 small writers beside a bulk load',
      value: beside.singles.count / beside.singles.elapsedMs,
      unit: 'k/s',
      must: { atLeast: 10 },
    },
    {
      name: 'small writers beside a bulk load, until 99 of 100 answers',
      value: beside.singles.p99Ms,
      unit: 'ms',
      must: { atMost: 25 },
    },
    {
      name: 'bulk load beside small writers',
      value: beside.bulk.count / beside.bulk.elapsedMs / 1_000,
      unit: 'M values/s',
    },
  ]
}

/** Later than any one-value write so far; a writer sends one per second of its own time. */
function afterSingles(workload: Workload): number {
  return endS(workload) + 1_000_000
}
