import { describe, expect, it } from 'vitest'
import { checkPreconditions, rangeStillFits } from './preconditions.ts'

/** Modified half a second after 10:00:00. */
const VALIDATORS = { etag: '"abc"', modifiedMs: Date.UTC(2026, 0, 1, 10, 0, 0, 500) }
const BEFORE = 'Thu, 01 Jan 2026 09:59:59 GMT'
const AT = 'Thu, 01 Jan 2026 10:00:00 GMT'

describe('checkPreconditions', () => {
  it.each([
    [{}, 'go on'],
    [{ 'if-none-match': '"abc"' }, 'not modified'],
    [{ 'if-none-match': 'W/"abc"' }, 'not modified'],
    [{ 'if-none-match': '"x", "abc"' }, 'not modified'],
    [{ 'if-none-match': '*' }, 'not modified'],
    [{ 'if-none-match': '"x"' }, 'go on'],
    [{ 'if-none-match': '"x"', 'if-modified-since': AT }, 'go on'],
    [{ 'if-modified-since': AT }, 'not modified'],
    [{ 'if-modified-since': BEFORE }, 'go on'],
    [{ 'if-modified-since': 'yesterday' }, 'go on'],
    [{ 'if-match': '"abc"' }, 'go on'],
    [{ 'if-match': '*' }, 'go on'],
    [{ 'if-match': '"x"' }, 'failed'],
    [{ 'if-match': 'W/"abc"' }, 'failed'],
    [{ 'if-match': '"abc"', 'if-unmodified-since': BEFORE }, 'go on'],
    [{ 'if-unmodified-since': BEFORE }, 'failed'],
    [{ 'if-unmodified-since': AT }, 'go on'],
    [{ 'if-match': '"x"', 'if-none-match': '"abc"' }, 'failed'],
  ] as const)('%o: %s', (headers, expected) => {
    expect(checkPreconditions(headers, VALIDATORS)).toBe(expected)
  })
})

describe('rangeStillFits', () => {
  it.each([
    [undefined, true],
    ['"abc"', true],
    ['W/"abc"', false],
    ['"x"', false],
    [AT, true],
    [BEFORE, false],
    ['nonsense', false],
    [['"abc"'], false],
  ])('%s: %s', (ifRange, expected) => {
    expect(rangeStillFits(ifRange, VALIDATORS)).toBe(expected)
  })
})
