/** The clock on the wall beside the meter: local dates of the CSV to points in time. */
import { US_PER_MS } from '../../model/time.ts'
import { WallTimes } from '../../model/wall-times.ts'
import { zoneClock } from '../../query/zone-clock.ts'

/** Reads the dates of one file in their order, which tells the two passes of a repeated hour apart. */
export class MeterClock {
  readonly #times: WallTimes

  /** @throws {InvalidError} there is no such time zone. */
  constructor(timeZone: string) {
    this.#times = new WallTimes(zoneClock(timeZone))
  }

  /** Microseconds since the Unix epoch of a `YYYY-MM-DD HH:MM:SS`. */
  readUs(date: string): number {
    return this.#times.readUs(Date.parse(`${date.replace(' ', 'T')}Z`) * US_PER_MS)
  }
}
