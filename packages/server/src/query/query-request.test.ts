import { describe, expect, it } from 'vitest'
import { parseQuery } from './query-request.ts'

const NOW_US = Date.UTC(2024, 4, 1, 12) * 1_000

describe('query parameters', () => {
  it('ask for all raw points of each stream by default', () => {
    const nothing = {
      startUs: undefined,
      endUs: undefined,
      every: undefined,
      timeZone: 'UTC',
      aggregates: [],
      by: 'stream',
      fill: undefined,
      limit: undefined,
    }
    expect(parseQuery({}, NOW_US)).toEqual(nothing)
    const empty = { start: '', end: '', every: '', agg: '', by: '', fill: '', limit: '', tz: '' }
    expect(parseQuery(empty, NOW_US)).toEqual(nothing)
  })

  it('are read all together', () => {
    const parameters = {
      start: '2024-05-01',
      end: 'now',
      every: '15m',
      agg: 'min,max',
      by: 'device',
      fill: 'linear',
      limit: '10',
      tz: 'europe/madrid',
    }
    expect(parseQuery(parameters, NOW_US)).toEqual({
      startUs: Date.UTC(2024, 3, 30, 22) * 1_000,
      endUs: NOW_US,
      every: { count: 15, unit: 'm' },
      timeZone: 'Europe/Madrid',
      aggregates: ['min', 'max'],
      by: 'device',
      fill: 'linear',
      limit: 10,
    })
  })

  it('mean the mean when they name a width only', () => {
    expect(parseQuery({ every: '1h' }, NOW_US).aggregates).toEqual(['mean'])
  })

  it('are refused with the field and the reason', () => {
    const refused = (parameters: object, message: RegExp) =>
      expect(() => parseQuery(parameters, NOW_US)).toThrow(message)
    refused({ start: 'soon' }, /^start: give ISO 8601/)
    refused({ end: 'soon' }, /^end: give ISO 8601/)
    refused({ start: 'now', end: '-1h' }, /^end: must be later than start/)
    refused({ start: 'now', end: 'now' }, /^end: must be later than start/)
    refused({ every: 'hour' }, /^every: /)
    refused({ agg: 'median' }, /^agg: /)
    refused({ by: 'project', agg: 'mean' }, /^by: must be one of stream, device, variable, none/)
    refused({ by: 'device' }, /^by: needs `agg` or `every`/)
    refused({ fill: 'zero', every: '1h' }, /^fill: must be one of null, previous, linear/)
    refused({ fill: 'null', agg: 'mean' }, /^fill: needs `every`/)
    refused({ tz: 'Local' }, /^tz: give the IANA name/)
    for (const limit of ['0', '-1', '1.5', 'all', '99999999999999999']) {
      refused({ limit }, /^limit: must be a whole number from 1/)
    }
  })
})
