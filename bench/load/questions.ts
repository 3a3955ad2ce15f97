/**
 * What is asked of every database, and the right answers. An answer is a list of numbers in an order that does
 * not depend on who gave it; each database's file says how its own form is read.
 */
import { endS, type IotData, START_S, STEP_S, valueCount, valuesOf } from './iot-data.ts'

export type QuestionKind =
  | 'last'
  | 'raw-hour'
  | 'hourly-mean'
  | 'five-minute-max'
  | 'device-means'
  | 'device-means-cut'
  | 'metric-sum'
  | 'device-lasts'
  | 'export'

export interface Question {
  readonly kind: QuestionKind
  readonly device: number
  readonly metric: number
  /** Included, seconds since 1970. */
  readonly fromS: number
  /** Not included. */
  readonly toS: number
}

export const QUESTION_KINDS: readonly QuestionKind[] = [
  'last',
  'raw-hour',
  'hourly-mean',
  'five-minute-max',
  'device-means',
  'device-means-cut',
  'metric-sum',
  'device-lasts',
  'export',
]

const OVER_DEVICES: ReadonlySet<QuestionKind> = new Set([
  'device-means',
  'device-means-cut',
  'metric-sum',
  'device-lasts',
])

const SUMS_TO = 1e-9

export const HOUR_S = 3_600
export const FIVE_MINUTES_S = 300

/** The question of a kind for a call; another device and metric at each call, so that no answer is kept ready. */
export function questionOf(kind: QuestionKind, call: number, { workload }: IotData): Question {
  const device = (call * 37 + 5) % workload.deviceCount
  const metric = (call * 7) % workload.metricsPerDevice
  const whole = { kind, device, metric, fromS: START_S, toS: endS(workload) }
  const rangeS = whole.toS - whole.fromS
  if (kind === 'raw-hour') {
    const hours = Math.max(1, Math.floor(rangeS / HOUR_S))
    const fromS = START_S + (call % hours) * HOUR_S
    return { ...whole, fromS, toS: Math.min(fromS + HOUR_S, whole.toS) }
  }
  if (kind === 'device-means-cut') {
    // Half a step beside the points, so that no bound falls on one of them.
    const cutS = Math.floor(workload.pointsPerStream / 10) * STEP_S + STEP_S / 2
    return { ...whole, fromS: START_S + cutS, toS: whole.toS - cutS }
  }
  return whole
}

/** Finds right answers. Those over all devices take long, and come again with the same metric: these are kept. */
export function expectedAnswers(data: IotData): (question: Question) => readonly number[] {
  const known = new Map<string, readonly number[]>()
  return (question) => {
    const { kind, metric } = question
    if (!OVER_DEVICES.has(kind)) return expectedAnswer(data, question)
    const key = `${kind} ${metric}`
    const answer = known.get(key) ?? expectedAnswer(data, question)
    known.set(key, answer)
    return answer
  }
}

/** The numbers that a right answer has. */
function expectedAnswer(data: IotData, { kind, device, metric, fromS, toS }: Question): number[] {
  const { deviceCount, metricsPerDevice, pointsPerStream } = data.workload
  const from = Math.max(0, Math.ceil((fromS - START_S) / STEP_S))
  const to = Math.min(pointsPerStream, Math.ceil((toS - START_S) / STEP_S))
  const one = () => valuesOf(data, { device, metric, from, to })
  const ofDevice = (each: number) => valuesOf(data, { device: each, metric, from, to })
  const ofMetric = (each: number) => valuesOf(data, { device, metric: each, from, to })
  const devices = Array.from({ length: deviceCount }, (_, each) => each)
  const metrics = Array.from({ length: metricsPerDevice }, (_, each) => each)
  switch (kind) {
    case 'last':
      return [valuesOf(data, { device, metric, from: to - 1, to })[0]]
    case 'raw-hour':
      return [...one()].flatMap((value, i) => [START_S + (from + i) * STEP_S, value])
    case 'hourly-mean':
      return buckets(one(), HOUR_S / STEP_S).flatMap((values, i) => [START_S + i * HOUR_S, mean(values)])
    case 'five-minute-max':
      return metrics.flatMap((each) =>
        buckets(ofMetric(each), FIVE_MINUTES_S / STEP_S).map((values) => Math.max(...values)),
      )
    case 'device-means':
    case 'device-means-cut':
      return devices.map((each) => mean(ofDevice(each)))
    case 'metric-sum':
      return [devices.reduce((total, each) => total + sum(ofDevice(each)), 0)]
    case 'device-lasts':
      return devices.map((each) => valuesOf(data, { device: each, metric, from: to - 1, to })[0])
    case 'export':
      return metrics.flatMap((each) => [...ofMetric(each)])
  }
}

/** Sums and means may differ in the order of additions, everything else only where values are not kept exactly. */
function isExact(kind: QuestionKind): boolean {
  return !['hourly-mean', 'device-means', 'device-means-cut', 'metric-sum'].includes(kind)
}

/** How many values an answer to this question carries; 0 where the rate does not matter. */
export function exportedValues(kind: QuestionKind, { workload }: IotData): number {
  return kind === 'export' ? valueCount(workload) / workload.deviceCount : 0
}

/**
 * A sentence about the first difference, or undefined when there is none. `keptTo` is the relative error
 * with which a database keeps values.
 */
export function differenceOf(
  kind: QuestionKind,
  { expected, found, keptTo }: { expected: readonly number[]; found: readonly number[]; keptTo: number },
): string | undefined {
  if (found.length !== expected.length) return `${found.length} numbers instead of ${expected.length}`
  const allowed = isExact(kind) ? keptTo : SUMS_TO
  for (const [at, right] of expected.entries()) {
    // Written so that NaN counts as a difference.
    if (Math.abs(found[at] - right) <= allowed * Math.max(1, Math.abs(right))) continue
    return `number ${at + 1} is ${found[at]} instead of ${right}`
  }
  return undefined
}

function buckets(values: Float64Array, size: number): Float64Array[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
    values.subarray(i * size, (i + 1) * size),
  )
}

function sum(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}

function mean(values: Float64Array): number {
  return sum(values) / values.length
}
