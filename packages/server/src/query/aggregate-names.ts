/** The ways to make one value of many points. */
import { InvalidError } from '../errors.ts'

const AGGREGATE_NAMES = ['mean', 'min', 'max', 'sum', 'count', 'first', 'last', 'delta', 'increase'] as const

export type AggregateName = (typeof AGGREGATE_NAMES)[number]

/**
 * Reads `agg`: one name or several with commas between them. A name given twice counts once.
 * @throws {InvalidError} on `agg`.
 */
export function parseAggregates(text: string): AggregateName[] {
  const names = text.split(',').map((name) => {
    const known = AGGREGATE_NAMES.find((candidate) => candidate === name.trim())
    if (known === undefined) {
      throw InvalidError.field(
        'agg',
        `give one or more of ${AGGREGATE_NAMES.join(', ')}, with commas between`,
      )
    }
    return known
  })
  return [...new Set(names)]
}
