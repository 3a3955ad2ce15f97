import { describe, expect, it } from 'vitest'
import { InvalidError } from '../../errors.ts'
import { answerKey, type ParameterSources, readParameters } from './parameters.ts'

const RANGE = ['date', 'end_date']

function read(
  { url = '/', contentType, body }: Partial<ParameterSources>,
  known = RANGE,
): Record<string, string> {
  return Object.fromEntries(readParameters({ url, contentType, body }, known))
}

const json = (body: string) => ({ contentType: 'application/json', body })
const form = (body: string) => ({ contentType: 'application/x-www-form-urlencoded; charset=utf-8', body })

describe('readParameters', () => {
  it.each([
    ['/p?date=2019-09-11+10%3A45%3A00', { date: '2019-09-11 10:45:00' }],
    ['/p?date=2019-09-11%2012:%', { date: '2019-09-11 12:%' }],
    ['/p?date=2019-09-11+12:%&end_date=%25', { date: '2019-09-11 12:%', end_date: '%' }],
    ['/p?date=%zz%4', { date: '%zz%4' }],
    ['/p?date=', { date: '' }],
    ['/p?date', { date: '' }],
    ['/p?', {}],
    ['/p', {}],
  ])('reads the query string of %s', (url, expected) => {
    expect(read({ url })).toEqual(expected)
  })

  it.each([
    ['JSON', json('{"date":"a","end_date":"b"}'), { date: 'a', end_date: 'b' }],
    ['JSON numbers', json('{"date":2019}'), { date: '2019' }],
    ['JSON null as left out', json('{"date":null}'), {}],
    ['JSON with a suffix', { contentType: 'application/x+json', body: '{"date":"a"}' }, { date: 'a' }],
    ['an empty JSON body', json(''), {}],
    ['an empty JSON object', json(' {} '), {}],
    ['a form', form('date=a+b&end_date=%25'), { date: 'a b', end_date: '%' }],
    ['an empty form', form(''), {}],
    ['no body at all', { contentType: 'application/json', body: undefined }, {}],
    ['a body of another type as nothing', { contentType: 'text/plain', body: 'date=a' }, {}],
    ['a body without a type as nothing', { body: '{"date":"a"}' }, {}],
  ])('reads %s', (_, sources, expected) => {
    expect(read(sources)).toEqual(expected)
  })

  it('prefers the query string, name by name', () => {
    expect(read({ url: '/p?date=query', ...json('{"date":"body","end_date":"body"}') })).toEqual({
      date: 'query',
      end_date: 'body',
    })
  })

  it.each([
    ['an unknown name in the query', { url: '/p?date=a&x=1' }, 'Unknown parameter "x"'],
    ['an unknown name in JSON', json('{"x":"1"}'), 'Unknown parameter "x"'],
    ['an unknown name in a form', form('x=1'), 'Unknown parameter "x"'],
    ['a name of Object', { url: '/p?__proto__=1' }, 'Unknown parameter "__proto__"'],
    ['a name given twice', { url: '/p?date=a&date=b' }, 'Parameter "date" is given twice'],
    ['broken JSON', json('{"date":'), 'The body is not valid JSON'],
    ['a JSON list', json('["date"]'), 'The body must be a JSON object'],
    ['a JSON null', json('null'), 'The body must be a JSON object'],
    ['a value that is a list', json('{"date":["a"]}'), 'Parameter "date" must be a text'],
    ['a value that is a flag', json('{"date":true}'), 'Parameter "date" must be a text'],
  ])('refuses %s', (_, sources, message) => {
    expect(() => read(sources)).toThrow(new InvalidError(message))
  })
})

describe('answerKey', () => {
  const key = (sources: Partial<ParameterSources>) =>
    answerKey('/p', readParameters({ url: '/', contentType: undefined, body: undefined, ...sources }, RANGE))

  it('is the same for parameters that came another way or in another order', () => {
    const expected = key({ url: '/p?date=a&end_date=b' })
    expect(key({ url: '/p?end_date=b&date=%61' })).toBe(expected)
    expect(key({ url: '/p?end_date=b', ...json('{"date":"a"}') })).toBe(expected)
    expect(key(form('end_date=b&date=a'))).toBe(expected)
  })

  it('differs when a value or the path differs', () => {
    const parameters = new Map([['date', 'a']])
    const keys = [
      answerKey('/p', parameters),
      answerKey('/q', parameters),
      answerKey('/p', new Map([['date', 'b']])),
      answerKey('/p', new Map([['end_date', 'a']])),
      answerKey('/p', new Map()),
      answerKey('/p', new Map([['date', '","']])),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })
})
