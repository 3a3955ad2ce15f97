/** The clock on the wall beside the meter: local dates of the CSV to points in time. */
import { US_PER_MS } from '../../model/time.ts'
import { type ZoneClock, zoneClock } from '../../query/zone-clock.ts'

/**
 * Reads the dates of one file in their order. When the clocks go back an hour repeats: the first row of a
 * date is the first pass, later ones are the second. A date that the clocks jumped over is the moment of it.
 */
export class MeterClock {
  readonly #zone: ZoneClock
  /** Dates of repeated hours that were read already. */
  #seen = new Set<string>()

  /** @throws {InvalidError} there is no such time zone. */
  constructor(timeZone: string) {
    this.#zone = zoneClock(timeZone)
  }

  /** Microseconds since the Unix epoch of a `YYYY-MM-DD HH:MM:SS`. */
  readUs(date: string): number {
    const localUs = Date.parse(`${date.replace(' ', 'T')}Z`) * US_PER_MS
    const firstUs = this.#zone.firstInstantUs(localUs)
    const secondUs = this.#secondInstantUs(localUs, firstUs)
    if (secondUs === undefined) return firstUs
    if (this.#seen.has(date)) return secondUs
    this.#seen.add(date)
    return firstUs
  }

  /** When the clock on the wall shows a time once more, if it does. */
  #secondInstantUs(localUs: number, firstUs: number): number | undefined {
    const span = this.#zone.at(firstUs)
    if (span.toUs === Number.POSITIVE_INFINITY) return undefined
    const instantUs = localUs - this.#zone.after(span).offsetUs
    return instantUs >= span.toUs ? instantUs : undefined
  }
}
