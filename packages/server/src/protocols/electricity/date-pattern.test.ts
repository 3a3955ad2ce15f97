import { describe, expect, it } from 'vitest'
import { simplifyDatePattern } from './date-pattern.ts'

describe('simplifyDatePattern', () => {
  it.each([
    ['2019-09-11 10:45:00', '2019-09-11 10:45:00'],
    ['2019-09-11_0_:00:00', '2019-09-11_0_:00:00'],
    ['%', '%'],
    ['%%%:00%%', '%:00%'],
    ['%_%', '%_%'],
    ['2019-09%', '2019-09%'],
    ['\\2019-09-11 10:45:0\\0', '2019-09-11 10:45:00'],
    ['%'.repeat(100), '%'],
  ])('keeps the meaning of %j', (pattern, expected) => {
    expect(simplifyDatePattern(pattern)).toBe(expected)
  })

  it.each([
    ['nothing', ''],
    ['a date without its time', '2019-09-11'],
    ['one character too many', '2019-09-11 10:45:000'],
    ['one character too many beside a run', `%${'_'.repeat(20)}`],
    ['a letter', '2019-09-11T10:45:00'],
    ['an escaped wildcard', '2019-09-11 10:45:0\\_'],
    ['an escaped escape', '%\\\\'],
    ['an escape at the end', '2019-09-11 10:45:0\\'],
    ['an escape after a run', '%\\'],
    ['SQL', "%' or '1'='1"],
    ['another digit', '%٣'],
  ])('finds that %s matches no date', (_, pattern) => {
    expect(simplifyDatePattern(pattern)).toBeUndefined()
  })
})
