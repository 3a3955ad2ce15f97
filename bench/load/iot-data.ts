/**
 * The values behind the benchmarks over the network, and what every question about them must be answered.
 * Values are held as hundredths, in the order in which they are sent: by step, device and metric.
 */
import { START_US, STEP_US, seeded, type Workload } from '../workload.ts'

export const START_S = START_US / 1_000_000
export const STEP_S = STEP_US / 1_000_000

export interface IotData {
  readonly workload: Workload
  readonly cents: Int32Array
}

export function makeIotData(workload: Workload): IotData {
  const streamCount = workload.deviceCount * workload.metricsPerDevice
  const random = seeded(1)
  const walk = Int32Array.from({ length: streamCount }, () => Math.floor(random() * 10_000))
  const cents = new Int32Array(streamCount * workload.pointsPerStream)
  for (let at = 0; at < cents.length; ) {
    for (let stream = 0; stream < streamCount; stream++) {
      walk[stream] += Math.floor(random() * 51) - 25
      cents[at++] = walk[stream]
    }
  }
  return { workload, cents }
}

export function endS({ pointsPerStream }: Workload): number {
  return START_S + pointsPerStream * STEP_S
}

/** A line holds all metrics of a device at one time. */
export function lineCount({ deviceCount, pointsPerStream }: Workload): number {
  return deviceCount * pointsPerStream
}

export function valueCount(workload: Workload): number {
  return lineCount(workload) * workload.metricsPerDevice
}

export function deviceName(device: number): string {
  return `device-${String(device).padStart(5, '0')}`
}

export function metricName(metric: number): string {
  return `metric_${metric}`
}

export function metricNames({ metricsPerDevice }: Workload): string[] {
  return Array.from({ length: metricsPerDevice }, (_, metric) => metricName(metric))
}

/** The number in the name of a device, a metric, or anything that ends in one. */
export function numberIn(name: string): number {
  return Number(/\d+$/.exec(name)?.[0])
}

/** Values of one metric of one device, within a range of steps. */
export function valuesOf(
  { workload: { deviceCount, metricsPerDevice }, cents }: IotData,
  { device, metric, from, to }: { device: number; metric: number; from: number; to: number },
): Float64Array {
  const values = new Float64Array(Math.max(0, to - from))
  for (let step = from; step < to; step++) {
    values[step - from] = cents[(step * deviceCount + device) * metricsPerDevice + metric] / 100
  }
  return values
}
