import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError, InvalidError } from '../errors.ts'
import { formatIsoUs, TIME_US_MAX, TIME_US_MIN } from '../model/time.ts'
import { parseTimeUs } from './time-range.ts'

/** Noon of the Sunday on which clocks were put forward in Europe, in the hour before. */
const NOW = Date.UTC(2024, 2, 31, 10) * 1_000

function parse(text: string, timeZone = 'UTC', nowUs = NOW): string {
  return formatIsoUs(parseTimeUs(text, { field: 'start', nowUs, timeZone }))
}

describe('a time of a query', () => {
  it('is ISO 8601', () => {
    expect(parse('2024-05-01T10:20:30.123456Z')).toBe('2024-05-01T10:20:30.123456Z')
    expect(parse('2024-05-01T10:20:30+02:00')).toBe('2024-05-01T08:20:30Z')
    expect(parse('2024-05-01T10:20:30 02:00')).toBe('2024-05-01T08:20:30Z')
    expect(parse(' 2024-05-01 ')).toBe('2024-05-01T00:00:00Z')
  })

  it('is in the zone of the query when the text names none', () => {
    expect(parse('2024-05-01', 'Europe/Madrid')).toBe('2024-04-30T22:00:00Z')
    expect(parse('2024-05-01 10:20', 'Asia/Kathmandu')).toBe('2024-05-01T04:35:00Z')
    expect(parse('2024-05-01T10:20:30.5', 'America/New_York')).toBe('2024-05-01T14:20:30.500000Z')
    for (const text of ['2024-05-01T10:20:30Z', '2024-05-01T12:20:30+02', '2024-05-01T12:20:30 02:00']) {
      expect(parse(text, 'America/New_York')).toBe('2024-05-01T10:20:30Z')
    }
  })

  it('is the first pass of an hour that the clock repeats, and the end of one that it skips', () => {
    expect(parse('2024-10-27T02:30', 'Europe/Madrid')).toBe('2024-10-27T00:30:00Z')
    expect(parse('2024-03-31T02:30', 'Europe/Madrid')).toBe('2024-03-31T01:00:00Z')
    expect(parse('2024-10-06T02:10', 'Australia/Lord_Howe')).toBe('2024-10-05T15:30:00Z')
  })

  it('is milliseconds since the epoch', () => {
    expect(parse('1491943049608')).toBe('2017-04-11T20:37:29.608000Z')
    expect(parse('1491943049608.972')).toBe('2017-04-11T20:37:29.608972Z')
    expect(parse('1491943049608.9')).toBe('2017-04-11T20:37:29.608900Z')
    expect(parse('-0.001')).toBe('1969-12-31T23:59:59.999999Z')
    expect(parse('0')).toBe('1970-01-01T00:00:00Z')
  })

  it('goes back from now: by the clock up to hours, on the calendar from days on', () => {
    expect(parse('now')).toBe('2024-03-31T10:00:00Z')
    expect(parse('-250ms')).toBe('2024-03-31T09:59:59.750000Z')
    expect(parse('-30s')).toBe('2024-03-31T09:59:30Z')
    expect(parse('-15m')).toBe('2024-03-31T09:45:00Z')
    expect(parse('-24h', 'Europe/Madrid')).toBe('2024-03-30T10:00:00Z')
    expect(parse('-1d', 'Europe/Madrid')).toBe('2024-03-30T11:00:00Z')
    expect(parse('-1d')).toBe('2024-03-30T10:00:00Z')
    expect(parse('-1w', 'Europe/Madrid')).toBe('2024-03-24T11:00:00Z')
    expect(parse('-1mo')).toBe('2024-02-29T10:00:00Z')
    expect(parse('-2y')).toBe('2022-03-31T10:00:00Z')
  })

  it('keeps the microseconds of now', () => {
    expect(parse('-1d', 'Europe/Madrid', NOW + 123_457)).toBe('2024-03-30T11:00:00.123457Z')
  })

  it('is refused by the name of its field', () => {
    const refused = (text: string, reason: RegExp) => {
      expect(() => parse(text)).toThrow(InvalidError)
      expect(() => parse(text)).toThrow(reason)
    }
    for (const text of ['', 'yesterday', '24h', '- 24h', '2024-13-01', '2024-02-30', '1e3', '-1h30m']) {
      refused(text, /^start: give ISO 8601/)
    }
    refused('1491943049608972', /^start: lies outside .* milliseconds/)
    refused('-99999y', /outside of the years/)
    refused('-9999999999999999999999d', /outside of the years/)
    refused('-9999999999999999h', /outside of the years/)
  })

  it('is a time within the years 1 to 9999 or refused, whatever the text', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.nat(), fc.constantFrom('ms', 's', 'm', 'h', 'd', 'w', 'mo', 'y'))
        .map(([n, u]) => `-${n}${u}`),
      fc.double().map(String),
    )
    fc.assert(
      fc.property(text, fc.constantFrom('UTC', 'Europe/Madrid', 'Asia/Kathmandu'), (text, timeZone) => {
        try {
          const timeUs = parseTimeUs(text, { field: 'end', nowUs: NOW, timeZone })
          expect(Number.isInteger(timeUs)).toBe(true)
          expect(timeUs).toBeGreaterThanOrEqual(TIME_US_MIN)
          expect(timeUs).toBeLessThanOrEqual(TIME_US_MAX)
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
        }
      }),
      { numRuns: 300 },
    )
  })
})
