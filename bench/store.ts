/** The embedded points store without a network: ingest with an fdatasync before every ack, then queries. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChunkStore } from '../packages/server/src/points/chunk/chunk-store.ts'
import { ALL_TIME } from '../packages/server/src/points/point-store.ts'
import { type Finding, median } from './report.ts'
import { batches, START_US, STEP_US, type Workload } from './workload.ts'

const WRITERS = 4
const SMALL_WRITERS = 64
const QUERY_RUNS = 30

export async function benchStore(workload: Workload): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-bench-'))
  try {
    const findings = await ingest(folder, workload)
    const store = await ChunkStore.open({ folder })
    findings.push(...(await queries(store, workload)))
    findings.push(...(await merged(store)), ...(await queries(store, workload, ', merged')))
    findings.push(...(await smallWrites(store, workload)))
    await store.close()
    return findings
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function ingest(folder: string, workload: Workload): Promise<Finding[]> {
  const prepared = [...batches(workload)]
  const store = await ChunkStore.open({ folder })
  const start = performance.now()
  const cpuStart = process.cpuUsage()
  const next = prepared.values()
  const writer = async () => {
    for (const batch of next) await store.append(batch)
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  const writtenMs = performance.now() - start
  await store.flush()
  const { user, system } = process.cpuUsage(cpuStart)
  const { pointCount, diskBytes } = await store.stats()
  await store.close()
  return [
    { name: 'bulk ingest', value: pointCount / writtenMs / 1_000, unit: 'M values/s' },
    { name: 'CPU', value: (user + system) / pointCount, unit: 's per M values' },
    { name: 'on disk', value: diskBytes / pointCount, unit: 'B/value' },
  ]
}

async function merged(store: ChunkStore): Promise<Finding[]> {
  const start = performance.now()
  await store.merge()
  const elapsedMs = performance.now() - start
  const { pointCount, diskBytes } = await store.stats()
  return [
    { name: 'merge', value: pointCount / elapsedMs / 1_000, unit: 'M values/s' },
    { name: 'on disk, merged', value: diskBytes / pointCount, unit: 'B/value' },
  ]
}

async function queries(store: ChunkStore, workload: Workload, suffix = ''): Promise<Finding[]> {
  const endUs = START_US + workload.pointsPerStream * STEP_US
  const streamIds = Uint32Array.from(
    { length: workload.deviceCount * workload.metricsPerDevice },
    (_, i) => i + 1,
  )
  const perDevice = {
    streamIds,
    groups: streamIds.map((_, i) => Math.floor(i / workload.metricsPerDevice)),
    groupCount: workload.deviceCount,
    edgesUs: Float64Array.of(START_US, endUs),
  }
  const cut = { ...perDevice, edgesUs: Float64Array.of(START_US + STEP_US * 7.5, endUs - STEP_US * 7.5) }
  const hourUs = 3_600_000_000
  const hours = Float64Array.from(
    { length: Math.ceil((endUs - START_US) / hourUs) + 1 },
    (_, i) => START_US + i * hourUs,
  )
  const one = { streamIds: Uint32Array.of(5), groups: Uint32Array.of(0), groupCount: 1, edgesUs: hours }
  const findings = [
    await timed('last of one stream', async () => store.latest(Uint32Array.of(5))),
    await timed('raw hour of one stream', () => store.readRange(5, { fromUs: endUs - hourUs, toUs: endUs })),
    await timed('hourly mean of one stream', () => store.aggregate(one)),
    await timed('mean per device, whole range', () => store.aggregate(perDevice)),
    await timed('mean per device, range that cuts chunks', () => store.aggregate(cut)),
    await timed('last of all streams', async () => store.latest(streamIds)),
    await timed('all points of one stream', () => store.readRange(5, ALL_TIME)),
  ]
  return findings.map((finding) => ({ ...finding, name: finding.name + suffix }))
}

async function timed(name: string, query: () => Promise<unknown>): Promise<Finding> {
  const runsMs = []
  for (let run = 0; run < QUERY_RUNS; run++) {
    const start = performance.now()
    await query()
    runsMs.push(performance.now() - start)
  }
  return { name, value: median(runsMs), unit: 'ms' }
}

async function smallWrites(store: ChunkStore, workload: Workload): Promise<Finding[]> {
  const perWriter = Math.min(500, workload.pointsPerStream)
  const startUs = START_US + workload.pointsPerStream * STEP_US
  const start = performance.now()
  const writer = async (streamId: number) => {
    for (let i = 0; i < perWriter; i++) {
      await store.append({
        streamIds: Uint32Array.of(streamId),
        timesUs: Float64Array.of(startUs + i * STEP_US),
        values: Float64Array.of(i),
      })
    }
  }
  await Promise.all(Array.from({ length: SMALL_WRITERS }, (_, i) => writer(i + 1)))
  const elapsedMs = performance.now() - start
  return [
    { name: 'one-value writes, 64 writers', value: (SMALL_WRITERS * perWriter) / elapsedMs, unit: 'k/s' },
  ]
}
