/** What tests of the parser see: points by the names that they will have, instead of columns. */
import { DEFAULT_LIMITS } from '../../config.ts'
import { LineParser } from './line-parser.ts'
import type { LineOptions, LineRejection } from './line-slice.ts'
import { parseSeries, seriesNameOf } from './series-name.ts'

export const NOW_US = Date.UTC(2026, 4, 1) * 1_000

export type ReadPoint = readonly [name: string, timeUs: number, value: number | string]

export interface ReadLines {
  /** Names are `device/variable`. */
  readonly points: readonly ReadPoint[]
  /** Line of each point. */
  readonly lines: readonly number[]
  readonly rejected: readonly LineRejection[]
  readonly rejectedCount: number
  readonly roundedCount: number
  readonly sliceCount: number
}

export function readLines(
  body: string | Uint8Array,
  options: Partial<LineOptions> = {},
  parser = new LineParser(DEFAULT_LIMITS),
): ReadLines {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body)
  const reader = parser.open(bytes, { projectId: 1, precision: 'us', nowUs: NOW_US, ...options })
  const read = { points: [] as ReadPoint[], lines: [] as number[], rejected: [] as LineRejection[] }
  const counts = { rejectedCount: 0, roundedCount: 0, sliceCount: 0 }
  while (!reader.isAtEnd) {
    const slice = reader.read()
    slice.fields.forEach((field, row) => {
      const series = parseSeries(slice.table.bytesOf(slice.table.parent(field)))
      if (typeof series === 'string') throw new TypeError(series)
      const { device, variable } = seriesNameOf(series, slice.table.bytesOf(field))
      const value = slice.texts.get(row) ?? slice.values[row]
      read.points.push([`${device}/${variable}`, slice.timesUs[row], value])
    })
    read.lines.push(...slice.lines)
    read.rejected.push(...slice.rejected)
    counts.rejectedCount += slice.rejectedCount
    counts.roundedCount += slice.roundedCount
    counts.sliceCount++
  }
  return { ...read, ...counts }
}
