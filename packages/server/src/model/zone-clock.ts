/**
 * The clock on the wall of a time zone: spans of time over which its offset from UTC stays the same.
 *
 * Finding where an offset changes takes a tenth of a millisecond or more, so that spans once found are kept.
 * There are some hundred zones with at most some hundred changes each, which bounds what is kept.
 */
import type { Temporal } from 'temporal-polyfill'
import { temporal } from './temporal.ts'
import { US_PER_DAY, US_PER_MS } from './time.ts'

/** `fromUs <= time < toUs`; the first and the last span of a zone are open towards infinity. */
export interface OffsetSpan {
  readonly fromUs: number
  readonly toUs: number
  /** What to add to UTC to get the time on the wall. */
  readonly offsetUs: number
  /** The offset just before the span; its own for the first. */
  readonly previousOffsetUs: number
}

/** When a wall clock shows a time: usually once, and twice in an hour that it repeats. */
export interface WallMoments {
  readonly firstUs: number
  readonly secondUs: number | undefined
}

const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]*$/
const clocks = new Map<string, ZoneClock>()

/** By an IANA name such as `Europe/Madrid`, in any letter case; undefined when there is no such zone. */
export function findZoneClock(name: string): ZoneClock | undefined {
  const zone = ZONE_NAME.test(name) ? knownZone(name) : undefined
  if (zone === undefined) return undefined
  const clock = clocks.get(zone) ?? new ZoneClock(zone)
  clocks.set(zone, clock)
  return clock
}

/** The name in its usual letter case, or undefined when there is no such zone. */
function knownZone(name: string): string | undefined {
  try {
    return temporal().Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

export class ZoneClock {
  readonly name: string
  #spans: OffsetSpan[] = []

  constructor(name: string) {
    this.name = name
  }

  /** The span that holds a time. */
  at(timeUs: number): OffsetSpan {
    return this.#spans.find((span) => span.fromUs <= timeUs && timeUs < span.toUs) ?? this.#find(timeUs)
  }

  /** The span that follows one that does not end at infinity. */
  after(span: OffsetSpan): OffsetSpan {
    return this.at(span.toUs)
  }

  before(span: OffsetSpan): OffsetSpan {
    return this.at(span.fromUs - 1)
  }

  /**
   * When the wall clock first shows a time or, where it skips it, a later one. Of a repeated hour that is
   * the first pass. `localUs` counts as if the wall clock were UTC.
   */
  firstInstantUs(localUs: number): number {
    const span = this.#firstSpanShowing(localUs)
    return Math.max(span.fromUs, localUs - span.offsetUs)
  }

  /**
   * Every moment at which the wall clock shows a time. One that it skips is as late as it would have been
   * had nobody put the clock forward, so that times within the skipped hour stay apart.
   */
  momentsUs(localUs: number): WallMoments {
    const span = this.#firstSpanShowing(localUs)
    const instantUs = localUs - span.offsetUs
    if (instantUs < span.fromUs) return { firstUs: localUs - span.previousOffsetUs, secondUs: undefined }
    if (span.toUs === Number.POSITIVE_INFINITY) return { firstUs: instantUs, secondUs: undefined }
    const laterUs = localUs - this.after(span).offsetUs
    return { firstUs: instantUs, secondUs: laterUs >= span.toUs ? laterUs : undefined }
  }

  /** The first span in which the wall clock shows this time or a later one. */
  #firstSpanShowing(localUs: number): OffsetSpan {
    let span = this.at(localUs - US_PER_DAY)
    while (localUs - span.offsetUs >= span.toUs) span = this.after(span)
    return span
  }

  /** Offsets change at whole seconds, so that a look-up in milliseconds misses none. */
  #find(timeUs: number): OffsetSpan {
    const time = this.#zoned(Math.floor(timeUs / US_PER_MS))
    const start = this.#zoned(time.epochMilliseconds + 1).getTimeZoneTransition('previous')
    const end = time.getTimeZoneTransition('next')
    const offsetUs = offsetOf(time)
    const span = {
      fromUs: start === null ? Number.NEGATIVE_INFINITY : start.epochMilliseconds * US_PER_MS,
      toUs: end === null ? Number.POSITIVE_INFINITY : end.epochMilliseconds * US_PER_MS,
      offsetUs,
      previousOffsetUs: start === null ? offsetUs : offsetOf(this.#zoned(start.epochMilliseconds - 1)),
    }
    this.#spans.push(span)
    return span
  }

  #zoned(timeMs: number): Temporal.ZonedDateTime {
    return temporal().Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(this.name)
  }
}

function offsetOf(time: Temporal.ZonedDateTime): number {
  return time.offsetNanoseconds / 1_000
}
