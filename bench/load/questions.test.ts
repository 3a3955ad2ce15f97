import { describe, expect, it } from 'vitest'
import { START_S } from './iot-data.ts'
import { differenceOf, expectedAnswers, type QuestionKind, questionOf } from './questions.ts'

/** Two devices with two metrics, 40 steps: device 1 has 100 more than device 0, metric 1 is the negative. */
const data = {
  workload: { deviceCount: 2, metricsPerDevice: 2, pointsPerStream: 40 },
  cents: Int32Array.from({ length: 160 }, (_, at) => {
    const step = Math.floor(at / 4)
    const value = step + (at % 4 >= 2 ? 100 : 0)
    return (at % 2 === 0 ? value : -value) * 100
  }),
}
const expected = expectedAnswers(data)
const answer = (kind: QuestionKind) => {
  const { fromS, toS } = questionOf(kind, 0, data)
  return expected({ kind, device: 1, metric: 0, fromS, toS })
}

describe('expected answers', () => {
  it.each<[QuestionKind, number[]]>([
    ['last', [139]],
    ['hourly-mean', [START_S, 119.5]],
    ['five-minute-max', [129, 139, -100, -130]],
    ['device-means', [19.5, 119.5]],
    // Steps 5 to 35: bounds lie half a step beside them.
    ['device-means-cut', [19.5 + 0.5, 119.5 + 0.5]],
    ['metric-sum', [40 * 19.5 + 40 * 119.5]],
    ['device-lasts', [39, 139]],
  ])('of %s come from the data', (kind, numbers) => {
    expect(answer(kind)).toEqual(numbers)
  })

  it('of a raw hour are times and values', () => {
    expect(answer('raw-hour')).toHaveLength(80)
    expect(answer('raw-hour').slice(0, 4)).toEqual([START_S, 100, START_S + 10, 101])
  })

  it('of an export are all values of one metric after the other', () => {
    expect(answer('export').slice(39, 41)).toEqual([139, -100])
  })
})

describe('differences', () => {
  const difference = (kind: QuestionKind, found: number[], keptTo = 0) =>
    differenceOf(kind, { expected: [5.81, 3], found, keptTo })

  it.each<[string, QuestionKind, number[], string | undefined]>([
    ['the same numbers', 'last', [5.81, 3], undefined],
    ['too few', 'last', [5.81], '1 numbers instead of 2'],
    [
      'a value one bit off',
      'last',
      [5.8100000000000005, 3],
      'number 1 is 5.8100000000000005 instead of 5.81',
    ],
    ['a mean one bit off', 'device-means', [5.8100000000000005, 3], undefined],
    ['another mean', 'device-means', [5.81, 3.0001], 'number 2 is 3.0001 instead of 3'],
    ['no number', 'device-means', [Number.NaN, 3], 'number 1 is NaN instead of 5.81'],
  ])('%s', (_, kind, found, text) => {
    expect(difference(kind, found)).toBe(text)
  })

  it('let a database be as exact as it says', () => {
    expect(difference('last', [5.8100000000000005, 3], 1e-15)).toBeUndefined()
  })
})
