import { describe, expect, it } from 'vitest'
import { InvalidError } from '../errors.ts'
import { parseAggregates } from './aggregate-names.ts'

describe('agg', () => {
  it('takes one name or several', () => {
    expect(parseAggregates('mean')).toEqual(['mean'])
    expect(parseAggregates('min, max,increase')).toEqual(['min', 'max', 'increase'])
  })

  it('counts a name given twice once', () => {
    expect(parseAggregates('last,first,last')).toEqual(['last', 'first'])
  })

  it('refuses other names and empty ones', () => {
    for (const text of ['average', 'MEAN', 'mean,', '', 'min;max', 'toString']) {
      expect(() => parseAggregates(text)).toThrow(InvalidError)
    }
    expect(() => parseAggregates('avg')).toThrow(/^agg: .*mean, min, max, sum/)
  })
})
