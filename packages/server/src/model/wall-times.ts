/** Times that somebody read off the clock on the wall, row after row, to points in time. */
import type { ZoneClock } from './zone-clock.ts'

/**
 * Reads the times of one series in the order of its rows, which tells the two passes of a repeated hour
 * apart: of the two moments the one is meant that goes on from the row before. In a file that runs forward
 * that is the first pass, and the second one as soon as a time is not later than the row before; in one
 * that runs backward it is the other way round.
 */
export class WallTimes {
  readonly #zone: ZoneClock
  #lastUs: number | undefined
  /** Steps forward less steps back: below zero the file runs backward. */
  #balance = 0

  constructor(zone: ZoneClock) {
    this.#zone = zone
  }

  /** Microseconds since the Unix epoch; `localUs` counts as if the wall clock were UTC. */
  readUs(localUs: number): number {
    const { firstUs, secondUs } = this.#zone.momentsUs(localUs)
    const timeUs = secondUs === undefined ? firstUs : this.#choose(firstUs, secondUs)
    this.#balance += Math.sign(timeUs - (this.#lastUs ?? timeUs))
    this.#lastUs = timeUs
    return timeUs
  }

  #choose(firstUs: number, secondUs: number): number {
    if (this.#lastUs === undefined) return firstUs
    if (this.#balance < 0) return secondUs < this.#lastUs ? secondUs : firstUs
    return firstUs > this.#lastUs ? firstUs : secondUs
  }
}
