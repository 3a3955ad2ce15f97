/** How much history the demo writes, and how close its points are. */
import { STREAM_COUNT } from './fleet.ts'
import { DAY_MS, MINUTE_MS } from './weather.ts'

export interface DemoPlan {
  /** Round moments: multiples of the step. */
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  readonly stepMs: number
  readonly pointCount: number
}

const STEPS_MINUTES = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1_440]
const POINTS_MAX = 100_000_000

/** The number of points that may be written; a string is why it is none. */
export function planLimit(pointsMax: number): number | string {
  if (Number.isInteger(pointsMax) && pointsMax >= STREAM_COUNT && pointsMax <= POINTS_MAX) return pointsMax
  return `--points-max takes ${STREAM_COUNT} to ${POINTS_MAX}`
}

/** The smallest round step with which the days have no more points than that; else fewer days. */
export function planDemo({
  nowMs,
  days,
  pointsMax,
}: {
  nowMs: number
  days: number
  pointsMax: number
}): DemoPlan {
  const momentsMax = Math.floor(pointsMax / STREAM_COUNT)
  const rangeMs = days * DAY_MS
  const minutes = STEPS_MINUTES.find((candidate) => rangeMs / (candidate * MINUTE_MS) <= momentsMax)
  const stepMs = (minutes ?? 1_440) * MINUTE_MS
  const toMs = Math.floor(nowMs / stepMs) * stepMs
  const momentCount = Math.min(Math.floor(rangeMs / stepMs), momentsMax)
  return { fromMs: toMs - momentCount * stepMs, toMs, stepMs, pointCount: momentCount * STREAM_COUNT }
}
