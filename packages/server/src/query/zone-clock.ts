/**
 * The clock on the wall of a time zone: spans of time over which its offset from UTC stays the same.
 *
 * Finding where an offset changes takes a tenth of a millisecond or more, so that spans once found are kept.
 * There are some hundred zones with at most some hundred changes each, which bounds what is kept.
 */
import { Temporal } from 'temporal-polyfill'
import { InvalidError } from '../errors.ts'
import { US_PER_DAY, US_PER_MS } from '../model/time.ts'

/** `fromUs <= time < toUs`; the first and the last span of a zone are open towards infinity. */
export interface OffsetSpan {
  readonly fromUs: number
  readonly toUs: number
  /** What to add to UTC to get the time on the wall. */
  readonly offsetUs: number
  /** The offset just before the span; its own for the first. */
  readonly previousOffsetUs: number
}

const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]*$/
const clocks = new Map<string, ZoneClock>()

/** @throws {InvalidError} on `tz`, which must be a name such as `Europe/Madrid`, not an offset. */
export function zoneClock(name: string): ZoneClock {
  const zone = ZONE_NAME.test(name) ? knownZone(name) : undefined
  if (zone === undefined) {
    throw InvalidError.field('tz', 'give the IANA name of a time zone, such as Europe/Madrid or UTC')
  }
  const clock = clocks.get(zone) ?? new ZoneClock(zone)
  clocks.set(zone, clock)
  return clock
}

/** The name in its usual letter case, or undefined when there is no such zone. */
function knownZone(name: string): string | undefined {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId
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
    let span = this.at(localUs - US_PER_DAY)
    while (localUs - span.offsetUs >= span.toUs) span = this.after(span)
    return Math.max(span.fromUs, localUs - span.offsetUs)
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
    return Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(this.name)
  }
}

function offsetOf(time: Temporal.ZonedDateTime): number {
  return time.offsetNanoseconds / 1_000
}
