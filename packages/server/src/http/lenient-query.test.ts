import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLenientQuery } from './lenient-query.ts'

describe('lenient query parser', () => {
  it.each<[text: string, parameters: Record<string, string>]>([
    ['', {}],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=1&a=2', { a: '1' }],
    ['a&b=', { a: '', b: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=x+y%20z', { a: 'x y z' }],
    ['a=100%', { a: '100%' }],
    ['end=12:%&start=1%zz', { end: '12:%', start: '1%zz' }],
    ['a=%25', { a: '%' }],
    ['a=%2', { a: '%2' }],
    ['a=%C3%BC+ü', { a: 'ü ü' }],
    ['a=%FF', { a: '\ufffd' }],
    ['__proto__=1', { ['__proto__']: '1' }],
  ])('reads %j', (text, parameters) => {
    expect({ ...parseLenientQuery(text) }).toEqual(parameters)
  })

  it('undoes what the standard encoder does, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(parseLenientQuery(`a=${encodeURIComponent(text)}`).a).toBe(text)
        parseLenientQuery(text)
      }),
    )
  })
})
