import { parse as parseCsv } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PointValue } from '../model/point-batch.ts'
import { formatIsoUs } from '../model/time.ts'
import { type AnswerFormatName, renderAnswer } from './answer-format.ts'
import { ask, collect, type PointRow, type Query, storeWith, stream } from './query.fixture.ts'

/** One row, however it was written: time, device, variable, stream, then values and own times by name. */
type Row = Record<string, PointValue | null>

const names = fc.string({ unit: 'grapheme', maxLength: 12 }).map((name) => `${name}!`)
const values = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1_000, max: 1_000 }).map((value) => value / 100),
  // As CSV has no types, a text here is never one that a number could have.
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `${text}§`),
)
const times = fc.integer({ min: -5_000_000, max: 5_000_000 })
const points = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), times, values), { maxLength: 30 })
const queries = fc.constantFrom<Omit<Query, 'streams'>>(
  {},
  { limit: '2' },
  { agg: 'last' },
  { agg: 'first,mean,count,last' },
  { agg: 'first,delta', by: 'device', start: '-2000' },
  { every: '1s', agg: 'sum,increase,last', by: 'none' },
  { every: '1500ms', fill: 'previous', agg: 'last,count', by: 'variable' },
  { every: '700ms', fill: 'null' },
)

describe('formats', () => {
  it('tell the same rows', async () => {
    await fc.assert(
      fc.asyncProperty(points, queries, names, names, async (points, query, deviceName, variableName) => {
        const store = await storeWith(points satisfies PointRow[])
        const streams = [
          { ...stream(1), deviceName, variableName },
          { ...stream(2, { variable: 2 }), deviceName },
          stream(3, { device: 2 }),
        ]
        const text = async (format: AnswerFormatName) => {
          const answer = await ask(store, { streams, ...query })
          return Buffer.concat(await collect(renderAnswer(answer, format))).toString()
        }
        const rows = rowsOfNdjson(await text('ndjson'))
        expect(rowsOfJson(await text('json'))).toEqual(rows)
        expect(rowsOfCsv(await text('csv'))).toEqual(rows.map(asCsvCells))
      }),
      { numRuns: 200 },
    )
  })
})

function rowsOfNdjson(text: string): Row[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

interface JsonResult {
  readonly device?: string
  readonly variable?: string
  readonly stream?: string
  readonly times: number[]
  readonly values: PointValue[] | Record<string, PointValue[]>
  readonly value_times?: Record<string, number[]>
}

function rowsOfJson(text: string): Row[] {
  const { results } = JSON.parse(text) as { results: JsonResult[] }
  return results.flatMap(({ device = null, variable = null, stream = null, times, values, value_times }) =>
    times.map((timeMs, row) => {
      const found: Row = { time: isoOfMs(timeMs), device, variable, stream }
      const byName = Array.isArray(values) ? { value: values } : values
      for (const [name, column] of Object.entries(byName)) found[name] = column[row]
      for (const [name, column] of Object.entries(value_times ?? {}))
        found[`${name}_time`] = isoOfMs(column[row])
      return found
    }),
  )
}

function isoOfMs(timeMs: number): string {
  return formatIsoUs(Math.round(timeMs * 1_000))
}

function rowsOfCsv(text: string): Record<string, string>[] {
  return parseCsv(text, { columns: true, record_delimiter: '\r\n' })
}

/** Numbers as their text, nothing as an empty cell, and the guard against formulas. */
function asCsvCells(row: Row): Record<string, string> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => {
      if (typeof value === 'number') return [key, Object.is(value, -0) ? '-0' : String(value)]
      return [key, /^[=+\-@\t\r\n]/.test(value ?? '') && !/_?time$/.test(key) ? `'${value}` : (value ?? '')]
    }),
  )
}
