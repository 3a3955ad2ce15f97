/** The time zone that a caller names. */
import { InvalidError } from '../errors.ts'
import { findZoneClock, type ZoneClock } from '../model/zone-clock.ts'

/** @throws {InvalidError} on `tz`, which must be a name such as `Europe/Madrid`, not an offset. */
export function zoneClock(name: string): ZoneClock {
  const clock = findZoneClock(name)
  if (clock !== undefined) return clock
  throw InvalidError.field('tz', 'give the IANA name of a time zone, such as Europe/Madrid or UTC')
}
