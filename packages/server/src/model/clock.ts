/** The only source of "now", so that tests can stand still or move on as they please. */
export interface Clock {
  /** Microseconds since the Unix epoch. */
  nowUs(): number
}

export const systemClock: Clock = { nowUs: () => Date.now() * 1_000 }
