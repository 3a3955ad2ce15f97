/** Moments for an axis of times: round ones of the clock and calendar of a zone. */

export interface TimeTick {
  readonly timeMs: number
  readonly label: string
}

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const STEPS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR_MS),
  ...[1, 2, 4, 7, 14].map((count) => count * DAY_MS),
]
const MONTH_STEPS: readonly number[] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200]
const MONTH_MS = 30.5 * DAY_MS

/** At most `countMax` of them, from low to high. */
export function timeTicks(
  { fromMs, toMs }: { fromMs: number; toMs: number },
  { countMax, timeZone }: { countMax: number; timeZone: string },
): TimeTick[] {
  const clock = zoneClock(timeZone)
  const least = (toMs - fromMs) / Math.max(countMax, 1)
  const step = STEPS_MS.find((candidate) => candidate >= least)
  const wall =
    step === undefined
      ? monthStarts(clock.wallMs(fromMs), clock.wallMs(toMs), least / MONTH_MS)
      : multiples(clock.wallMs(fromMs), clock.wallMs(toMs), step)
  const ticks = wall.map((wallMs) => ({ timeMs: clock.timeMs(wallMs), label: labelOf(wallMs, step) }))
  return ticks.filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs)
}

function multiples(fromMs: number, toMs: number, stepMs: number): number[] {
  const first = Math.ceil(fromMs / stepMs)
  const count = Math.max(Math.floor(toMs / stepMs) - first + 1, 0)
  return Array.from({ length: count }, (_, i) => (first + i) * stepMs)
}

function monthStarts(fromMs: number, toMs: number, leastMonths: number): number[] {
  const step = MONTH_STEPS.find((candidate) => candidate >= leastMonths) ?? 1_200
  const starts: number[] = []
  const from = new Date(fromMs)
  const first = from.getUTCFullYear() * 12 + from.getUTCMonth()
  for (let month = Math.ceil(first / step) * step; ; month += step) {
    const startMs = Date.UTC(Math.floor(month / 12), month % 12)
    if (!(startMs <= toMs)) return starts
    starts.push(startMs)
  }
}

/** Midnights of finer steps show the day. */
function labelOf(wallMs: number, stepMs: number | undefined): string {
  const text = new Date(wallMs).toISOString()
  if (stepMs === undefined) return text.slice(0, 7)
  if (stepMs >= DAY_MS) return text.slice(0, 10)
  if (wallMs % DAY_MS === 0) return text.slice(5, 10)
  if (stepMs >= MINUTE_MS) return text.slice(11, 16)
  return stepMs >= SECOND_MS ? text.slice(11, 19) : text.slice(14, 23)
}

/** Between moments and what the clocks of a zone show, written as if it were UTC. */
function zoneClock(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const offsetMs = (timeMs: number): number => {
    const parts = Object.fromEntries(
      format.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]),
    )
    const { year, month, day, hour, minute, second } = parts
    const wallMs = Date.UTC(year, month - 1, day, hour, minute, second)
    return wallMs - Math.floor(timeMs / SECOND_MS) * SECOND_MS
  }
  return {
    wallMs: (timeMs: number) => timeMs + offsetMs(timeMs),
    /** The second look is right where the first guess lies on the other side of a change of clocks. */
    timeMs: (wallMs: number) => wallMs - offsetMs(wallMs - offsetMs(wallMs)),
  }
}
