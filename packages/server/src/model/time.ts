/** Points in time: integer microseconds since the Unix epoch, UTC, and the texts that stand for them. */

export const US_PER_MS = 1_000
export const US_PER_S = 1_000_000
export const US_PER_MIN = 60 * US_PER_S
export const US_PER_HOUR = 60 * US_PER_MIN
export const US_PER_DAY = 24 * US_PER_HOUR

/** The last microsecond that a text can name: 9999-12-31T23:59:59.999999Z. */
export const TIME_US_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999) * US_PER_MS + 999
/** The first one: 0001-01-01T00:00:00Z. */
export const TIME_US_MIN = Date.parse('0001-01-01T00:00:00Z') * US_PER_MS

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/

/**
 * Reads ISO 8601 date-times and bare dates. Digits beyond the microsecond are dropped. A blank where an
 * unencoded `+` of a zone stood (`…T10:00:00 02:00`) is repaired. A time without a zone is UTC, unless
 * `instantOfLocalUs` knows when a wall clock shows it, given what it would be in UTC.
 * @returns microseconds, or undefined when the text is no such time.
 */
export function parseIsoUs(
  text: string,
  instantOfLocalUs = (localUs: number) => localUs,
): number | undefined {
  const match = ISO.exec(text.trim().replace(/(:\d{2}(?:[.,]\d+)?) (\d{2}:?\d{2})$/, '$1+$2'))
  if (!match) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] = match
  if (Number(month) < 1 || Number(month) > 12 || Number(hour) > 23 || Number(minute) > 59) return undefined
  if (Number(second) > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (date.getUTCDate() !== Number(day)) return undefined
  const secondOfDay = (Number(hour) * 60 + Number(minute)) * 60 + Number(second)
  const fractionUs = Number(fraction.padEnd(6, '0').slice(0, 6))
  const localUs = date.getTime() * US_PER_MS + secondOfDay * US_PER_S + fractionUs
  if (zone === undefined) return instantOfLocalUs(localUs)
  const zoneUs = zoneOffsetUs(zone)
  return zoneUs === undefined ? undefined : localUs - zoneUs
}

function zoneOffsetUs(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || '0')
  if (hours > 23 || minutes > 59) return undefined
  return (zone[0] === '-' ? -1 : 1) * (hours * US_PER_HOUR + minutes * US_PER_MIN)
}

/** `2017-04-11T20:37:29Z`, with six more digits when the microseconds are not zero. */
export function formatIsoUs(timeUs: number): string {
  const wholeSeconds = Math.floor(timeUs / US_PER_S)
  const restUs = timeUs - wholeSeconds * US_PER_S
  const text = new Date(wholeSeconds * 1_000).toISOString().slice(0, -5)
  return restUs === 0 ? `${text}Z` : `${text}.${String(restUs).padStart(6, '0')}Z`
}
