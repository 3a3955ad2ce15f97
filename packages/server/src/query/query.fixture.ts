/** What the tests of this folder share: streams with names, a store with points, and answers as plain rows. */
import { PointBatchBuilder, type PointValue } from '../model/point-batch.ts'
import { formatIsoUs, parseIsoUs } from '../model/time.ts'
import { MemoryStore } from '../points/memory-store.ts'
import { type Pages, type QueryAnswer, type SeriesLabels, seriesOfLot } from './query-answer.ts'
import { parseQuery, type QueryParameters } from './query-request.ts'
import { QueryService } from './query-service.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'

/** Noon, the clock of all queries here. */
export const NOW_US = Date.UTC(2024, 4, 1, 12) * 1_000

/** Stream `id` of device and variable with the given numbers, in project 1. */
export function stream(id: number, { device = 1, variable = 1, project = 1 } = {}): StreamDescriptor {
  return {
    id,
    slug: `s--${id}`,
    projectSlug: `p--${project}`,
    projectName: `Project ${project}`,
    deviceSlug: device === 0 ? undefined : `d--${device}`,
    deviceName: device === 0 ? undefined : `Device ${device}`,
    variableSlug: `v--${project}--${variable}`,
    variableName: `variable${variable}`,
  }
}

export type PointRow = readonly [streamId: number, time: string | number, value: PointValue]

/** Times are ISO 8601 or microseconds. */
export async function storeWith(rows: readonly PointRow[]): Promise<MemoryStore> {
  const builder = new PointBatchBuilder()
  for (const [streamId, time, value] of rows) builder.add(streamId, toUs(time), value)
  const store = new MemoryStore()
  await store.append(builder.take())
  return store
}

export function toUs(time: string | number): number {
  return typeof time === 'number' ? time : (parseIsoUs(time) ?? Number.NaN)
}

export interface Query extends QueryParameters {
  readonly streams: readonly StreamDescriptor[]
  readonly queryCellsMax?: number
}

export function ask(store: MemoryStore, query: Query): Promise<QueryAnswer> {
  const service = new QueryService(store, { queryCellsMax: query.queryCellsMax ?? 1_000_000 })
  return service.run(parseQuery(query, NOW_US), query.streams)
}

/** Time as ISO 8601, then the values; own times follow their value. */
export type AnswerRow = (PointValue | null)[]

export interface AnswerSeries {
  readonly labels: SeriesLabels
  readonly rows: AnswerRow[]
}

export async function seriesOf(answer: QueryAnswer): Promise<AnswerSeries[]> {
  const found: AnswerSeries[] = []
  for await (const lot of answer.series) {
    for (const { labels, pages } of seriesOfLot(lot)) found.push({ labels, rows: await rowsIn(pages()) })
  }
  return found
}

async function rowsIn(pages: Pages): Promise<AnswerRow[]> {
  const rows: AnswerRow[] = []
  for await (const { timesUs, columns } of pages) {
    timesUs.forEach((timeUs, row) => {
      const cells = columns.flatMap(({ values, texts, ownTimesUs }) => {
        const value = texts?.get(row) ?? (Number.isNaN(values[row]) ? null : values[row])
        return ownTimesUs ? [value, formatIsoUs(ownTimesUs[row])] : [value]
      })
      rows.push([formatIsoUs(timeUs), ...cells])
    })
  }
  return rows
}

/** The rows of each series, in order. */
export async function rowsOf(store: MemoryStore, query: Query): Promise<AnswerRow[][]> {
  return (await seriesOf(await ask(store, query))).map(({ rows }) => rows)
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}
