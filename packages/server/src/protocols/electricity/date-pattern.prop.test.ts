import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { simplifyDatePattern } from './date-pattern.ts'

const database = new Database(':memory:')
afterAll(() => database.close())
const like = database.prepare('select ? like ?').pluck()

/** LIKE by its definition: whether the rest of the pattern matches the rest of the text. */
function matches(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  const [head] = pattern
  const tail = pattern.slice(1)
  if (head === '%') return matches(tail, text) || (text !== '' && matches(pattern, text.slice(1)))
  if (text === '') return false
  if (head === '_') return matches(tail, text.slice(1))
  if (head === '\\' && tail !== '') return tail[0] === text[0] && matches(tail.slice(1), text.slice(1))
  return head === text[0] && matches(tail, text.slice(1))
}

const dates = fc
  .date({ min: new Date('2019-01-01T00:00:00Z'), max: new Date('2021-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 19).replace('T', ' '))

/** A date in which some characters gave way to wildcards, escapes and noise: many of these match. */
const nearPatterns = (date: string) =>
  fc
    .array(fc.constantFrom('keep', 'keep', 'keep', '_', '%', 'drop', 'escape', '\\', 'x', '0'), {
      minLength: date.length,
      maxLength: date.length,
    })
    .map((choices) =>
      choices
        .map((choice, at) => {
          if (choice === 'keep') return date[at]
          if (choice === 'drop') return at % 2 ? '%' : ''
          return choice === 'escape' ? `\\${date[at]}` : choice
        })
        .join(''),
    )

it('matches in the database what the definition of the pattern says', () => {
  const cases = dates.chain((date) => fc.tuple(fc.constant(date), fc.oneof(nearPatterns(date), fc.string())))
  fc.assert(
    fc.property(cases, ([date, pattern]) => {
      const simple = simplifyDatePattern(pattern)
      const found = simple !== undefined && like.get(date, simple) === 1
      expect(found).toBe(matches(pattern, date))
    }),
    { numRuns: 2_000 },
  )
})

it('keeps every simplified pattern short', () => {
  const wild = fc
    .array(fc.constantFrom('%', '_', '0', '\\0', '-'), { maxLength: 60 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(wild, (pattern) => {
      expect((simplifyDatePattern(pattern) ?? '').length).toBeLessThanOrEqual(39)
    }),
  )
})
