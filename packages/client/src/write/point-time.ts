/** Times as they are given with points, as whole microseconds since 1970. */

const US_PER_MS = 1_000
const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d+))?)?(Z|[+-]\d{2}:?\d{2})?$/i

/**
 * A Date, milliseconds since 1970 with or without a fraction, or ISO 8601, in UTC when it names no zone. Digits
 * behind the microsecond are dropped. Undefined is no time.
 */
export function pointTimeUs(time: Date | number | string): number | undefined {
  if (typeof time === 'string') return isoTimeUs(time)
  const timeUs = Math.round(Number(time) * US_PER_MS)
  return Number.isSafeInteger(timeUs) ? timeUs : undefined
}

function isoTimeUs(text: string): number | undefined {
  const match = ISO.exec(text.trim())
  if (match === null) return undefined
  const [, date, time = '00:00', fraction = '', zone = 'Z'] = match
  const seconds = time.length === 5 ? `${time}:00` : time
  const wholeMs = Date.parse(`${date}T${seconds}${zoneOf(zone)}`)
  // February has no 30th day; Date takes it for one of March.
  const isDay = new Date(`${date}T00:00:00Z`).getUTCDate() === Number(date.slice(-2))
  if (Number.isNaN(wholeMs) || !isDay) return undefined
  return wholeMs * US_PER_MS + Number(fraction.padEnd(6, '0').slice(0, 6))
}

function zoneOf(zone: string): string {
  return zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()
}
