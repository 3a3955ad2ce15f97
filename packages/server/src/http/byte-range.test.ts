import { describe, expect, it } from 'vitest'
import { parseRange } from './byte-range.ts'

describe('parseRange of a file of 100 bytes', () => {
  it.each([
    [undefined, 'whole'],
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=10-19', { start: 10, end: 20 }],
    ['Bytes = 10-19', { start: 10, end: 20 }],
    ['bytes=90-', { start: 90, end: 100 }],
    ['bytes=90-500', { start: 90, end: 100 }],
    ['bytes=-10', { start: 90, end: 100 }],
    ['bytes=-500', { start: 0, end: 100 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=100-200', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=200-, 300-', 'unsatisfiable'],
    ['bytes=0-4,5-9', { start: 0, end: 10 }],
    ['bytes=5-9, 0-6', { start: 0, end: 10 }],
    ['bytes=0-4, 200-', { start: 0, end: 5 }],
    ['bytes=0-4,10-14', 'whole'],
    [`bytes=${Array.from({ length: 21 }, (_, index) => `${index}-${index}`)}`, 'whole'],
    ['bytes=9-5', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=a-b', 'whole'],
    ['bytes=', 'whole'],
    ['lines=0-4', 'whole'],
    ['bytes=0-99999999999999999999', 'whole'],
  ])('%s', (header, expected) => {
    expect(parseRange(header, 100)).toEqual(expected)
  })

  it('finds nothing in an empty file', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable')
  })
})
