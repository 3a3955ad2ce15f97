/**
 * The data that every benchmark runs on: devices with a few metrics each, one point per metric every ten
 * seconds, values that walk at random with two decimals. The same seed gives the same points.
 */
import type { PointBatch } from '../packages/server/src/model/point-batch.ts'

export interface Workload {
  readonly deviceCount: number
  readonly metricsPerDevice: number
  readonly pointsPerStream: number
}

/** 20 million values of 10,000 streams. */
export const FULL: Workload = { deviceCount: 1_000, metricsPerDevice: 10, pointsPerStream: 2_000 }
/** Enough to warm up, over in seconds. */
export const USUAL: Workload = { deviceCount: 200, metricsPerDevice: 10, pointsPerStream: 1_000 }
/** For the tests, which only see that a benchmark runs. */
export const TINY: Workload = { deviceCount: 4, metricsPerDevice: 2, pointsPerStream: 50 }

export const START_US = Date.UTC(2026, 0, 1) * 1_000
export const STEP_US = 10_000_000

/** Numbers between 0 and 1, the same ones for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Batches in the order of time; each holds some steps of all streams. Streams count from 1. */
export function* batches(workload: Workload, rowsPerBatch = 50_000): Generator<PointBatch> {
  const streamCount = workload.deviceCount * workload.metricsPerDevice
  const random = seeded(1)
  const cents = Int32Array.from({ length: streamCount }, () => Math.floor(random() * 10_000))
  const stepsPerBatch = Math.max(1, Math.floor(rowsPerBatch / streamCount))
  for (let step = 0; step < workload.pointsPerStream; step += stepsPerBatch) {
    const stepCount = Math.min(stepsPerBatch, workload.pointsPerStream - step)
    const rowCount = stepCount * streamCount
    const batch = {
      streamIds: new Uint32Array(rowCount),
      timesUs: new Float64Array(rowCount),
      values: new Float64Array(rowCount),
    }
    for (let row = 0; row < rowCount; row++) {
      const stream = row % streamCount
      cents[stream] += Math.floor(random() * 51) - 25
      batch.streamIds[row] = stream + 1
      batch.timesUs[row] = START_US + (step + Math.floor(row / streamCount)) * STEP_US
      batch.values[row] = cents[stream] / 100
    }
    yield batch
  }
}
