/** The time column of a CSV file: from its texts to points in time. */
import { parseIsoUs } from '../model/time.ts'
import { WallTimes } from '../model/wall-times.ts'
import type { ZoneClock } from '../model/zone-clock.ts'
import { compileTimePattern } from './csv-time-pattern.ts'

/** Microseconds since the Unix epoch, or undefined when a text is no time of the column's format. */
export type TimeReader = (text: string) => number | undefined

/**
 * Places that a decimal point moves to the right from a unit to microseconds. The text is read, not a
 * number made of it, because nanoseconds since 1970 have more digits than a double.
 */
const EPOCH_PLACES: Readonly<Record<string, number>> = { s: 6, ms: 3, us: 0, ns: -3 }
const EPOCH = /^(-?)(\d{1,25})(?:\.(\d{1,25}))?$/

/**
 * Reads a column's format: `iso`, a unit of epoch numbers (`s`, `ms`, `us`, `ns`), or a pattern. Times
 * without a zone are those of `zone`. What is returned makes a reader for each series of rows, because the
 * row before tells the two passes of a repeated hour apart.
 * @throws {InvalidError} on `time_format`: a malformed pattern.
 */
export function parseTimeFormat(format: string, zone: ZoneClock): () => TimeReader {
  if (format === 'iso') {
    return () => {
      const wall = new WallTimes(zone)
      return (text) => parseIsoUs(text, (localUs) => wall.readUs(localUs))
    }
  }
  if (Object.hasOwn(EPOCH_PLACES, format)) return () => (text) => epochUs(text, EPOCH_PLACES[format])
  const readWallTime = compileTimePattern(format)
  return () => {
    const wall = new WallTimes(zone)
    return (text) => {
      const localUs = readWallTime(text)
      return localUs === undefined ? undefined : wall.readUs(localUs)
    }
  }
}

/** Digits beyond the microsecond are dropped. */
function epochUs(text: string, places: number): number | undefined {
  const match = EPOCH.exec(text)
  if (!match) return undefined
  const [, sign, whole, fraction = ''] = match
  const digits = places < 0 ? whole.slice(0, places) : whole + fraction.slice(0, places).padEnd(places, '0')
  return Number(sign + (digits || '0')) + 0
}
